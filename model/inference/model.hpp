// SPDX-License-Identifier: Apache-2.0
// Weights for inference, read-only and shared by any number of sessions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/base/expected.hpp"
#include "model/base/zeroed_array.hpp"
#include "model/inference/mapped_file.hpp"
#include "model/layers/int8_weights.hpp"
#include "model/layers/session.hpp"
#include "model/layers/stack.hpp"
#include "model/online/weight_file.hpp"

namespace ssmz::model {

/// How a model is opened.
struct ModelOptions {
  LayerCatalogue layers = core_layers();  ///< What the file's stack may name; all_layers() for every kind.
  std::size_t chunk = 64;                 ///< Tokens of a prefill's pass, 1..256.
  std::uint64_t memory_limit = 0;         ///< Bytes beyond the file, see own_memory(); 0: no limit.
};

/// What of a model is rounded to 8 bits. bench/INFERENCE.md has what each costs.
struct Quantisation {
  bool tables = true;        ///< The embedding and the head too, not the layers' maps alone.
  bool activations = false;  ///< The inputs of maps and head as well, so that products are of whole numbers.
};

/// A stack with an embedding row for each token and a head node for each output. Immutable: safe to share
/// between threads.
///
/// A file is safetensors with the metadata "stack" and "d_model"; tensors "embedding" [rows x d], the stack's
/// parameters by name, "head.weight" [nodes x d] (left out: the embedding is the head as well) and
/// "head.bias" [nodes] (left out: zeros). OnlineModel::save_weights() and model/convert.py write such files.
/// Numbers are F32, F16 or BF16, or as save() writes them in 8 bits: NAME in I8 and NAME.scales in F32, for
/// each group of 32 inputs and each output (tables: for each row and group of 32 columns). F32 arrays that
/// lie as the stack wants them (both writers see to that) are used where they are in the mapped file, all
/// others are copied to F32.
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
  /// A row of the embedding, below rows(): out [d].
  void read_row(std::uint32_t row, float* out) const noexcept;
  /// [nodes x d], or nullptr: see head_map().
  [[nodiscard]] const float* head() const noexcept { return head_; }
  /// The head's transpose in 8 bits.
  [[nodiscard]] const Int8Map& head_map() const noexcept { return head_map_; }
  /// [nodes], or nullptr for zeros.
  [[nodiscard]] const float* bias() const noexcept { return bias_; }

  /// The same model in 8 bits: a copy that shares nothing with this one. Maps with fewer than 32 inputs stay
  /// as they are, as does what is 8 bits already. Errors: memory. Cost: about that of reading the weights.
  [[nodiscard]] Expected<std::shared_ptr<const Model>> quantised(const Quantisation& what = {}) const;
  /// Which maps are in 8 bits (by their offset among the parameters), and whether their inputs are rounded.
  [[nodiscard]] const Int8Maps& maps() const noexcept { return maps_; }
  [[nodiscard]] bool int8_activations() const noexcept { return int8_activations_; }
  /// The model as a file's bytes, which open() reads back to the bit. Throws std::bad_alloc.
  [[nodiscard]] std::vector<std::uint8_t> save() const;

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
  [[nodiscard]] std::optional<Failure> take_map(const WeightIndex& index, const ParameterSpec& spec);
  [[nodiscard]] std::optional<Failure> take_rows(const WeightIndex& index, const TensorView& rows);
  [[nodiscard]] std::optional<Failure> take_head(const WeightIndex& index, const TensorView& head);
  const float* take(const TensorView& tensor);
  void hold_parameters(const float* from);

  Stack<float> stack_;
  std::string stack_text_;
  LayerCatalogue layers_;
  std::size_t d_, chunk_, rows_ = 0, nodes_ = 0;
  MappedFile file_;
  std::vector<std::uint8_t> bytes_;
  std::vector<AlignedVector<float>> copies_;  // of what could not be used in place
  ZeroedArray own_parameters_;  // where maps are in 8 bits: their places are never touched and take no memory
  std::uint64_t own_numbers_ = 0;
  Int8Maps maps_;
  bool int8_activations_ = false;
  std::vector<std::int8_t> row_codes_;  // [rows x d], and scales [rows x groups of d]
  std::vector<float> row_scales_;
  Int8Map head_map_;
  AlignedVector<float> prepared_;
  const float* parameters_ = nullptr;
  const float* embedding_ = nullptr;
  const float* head_ = nullptr;
  const float* bias_ = nullptr;
};

}  // namespace ssmz::model
