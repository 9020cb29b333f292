// SPDX-License-Identifier: Apache-2.0
// Trains a stack with its embedding and head on chunks: exact truncated backward, replay of earlier chunks,
// Adam.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/layers/stack.hpp"
#include "model/online/online_config.hpp"
#include "model/online/sparse_table.hpp"
#include "model/online/training_chunk.hpp"

namespace ssmz::model {

/// The dense weights prediction uses between two updates.
struct PublishedWeights {
  AlignedVector<float> parameters;
  AlignedVector<float> prepared;

  [[nodiscard]] LayerWeights<float> view() const noexcept { return {parameters.data(), prepared.data()}; }
};

/// Length of a head row: a weight per hidden number, then the bias, then zeros to a multiple of 16. The
/// hidden vector it is multiplied with has a 1 in the bias' place.
constexpr std::size_t head_stride(std::size_t d) noexcept { return d + 16; }

/// A head starts with zeros but for the biases, which are set before the first step.
inline RowStart head_start(const OnlineConfig& config) {
  return {.biases = std::vector<float>(config.head_nodes), .bias_at = config.d_model};
}

/// Embeddings start with random numbers.
inline RowStart embedding_start(const OnlineConfig& config) {
  return {.scale = config.embedding_scale, .seed = config.seed};
}

/// Owns the master weights, their moments and the chunks to replay. Used by one thread at a time.
class Trainer {
 public:
  /// Throws std::bad_alloc. Copies train on alike and independently.
  Trainer(const OnlineConfig& config, std::shared_ptr<const Stack<float>> stack);

  /// Trains on `chunk`, then on config.replay earlier ones, and keeps the chunk (leaving another,
  /// whose buffers may serve again).
  void train(TrainingChunk& chunk);

  /// Copies the dense master weights.
  void publish(PublishedWeights& to) const;
  /// Replaces the dense master weights (StackSizes::parameters elements). Moments are kept.
  void load(const float* parameters);
  /// Rows changed by the last train(), perhaps named more than once.
  [[nodiscard]] std::span<const std::uint32_t> changed_embeddings() const noexcept {
    return changed_embeddings_;
  }
  [[nodiscard]] std::span<const std::uint32_t> changed_nodes() const noexcept { return changed_nodes_; }
  [[nodiscard]] SparseTable& embedding() noexcept { return embedding_; }
  [[nodiscard]] SparseTable& head() noexcept { return head_; }
  /// As ZeroedArray's: from here on the trainer is only copied.
  void freeze() {
    embedding_.freeze();
    head_.freeze();
  }
  void use_huge_pages(std::uint64_t symbols) noexcept {
    embedding_.use_huge_pages(symbols);
    head_.use_huge_pages(symbols);
  }

 private:
  void pass(const TrainingChunk& chunk, float external_share, float rate_scale);
  void touch_rows(const TrainingChunk& chunk);
  void embed(const TrainingChunk& chunk);
  void head_gradients(const TrainingChunk& chunk, float external_share);
  void symbol_gradients(const TrainingChunk& chunk);
  void backward_head(std::size_t token);
  void name_head_row(std::uint32_t node);
  void embedding_gradients(const TrainingChunk& chunk);
  void update(float rate_scale);
  [[nodiscard]] float rate() const;

  OnlineConfig config_;
  const Kernels* kernels_;
  std::shared_ptr<const Stack<float>> stack_;
  AlignedVector<float> parameters_, mean_, square_, gradient_, prepared_;
  SparseTable embedding_, head_;
  AlignedVector<float> scratch_, tape_, x_, h_, dh_, dx_, hidden_;
  std::vector<float> logits_, errors_;
  std::vector<const float*> head_rows_;  ///< Of a token's targets, or all symbols, as errors_.
  std::vector<float*> gradient_rows_;
  std::vector<std::uint32_t> changed_embeddings_, changed_nodes_;

  /// Ring of the newest chunks, which copies of the trainer share; what is shared does not change.
  std::vector<std::shared_ptr<TrainingChunk>> kept_;
  std::size_t next_kept_ = 0;
  Random random_;
  std::uint64_t chunks_ = 0;  ///< First passes done.
  float beta1_power_ = 1.0f, beta2_power_ = 1.0f;
};

}  // namespace ssmz::model
