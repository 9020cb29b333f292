// SPDX-License-Identifier: Apache-2.0
// Saving and loading the weights of an online model.
#include <algorithm>
#include <string>
#include <utility>

#include "model/online/online_model.hpp"
#include "model/online/weight_file.hpp"

namespace ssmz::model {

std::vector<std::uint8_t> OnlineModel::save_weights() {
  const std::size_t d = config_.d_model;
  WeightFile file;
  file.metadata = {
      {"format", "ssmz-model"}, {"stack", normal_stack_text(config_.stack)}, {"d_model", std::to_string(d)}};
  const float* parameters = published_[current_].parameters.data();
  for (const ParameterSpec& spec : stack_->parameters().specs()) {
    const float* from = parameters + spec.offset;
    file.tensors.push_back({spec.name, spec.shape, std::vector<float>(from, from + spec.size)});
    // A file without gaps that lies like the parameters in memory, so that Model reads it in place.
    const std::size_t gap = round_up16(spec.size) - spec.size;
    if (gap > 0) file.tensors.push_back({"fill." + spec.name, {gap}, std::vector<float>(gap)});
  }
  Tensor embedding{"embedding", {config_.embedding_rows, d}, {}};
  for (std::uint32_t r = 0; r < config_.embedding_rows; ++r) {
    const float* row = embedding_.row(r);
    embedding.values.insert(embedding.values.end(), row, row + d);
  }
  Tensor weight{"head.weight", {config_.head_nodes, d}, {}}, bias{"head.bias", {config_.head_nodes}, {}};
  for (std::uint32_t node = 0; node < config_.head_nodes; ++node) {
    const float* row = head_.row(node);
    weight.values.insert(weight.values.end(), row, row + d);
    bias.values.push_back(row[d]);
  }
  for (Tensor* tensor : {&embedding, &weight, &bias}) file.tensors.push_back(std::move(*tensor));
  return encode_weights(file);
}

std::optional<Failure> OnlineModel::load_weights(std::span<const std::uint8_t> bytes) {
  const std::size_t d = config_.d_model;
  const auto decoded = decode_weights(bytes);
  if (!decoded.ok()) return decoded.failure();
  const WeightFile& file = decoded.value();
  if (normal_stack_text(file.note("stack")) != normal_stack_text(config_.stack))
    return Failure{"the weights are of another stack: " + file.note("stack")};
  AlignedVector<float> parameters(stack_->sizes().parameters);
  for (const ParameterSpec& spec : stack_->parameters().specs()) {
    const Tensor* tensor = file.find(spec.name, spec.shape);
    if (tensor == nullptr) return Failure{"the weights lack " + spec.name + " of the right shape"};
    std::copy(tensor->values.begin(), tensor->values.end(), parameters.begin() + spec.offset);
  }
  const Tensor* embedding = file.find("embedding", {config_.embedding_rows, d});
  const Tensor* weight = file.find("head.weight", {config_.head_nodes, d});
  const Tensor* bias = file.find("head.bias", {config_.head_nodes});
  if (embedding == nullptr || weight == nullptr || bias == nullptr) {
    return Failure{"the weights' embedding or head are missing or of another shape"};
  }
  drop_training();
  trainer_.load(parameters.data());
  for (PublishedWeights& published : published_) trainer_.publish(published);
  for (std::uint32_t r = 0; r < config_.embedding_rows; ++r) {
    const float* row = embedding->values.data() + r * d;
    embedding_.set(r, row);
    trainer_.embedding().set(r, row);
  }
  AlignedVector<float> row(head_stride(d));
  for (std::uint32_t node = 0; node < config_.head_nodes; ++node) {
    std::copy_n(weight->values.data() + node * d, d, row.data());
    row[d] = bias->values[node];
    head_.set(node, row.data());
    trainer_.head().set(node, row.data());
  }
  return std::nullopt;
}

void OnlineModel::drop_training() {
  worker_.wait();
  in_training_ = false;
  start_chunk();
}

}  // namespace ssmz::model
