// SPDX-License-Identifier: Apache-2.0
// A sequence model that learns the stream it predicts while it predicts it, equally on both sides of a
// channel.
//
// Per token: step(rows of the token), then for each binary decision about the next token logit(node), and
// record(node, bit) once the bit is known. Or, of a model of symbols, distribution() and record(symbol, 1)
// once it is known. It is a Session (where the stream is: copied to fork it) beside weights and the trainer
// that moves them. After every `chunk` tokens a training job starts on them (and on replayed earlier chunks);
// its weights come into force exactly `chunk` tokens later, whoever computed them and how fast. The carried
// state is always the step form's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/base/expected.hpp"
#include "model/base/worker.hpp"
#include "model/layers/session.hpp"
#include "model/layers/stack.hpp"
#include "model/online/head_logits.hpp"
#include "model/online/online_config.hpp"
#include "model/online/trainer.hpp"

namespace ssmz::model {

/// Not thread-safe; two objects are independent. Results depend on the calls and the configuration only. The
/// calling thread's floating-point mode must be the default one: hold a ScopedFloatMode around the calls.
class OnlineModel {
 public:
  /// Errors: a configuration out of range, a stack that does not parse, memory.
  static Expected<std::unique_ptr<OnlineModel>> create(const OnlineConfig& config);
  /// Bytes create() would take once all rows are in use, or why it would refuse: for stacks from outside,
  /// which are to be bounded before anything is made of them. Cost: parsing the stack; bound its text first.
  static Expected<std::uint64_t> requirement(const OnlineConfig& config);
  /// The same; 0 if the configuration is not valid.
  static std::uint64_t memory_needed(const OnlineConfig& config);

  /// Waits for the training job under way.
  ~OnlineModel() = default;

  /// A model that goes on as this one would, on its own: a common prefix is processed once and continued many
  /// times. Waits for the training job under way. Errors: memory.
  [[nodiscard]] Expected<std::unique_ptr<OnlineModel>> clone();
  /// From here on the model is only cloned, which then takes memory for what the clone changes only. Waits
  /// for the training job under way. Cost: reading the tables once.
  void freeze();

  /// Where the stream is: state, hidden numbers and position; kilobytes where clone() copies all weights. A
  /// Runner of a Model of the same weights goes on from it, and the other way round.
  [[nodiscard]] const Session& session() const noexcept { return session_; }
  /// Goes on from another place, of this model or of one of the same stack and width; what is collected of
  /// the present chunk is dropped. false, and nothing is done, if the session is of another shape.
  bool resume(const Session& session);

  /// Turns training on or off (on at first). Off, record() does nothing and weights stay; what is collected
  /// of the present chunk is dropped, and training goes on with a fresh chunk.
  void set_learning(bool learning);
  /// Forgets the tokens seen: state as before the first step, weights as they are.
  void reset_state();

  /// The weights in force, as safetensors bytes (see weight_file.hpp), with the configuration that shapes
  /// them.
  [[nodiscard]] std::vector<std::uint8_t> save_weights();
  /// Replaces all weights by those of save_weights() of a model of the same stack, width, rows and nodes:
  /// logits are then bit-equal to the saved model's from equal states. Updates not yet in force are dropped.
  /// Errors: damaged bytes, another shape; the model is unchanged then.
  [[nodiscard]] std::optional<Failure> load_weights(std::span<const std::uint8_t> bytes);

  /// Sets the logit a node starts with, in +-20. Before the first step only; nothing if there is no such
  /// node.
  void set_head_bias(std::uint32_t node, float logit);

  /// Consumes the token just coded: its input is the sum of the embedding rows (none: zeros). `surprise` is
  /// what the token cost in bits, for layers that keep surprising tokens. Cost: the stack's step; every
  /// `chunk` tokens the wait for training.
  /// false, and nothing is done, if a row is not below config().embedding_rows.
  bool step(std::span<const std::uint32_t> embedding_rows, float surprise = 0.0f);
  /// Whether a layer of the stack reads the surprise.
  [[nodiscard]] bool reads_surprise() const noexcept { return stack_->sizes().surprise; }

  /// Logit that the decision `node` about the next token is 1; before the first step, of the bias alone.
  /// Within +-kMaxLogit; NaN for a node that is not there.
  [[nodiscard]] float logit(std::uint32_t node) noexcept;
  /// Of a model of symbols: the probability of each of the next token's [config().head_nodes], summing to 1
  /// but for rounding. Finite whatever training did. Cost: head_nodes * d_model multiplications.
  void distribution(float* out) noexcept;
  /// Loads a node's row into the cache; any number may be given.
  void prefetch(std::uint32_t node) const noexcept;

  /// Appends a decision about the token after the last step()ped one to the training targets. `weight`
  /// multiplies its gradient. `external_error` is the error (probability of 1 minus bit) of the whole of
  /// which the logit is a part; it enters by config.external_share in the first pass, not in replays. Ignored
  /// before the first step. false, and nothing is done, if there is no such node. Of a model of symbols: once
  /// a token, the symbol that came with bit 1; the error is then that of the distribution alone.
  bool record(std::uint32_t node, unsigned bit, float weight = 1.0f, float external_error = 0.0f);

  /// What the logits are read from [d_model]: the normed output for the token last stepped.
  [[nodiscard]] std::span<const float> hidden() const noexcept {
    return {session_.hidden.data(), config_.d_model};
  }
  [[nodiscard]] const OnlineConfig& config() const noexcept { return config_; }
  /// Tokens stepped.
  [[nodiscard]] std::uint64_t position() const noexcept { return session_.position; }

 private:
  OnlineModel(const OnlineConfig& config, std::shared_ptr<const Stack<float>> stack);
  OnlineModel(const OnlineModel& other);
  void run_job();
  void drop_training();
  void end_chunk();
  void apply_update();
  void start_chunk();
  void show_head();
  void use_huge_pages(std::uint64_t symbols) noexcept;

  OnlineConfig config_;
  const Kernels* kernels_;
  std::shared_ptr<const Stack<float>> stack_;
  Trainer trainer_;
  PublishedWeights published_[2];  ///< Prediction reads one while training writes the other.
  unsigned current_ = 0;
  RowTable embedding_, head_;
  Session session_;
  AlignedVector<float> input_, scratch_;
  AlignedVector<float> head_input_;  ///< The hidden numbers, a 1 for the bias, zeros: head_stride() elements.
  std::vector<const float*> symbol_rows_;  ///< The head's rows in order, of a model of symbols.
  TrainingChunk collected_;                ///< The tokens since the last chunk's end.
  TrainingChunk submitted_;                ///< The chunk in training.
  bool in_training_ = false;
  bool learning_ = true;
  Worker worker_;  ///< Last, so that it stops first.
};

}  // namespace ssmz::model
