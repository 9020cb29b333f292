// SPDX-License-Identifier: Apache-2.0
// Opening of models, and snapshots of their sessions.
#include "model/inference/model.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <new>
#include <optional>

#include "model/base/byte_order.hpp"

namespace ssmz::model {
namespace {

constexpr std::uint64_t kSnapshotMark = 0x314e5353534d5a53u;  // "SZMSSSN1"
constexpr std::size_t kMostStackText = 4096;

std::optional<std::size_t> whole_number(const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Where a tensor's numbers can be read as floats, or nullptr.
const float* in_place(const TensorView& tensor) {
  if (std::endian::native != std::endian::little || tensor.type != NumberType::f32) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) != 0) return nullptr;
  return reinterpret_cast<const float*>(tensor.bytes.data());
}

}  // namespace

Expected<std::shared_ptr<const Model>> Model::open(const std::string& path, const ModelOptions& options) {
  auto file = MappedFile::open(path);
  if (!file.ok()) return file.failure();
  return read(std::move(file).value(), {}, options);
}

Expected<std::shared_ptr<const Model>> Model::from_bytes(std::vector<std::uint8_t> bytes,
                                                         const ModelOptions& options) {
  return read({}, std::move(bytes), options);
}

Expected<std::shared_ptr<const Model>> Model::read(MappedFile file, std::vector<std::uint8_t> bytes,
                                                   const ModelOptions& options) {
  try {
    const auto index = index_weights(bytes.empty() ? file.bytes() : std::span<const std::uint8_t>(bytes));
    if (!index.ok()) return index.failure();
    const std::string text = index.value().note("stack");
    const auto d = whole_number(index.value().note("d_model"));
    if (text.empty() || text.size() > kMostStackText || !d) {
      return Failure{"the file's metadata lack a stack or a d_model"};
    }
    auto stack = Stack<float>::create(text, *d, options.chunk, options.layers);
    if (!stack.ok()) return Failure{"the file's stack: " + stack.failure().message};
    std::shared_ptr<Model> model(new Model(std::move(stack).value(), *d, options.chunk));
    model->stack_text_ = normal_stack_text(text);
    model->layers_ = options.layers;
    const StackSizes& sizes = model->stack_.sizes();
    // What the parameters take is bounded by the file, what is derived from them by this limit.
    if (options.memory_limit > 0 && (sizes.prepared + sizes.state) * sizeof(float) > options.memory_limit) {
      return Failure{"the model needs more memory than allowed"};
    }
    if (auto failure = model->take_parameters(index.value())) return *failure;
    if (auto failure = model->take_tables(index.value())) return *failure;
    model->int8_activations_ = index.value().note("activations") == "I8";
    model->prepared_.resize(sizes.prepared);
    model->stack_.prepare(kernels(), model->parameters_, model->prepared_.data());
    if (options.memory_limit > 0 && model->own_memory() > options.memory_limit) {
      return Failure{"the model needs more memory than allowed"};
    }
    // Moving keeps the addresses the index gave.
    model->file_ = std::move(file);
    model->bytes_ = std::move(bytes);
    return std::shared_ptr<const Model>(std::move(model));
  } catch (const std::bad_alloc&) {
    return Failure{"not enough memory for the model"};
  }
}

std::optional<Failure> Model::take_parameters(const WeightIndex& index) {
  const std::vector<ParameterSpec>& specs = stack_.parameters().specs();
  std::vector<const TensorView*> tensors;
  for (const ParameterSpec& spec : specs) {
    tensors.push_back(index.find(spec.name, spec.shape));
    if (tensors.back() == nullptr) return Failure{"the file lacks " + spec.name + " of the right shape"};
    if (tensors.back()->type != NumberType::i8) continue;
    if (auto failure = take_map(index, spec)) return failure;
  }
  if (!maps_.empty()) {
    own_parameters_ = ZeroedArray(stack_.sizes().parameters);
    parameters_ = own_parameters_.data();
    for (std::size_t i = 0; i < specs.size(); ++i) {
      if (tensors[i]->type == NumberType::i8) continue;
      read_numbers(*tensors[i], own_parameters_.data() + specs[i].offset);
      own_numbers_ += specs[i].size;
    }
    return std::nullopt;
  }
  const float* first = in_place(*tensors.front());
  bool usable = first != nullptr;
  for (std::size_t i = 0; usable && i < specs.size(); ++i) {
    usable = in_place(*tensors[i]) == first + specs[i].offset;
  }
  // Rows of kernels' vectors may reach to the end of the last array's vector.
  usable = usable && tensors.front()->room >= stack_.sizes().parameters * sizeof(float);
  if (usable) {
    parameters_ = first;
    return std::nullopt;
  }
  AlignedVector<float>& copy = copies_.emplace_back(stack_.sizes().parameters);
  for (std::size_t i = 0; i < specs.size(); ++i) read_numbers(*tensors[i], copy.data() + specs[i].offset);
  parameters_ = copy.data();
  return std::nullopt;
}

const float* Model::take(const TensorView& tensor) {
  if (const float* numbers = in_place(tensor)) return numbers;
  AlignedVector<float>& copy = copies_.emplace_back(tensor.count());
  read_numbers(tensor, copy.data());
  return copy.data();
}

std::optional<Failure> Model::take_tables(const WeightIndex& index) {
  const auto matrix = [&](const char* name) {
    const TensorView* tensor = index.find(name);
    const bool right = tensor != nullptr && tensor->shape.size() == 2 && tensor->shape[1] == d_ &&
                       tensor->shape[0] > 0 && tensor->shape[0] <= (1u << 26);
    return right ? tensor : nullptr;
  };
  const TensorView* rows = matrix("embedding");
  if (rows == nullptr) return Failure{"the file lacks an embedding of the model's width"};
  rows_ = rows->shape[0];
  nodes_ = rows_;
  if (rows->type == NumberType::i8) {
    if (auto failure = take_rows(index, *rows)) return failure;
    if (index.find("head.weight") == nullptr)
      return Failure{"an embedding in 8 bits needs a head of its own"};
  } else {
    head_ = embedding_ = take(*rows);
  }
  if (index.find("head.weight") != nullptr) {
    const TensorView* head = matrix("head.weight");
    if (head == nullptr) return Failure{"head.weight is not of the model's width"};
    nodes_ = head->shape[0];
    head_ = nullptr;
    if (head->type == NumberType::i8) {
      if (auto failure = take_head(index, *head)) return failure;
    } else {
      head_ = take(*head);
    }
  }
  if (index.find("head.bias") != nullptr) {
    const TensorView* bias = index.find("head.bias", {nodes_});
    if (bias == nullptr || bias->type == NumberType::i8)
      return Failure{"head.bias is of another shape than the head"};
    bias_ = take(*bias);
  }
  return std::nullopt;
}

Session Model::start() const {
  Session session;
  session.state.resize(stack_.sizes().state);
  session.hidden.resize(d_);
  stack_.reset(session.state.data());
  return session;
}

std::uint64_t Model::own_memory() const noexcept {
  std::uint64_t floats = prepared_.size() + own_numbers_ + row_scales_.size();
  for (const auto& copy : copies_) floats += copy.size();
  return sizeof(Model) + floats * sizeof(float) + maps_.memory() + head_map_.memory() + row_codes_.size();
}

std::vector<std::uint8_t> Model::snapshot(const Session& session) const {
  std::vector<std::uint8_t> bytes;
  append_little_endian(bytes, kSnapshotMark);
  append_little_endian(bytes, session.position);
  append_little_endian(bytes, std::uint64_t{session.state.size()});
  append_little_endian(bytes, std::uint64_t{session.hidden.size()});
  for (const auto* numbers : {&session.state, &session.hidden}) {
    for (const float number : *numbers) append_little_endian(bytes, std::bit_cast<std::uint32_t>(number));
  }
  return bytes;
}

Expected<Session> Model::restore(std::span<const std::uint8_t> bytes) const {
  try {
    Session session = start();
    const std::size_t numbers = session.state.size() + session.hidden.size();
    if (bytes.size() != 32 + 4 * numbers || read_little_endian<std::uint64_t>(bytes, 0) != kSnapshotMark ||
        read_little_endian<std::uint64_t>(bytes, 16) != session.state.size() ||
        read_little_endian<std::uint64_t>(bytes, 24) != session.hidden.size()) {
      return Failure{"not a snapshot of a session of this model"};
    }
    session.position = read_little_endian<std::uint64_t>(bytes, 8);
    std::size_t at = 32;
    for (auto* array : {&session.state, &session.hidden}) {
      for (float& number : *array) {
        number = std::bit_cast<float>(read_little_endian<std::uint32_t>(bytes, at));
        at += 4;
      }
    }
    return session;
  } catch (const std::bad_alloc&) {
    return Failure{"not enough memory for a session"};
  }
}

}  // namespace ssmz::model
