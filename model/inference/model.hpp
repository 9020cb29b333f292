// SPDX-License-Identifier: Apache-2.0
// Weights for inference, read-only and shared by any number of sessions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/base/expected.hpp"
#include "model/inference/mapped_file.hpp"
#include "model/inference/session.hpp"
#include "model/layers/stack.hpp"
#include "model/online/weight_file.hpp"

namespace ssmz::model {

/// How a model is opened.
struct ModelOptions {
  LayerCatalogue layers = core_layers();  ///< What the file's stack may name; all_layers() for every kind.
  std::size_t chunk = 64;                 ///< Tokens of a prefill's pass, 1..256.
  std::uint64_t memory_limit = 0;         ///< Bytes beyond the file, see own_memory(); 0: no limit.
};

/// A stack with an embedding row for each token and a head node for each output. Immutable: safe to share
/// between threads.
///
/// A file is safetensors with the metadata "stack" and "d_model"; tensors "embedding" [rows x d], the stack's
/// parameters by name, "head.weight" [nodes x d] (left out: the embedding is the head as well) and
/// "head.bias" [nodes] (left out: zeros). OnlineModel::save_weights() and model/convert.py write such files.
/// Numbers are F32, F16 or BF16; arrays of F32 that lie as the stack wants them (both writers see to that)
/// are used where they are in the mapped file, all others are copied to F32.
class Model {
 public:
  /// Errors: no such file, damaged or hostile bytes, an unknown stack, missing tensors, the limit, memory.
  static Expected<std::shared_ptr<const Model>> open(const std::string& path,
                                                     const ModelOptions& options = {});
  /// The same of bytes in memory.
  static Expected<std::shared_ptr<const Model>> from_bytes(std::vector<std::uint8_t> bytes,
                                                           const ModelOptions& options = {});

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
  [[nodiscard]] std::size_t width() const noexcept { return d_; }
  [[nodiscard]] const Stack<float>& stack() const noexcept { return stack_; }
  [[nodiscard]] std::size_t chunk() const noexcept { return chunk_; }
  [[nodiscard]] LayerWeights<float> weights() const noexcept { return {parameters_, prepared_.data()}; }
  [[nodiscard]] const float* embedding(std::uint32_t row) const noexcept { return embedding_ + row * d_; }
  [[nodiscard]] const float* head() const noexcept { return head_; }
  /// [nodes], or nullptr for zeros.
  [[nodiscard]] const float* bias() const noexcept { return bias_; }

  /// A session before its first token. Throws std::bad_alloc.
  [[nodiscard]] Session start() const;
  /// Bytes the model holds beside the file's own.
  [[nodiscard]] std::uint64_t own_memory() const noexcept;

  /// A session's state as bytes, for another process or another day.
  [[nodiscard]] std::vector<std::uint8_t> snapshot(const Session& session) const;
  /// Errors: damaged bytes, or those of a model of another shape.
  [[nodiscard]] Expected<Session> restore(std::span<const std::uint8_t> bytes) const;

 private:
  Model(Stack<float> stack, std::size_t d, std::size_t chunk)
      : stack_(std::move(stack)), d_(d), chunk_(chunk) {}
  static Expected<std::shared_ptr<const Model>> read(MappedFile file, std::vector<std::uint8_t> bytes,
                                                     const ModelOptions& options);
  [[nodiscard]] std::optional<Failure> take_parameters(const WeightIndex& index);
  [[nodiscard]] std::optional<Failure> take_tables(const WeightIndex& index);
  const float* take(const TensorView& tensor);

  Stack<float> stack_;
  std::size_t d_, chunk_, rows_ = 0, nodes_ = 0;
  MappedFile file_;
  std::vector<std::uint8_t> bytes_;
  std::vector<AlignedVector<float>> copies_;  // of what could not be used in place
  AlignedVector<float> prepared_;
  const float* parameters_ = nullptr;
  const float* embedding_ = nullptr;
  const float* head_ = nullptr;
  const float* bias_ = nullptr;
};

}  // namespace ssmz::model
