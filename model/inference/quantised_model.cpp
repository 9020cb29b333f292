// SPDX-License-Identifier: Apache-2.0
// Models in 8 bits: made from others, written and read.
#include <algorithm>
#include <new>
#include <utility>

#include "model/inference/model.hpp"

namespace ssmz::model {
namespace {

constexpr const char* kScales = ".scales";

/// The scales of an array in I8, or nullptr.
const TensorView* scales_of(const WeightIndex& index, const std::string& name,
                            const std::vector<std::size_t>& shape) {
  const TensorView* scales = index.find(name + kScales, shape);
  return scales != nullptr && scales->type == NumberType::f32 ? scales : nullptr;
}

Failure lacks_scales(const std::string& name) { return Failure{"the file lacks the scales of " + name}; }

std::int8_t code_in(const TensorView& tensor, std::size_t i) {
  // -128 is no code: products of pairs are bounded by 127.
  return std::max<std::int8_t>(static_cast<std::int8_t>(tensor.bytes[i]), -127);
}

/// Adds a map's codes and scales, row-major or (`transposed`) column after column.
void append(WeightFile& file, const std::string& name, Int8Map map, bool transposed) {
  const std::size_t groups = int8_groups(map.rows());
  Tensor codes{name, {map.rows(), map.cols()}, {}, {}}, scales{name + kScales, {groups, map.cols()}, {}, {}};
  if (transposed) {
    std::swap(codes.shape[0], codes.shape[1]);
    std::swap(scales.shape[0], scales.shape[1]);
  }
  const auto each = [&](std::size_t rows, auto visit) {
    for (std::size_t i = 0; i < rows * map.cols(); ++i) {
      transposed ? visit(i % rows, i / rows) : visit(i / map.cols(), i % map.cols());
    }
  };
  each(map.rows(), [&](std::size_t r, std::size_t c) { codes.codes.push_back(map.code(r, c)); });
  each(groups, [&](std::size_t g, std::size_t c) { scales.values.push_back(map.scale(g * kInt8Group, c)); });
  file.tensors.push_back(std::move(scales));
  file.tensors.push_back(std::move(codes));
}

}  // namespace

std::optional<Failure> Model::take_map(const WeightIndex& index, const ParameterSpec& spec) {
  const TensorView* codes = index.find(spec.name);
  if (!spec.map || spec.shape.size() != 2) return Failure{spec.name + " cannot be in 8 bits"};
  const std::size_t rows = spec.shape[0], cols = spec.shape[1], groups = int8_groups(rows);
  const TensorView* scales = scales_of(index, spec.name, {groups, cols});
  if (scales == nullptr) return lacks_scales(spec.name);
  std::vector<float> numbers(groups * cols);
  read_numbers(*scales, numbers.data());
  Int8Map map(rows, cols);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      map.code(r, c) = code_in(*codes, r * cols + c);
      map.scale(r, c) = numbers[r / kInt8Group * cols + c];
    }
  }
  maps_.add(spec.offset, std::move(map));
  return std::nullopt;
}

std::optional<Failure> Model::take_rows(const WeightIndex& index, const TensorView& rows) {
  const TensorView* scales = scales_of(index, rows.name, {rows_, int8_groups(d_)});
  if (scales == nullptr) return lacks_scales(rows.name);
  row_codes_.resize(rows_ * d_);
  for (std::size_t i = 0; i < row_codes_.size(); ++i) row_codes_[i] = code_in(rows, i);
  row_scales_.resize(scales->count());
  read_numbers(*scales, row_scales_.data());
  return std::nullopt;
}

std::optional<Failure> Model::take_head(const WeightIndex& index, const TensorView& head) {
  const std::size_t groups = int8_groups(d_);
  const TensorView* scales = scales_of(index, head.name, {nodes_, groups});
  if (scales == nullptr) return lacks_scales(head.name);
  std::vector<float> numbers(scales->count());
  read_numbers(*scales, numbers.data());
  head_map_ = Int8Map(d_, nodes_);
  for (std::size_t node = 0; node < nodes_; ++node) {
    for (std::size_t i = 0; i < d_; ++i) {
      head_map_.code(i, node) = code_in(head, node * d_ + i);
      head_map_.scale(i, node) = numbers[node * groups + i / kInt8Group];
    }
  }
  return std::nullopt;
}

void Model::read_row(std::uint32_t row, float* out) const noexcept {
  if (embedding_ != nullptr) {
    std::copy_n(embedding_ + row * d_, d_, out);
    return;
  }
  const std::int8_t* codes = row_codes_.data() + row * d_;
  const float* scales = row_scales_.data() + row * int8_groups(d_);
  for (std::size_t i = 0; i < d_; ++i) out[i] = static_cast<float>(codes[i]) * scales[i / kInt8Group];
}

/// Copies the parameters that are not in 8 bits.
void Model::hold_parameters(const float* from) {
  own_parameters_ = ZeroedArray(stack_.sizes().parameters);
  parameters_ = own_parameters_.data();
  for (const ParameterSpec& spec : stack_.parameters().specs()) {
    if (maps_.find(spec.offset) != nullptr) continue;
    std::copy_n(from + spec.offset, spec.size, own_parameters_.data() + spec.offset);
    own_numbers_ += spec.size;
  }
}

Expected<std::shared_ptr<const Model>> Model::quantised(const Quantisation& what) const {
  try {
    auto stack = Stack<float>::create(stack_text_, d_, chunk_, layers_);
    if (!stack.ok()) return stack.failure();
    std::shared_ptr<Model> model(new Model(std::move(stack).value(), d_, chunk_));
    model->stack_text_ = stack_text_;
    model->layers_ = layers_;
    model->rows_ = rows_;
    model->nodes_ = nodes_;
    model->int8_activations_ = what.activations;
    model->prepared_ = prepared_;
    for (const ParameterSpec& spec : stack_.parameters().specs()) {
      if (const Int8Map* map = maps_.find(spec.offset)) {
        model->maps_.add(spec.offset, *map);
      } else if (spec.map && spec.shape[0] >= kInt8Group) {
        model->maps_.add(spec.offset, Int8Map::of(parameters_ + spec.offset, spec.shape[0], spec.shape[1]));
      }
    }
    model->hold_parameters(parameters_);
    const auto copy = [&](const float* numbers, std::size_t n) {
      return model->copies_.emplace_back(numbers, numbers + n).data();
    };
    model->row_codes_ = row_codes_;
    model->row_scales_ = row_scales_;
    model->head_map_ = head_map_;
    if (bias_ != nullptr) model->bias_ = copy(bias_, nodes_);
    if (!what.tables) {
      if (embedding_ != nullptr) model->embedding_ = copy(embedding_, rows_ * d_);
      if (head_ != nullptr) model->head_ = head_ == embedding_ ? model->embedding_ : copy(head_, nodes_ * d_);
      return std::shared_ptr<const Model>(std::move(model));
    }
    if (embedding_ != nullptr) {
      std::vector<std::int16_t> codes(int8_groups(d_) * kInt8Group);
      model->row_scales_.resize(rows_ * int8_groups(d_));
      for (std::size_t row = 0; row < rows_; ++row) {
        kernels().int8.quantise(embedding_ + row * d_, d_, codes.data(),
                                model->row_scales_.data() + row * int8_groups(d_));
        model->row_codes_.insert(model->row_codes_.end(), codes.begin(),
                                 codes.begin() + static_cast<int>(d_));
      }
    }
    if (head_ != nullptr) model->head_map_ = Int8Map::of_transposed(head_, d_, nodes_);
    return std::shared_ptr<const Model>(std::move(model));
  } catch (const std::bad_alloc&) {
    return Failure{"not enough memory for the model"};
  }
}

std::vector<std::uint8_t> Model::save() const {
  WeightFile file;
  file.metadata = {{"format", "ssmz-model"},
                   {"stack", stack_text_},
                   {"d_model", std::to_string(d_)},
                   {"activations", int8_activations_ ? "I8" : "F32"}};
  const auto floats = [&](const std::string& name, std::vector<std::size_t> shape, const float* from,
                          std::size_t n) {
    file.tensors.push_back({name, std::move(shape), std::vector<float>(from, from + n), {}});
  };
  for (const ParameterSpec& spec : stack_.parameters().specs()) {
    if (const Int8Map* map = maps_.find(spec.offset)) {
      append(file, spec.name, *map, false);
    } else {
      floats(spec.name, spec.shape, parameters_ + spec.offset, spec.size);
      const std::size_t gap = round_up16(spec.size) - spec.size;
      if (gap > 0) file.tensors.push_back({"fill." + spec.name, {gap}, std::vector<float>(gap), {}});
    }
  }
  if (embedding_ != nullptr) {
    floats("embedding", {rows_, d_}, embedding_, rows_ * d_);
  } else {
    floats(std::string("embedding") + kScales, {rows_, int8_groups(d_)}, row_scales_.data(),
           row_scales_.size());
    file.tensors.push_back({"embedding", {rows_, d_}, {}, row_codes_});
  }
  if (head_ == nullptr) {
    append(file, "head.weight", head_map_, true);
  } else if (head_ != embedding_) {
    floats("head.weight", {nodes_, d_}, head_, nodes_ * d_);
  }
  if (bias_ != nullptr) floats("head.bias", {nodes_}, bias_, nodes_);
  // Arrays of floats first, so that they lie where they can be used in place.
  std::stable_partition(file.tensors.begin(), file.tensors.end(),
                        [](const Tensor& tensor) { return tensor.codes.empty(); });
  return encode_weights(file);
}

}  // namespace ssmz::model
