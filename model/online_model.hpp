// SPDX-License-Identifier: Apache-2.0
// A sequence model that learns the stream it predicts while it predicts it, equally on both sides of a
// channel.
//
// Per token: step(rows of the token), then for each binary decision about the next token logit(node), and
// record(node, bit) once the bit is known. After every `chunk` tokens a training job starts on them (and on
// replayed earlier chunks); its weights come into force exactly `chunk` tokens later, whoever computed them
// and how fast. The carried state is always the step form's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "model/expected.hpp"
#include "model/online_config.hpp"
#include "model/stack.hpp"
#include "model/trainer.hpp"
#include "model/worker.hpp"

namespace ssmz::model {

/// Not thread-safe; two objects are independent. Results depend on the calls and the configuration only. The
/// calling thread's floating-point mode must be the default one: hold a ScopedFloatMode around the calls.
class OnlineModel {
 public:
  /// Errors: a configuration out of range, a stack that does not parse, memory.
  static Expected<std::unique_ptr<OnlineModel>> create(const OnlineConfig& config);
  /// Bytes create() would take once all rows are in use; 0 if the configuration is not valid.
  static std::uint64_t memory_needed(const OnlineConfig& config);

  /// Waits for the training job under way.
  ~OnlineModel() = default;

  /// Sets the logit a node starts with, in +-20. Before the first step only.
  void set_head_bias(std::uint32_t node, float logit);

  /// Consumes the token just coded: its input is the sum of the embedding rows (none: zeros). `surprise` is
  /// what the token cost in bits, for layers that keep surprising tokens. Cost: the stack's step; every
  /// `chunk` tokens the wait for training.
  void step(std::span<const std::uint32_t> embedding_rows, float surprise = 0.0f);

  /// Logit that the decision `node` about the next token is 1; before the first step, of the bias alone.
  [[nodiscard]] float logit(std::uint32_t node) const noexcept;
  /// Loads a node's row into the cache.
  void prefetch(std::uint32_t node) const noexcept;

  /// Appends a decision about the token after the last step()ped one to the training targets. `weight`
  /// multiplies its gradient. `external_error` is the error (probability of 1 minus bit) of the whole of
  /// which the logit is a part; it enters by config.external_share in the first pass, not in replays. Ignored
  /// before the first step.
  void record(std::uint32_t node, unsigned bit, float weight = 1.0f, float external_error = 0.0f);

  /// What the logits are read from [d_model]: the normed output for the token last stepped.
  [[nodiscard]] std::span<const float> hidden() const noexcept { return {hidden_.data(), config_.d_model}; }
  [[nodiscard]] const OnlineConfig& config() const noexcept { return config_; }
  /// Tokens stepped.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  OnlineModel(const OnlineConfig& config, Stack<float> stack);
  void end_chunk();
  void apply_update();
  void start_chunk();

  OnlineConfig config_;
  const Kernels& kernels_;
  Stack<float> stack_;
  Trainer trainer_;
  PublishedWeights published_[2];  ///< Prediction reads one while training writes the other.
  unsigned current_ = 0;
  RowTable embedding_, head_;
  AlignedVector<float> state_, input_, hidden_, scratch_;
  TrainingChunk collected_;  ///< The tokens since the last chunk's end.
  TrainingChunk submitted_;  ///< The chunk in training.
  bool in_training_ = false;
  std::uint64_t position_ = 0;
  Worker worker_;  ///< Last, so that it stops first.
};

}  // namespace ssmz::model
