// SPDX-License-Identifier: Apache-2.0
// Training on chunks.
#include "model/online/trainer.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "model/base/math.hpp"
#include "model/online/head_logits.hpp"

namespace ssmz::model {
namespace {

const Kernels& kernels_of(const OnlineConfig& config) {
  return config.kernels != nullptr ? *config.kernels : kernels();
}

RowOptimiser row_optimiser(const OnlineConfig& config) {
  return {.momentum = config.beta1 > 0.0f, .counts = config.row_counts};
}

}  // namespace

Trainer::Trainer(const OnlineConfig& config, std::shared_ptr<const Stack<float>> stack)
    : config_(config),
      kernels_(&kernels_of(config)),
      stack_(std::move(stack)),
      embedding_(config.embedding_rows, config.d_model, embedding_start(config), row_optimiser(config)),
      head_(config.head_nodes, head_stride(config.d_model), head_start(config), row_optimiser(config)),
      random_(config.seed ^ 0x5bf03635u) {
  const StackSizes& sizes = stack_->sizes();
  const std::size_t n = config.chunk * config.d_model;
  for (auto* array : {&parameters_, &square_, &gradient_}) array->resize(sizes.parameters);
  if (config.beta1 > 0.0f) mean_.resize(sizes.parameters);
  prepared_.resize(sizes.prepared);
  scratch_.resize(sizes.chunk_scratch);
  tape_.resize(sizes.tape);
  for (auto* array : {&x_, &h_, &dh_, &dx_}) array->resize(n);
  hidden_.resize(head_stride(config.d_model));
  hidden_[config.d_model] = 1.0f;
  Random random(config.seed);
  stack_->initialise(random, parameters_.data());
  stack_->prepare(*kernels_, parameters_.data(), prepared_.data());
  kept_.resize(config.replay > 0 ? config.replay_chunks : 0);
}

void Trainer::publish(PublishedWeights& to) const {
  to.parameters = parameters_;
  to.prepared = prepared_;
}

void Trainer::load(const float* parameters) {
  std::copy_n(parameters, parameters_.size(), parameters_.data());
  stack_->prepare(*kernels_, parameters_.data(), prepared_.data());
}

void Trainer::train(TrainingChunk& chunk) {
  changed_embeddings_.clear();
  changed_nodes_.clear();
  pass(chunk, config_.external_share, 1.0f);
  ++chunks_;
  if (kept_.empty()) return;
  const auto stored = static_cast<std::uint32_t>(std::min<std::uint64_t>(chunks_ - 1, kept_.size()));
  for (std::size_t i = 0; i < config_.replay && stored > 0; ++i) {
    pass(*kept_[random_.below(stored)], 0.0f, config_.replay_rate);
  }
  // A chunk that copies of this trainer share stays theirs; else its buffers serve again.
  std::shared_ptr<TrainingChunk>& oldest = kept_[next_kept_];
  if (oldest.use_count() == 1) {
    std::atomic_thread_fence(std::memory_order_acquire);  // what another read before it let go
    std::swap(*oldest, chunk);
  } else {
    oldest = std::make_shared<TrainingChunk>(std::exchange(chunk, {}));
  }
  next_kept_ = (next_kept_ + 1) % kept_.size();
}

void Trainer::pass(const TrainingChunk& chunk, float external_share, float rate_scale) {
  const LayerWeights<float> weights{parameters_.data(), prepared_.data()};
  const StackChunk<float> run{kernels_,       scratch_.data(), tape_.data(),
                              chunk.tokens(), chunk.position,  chunk.surprise.data()};
  touch_rows(chunk);
  embed(chunk);
  stack_->forward(run, weights, chunk.start_state.data(), nullptr, x_.data(), h_.data());
  if (config_.symbols) {
    symbol_gradients(chunk);
  } else {
    head_gradients(chunk, external_share);
  }
  stack_->backward(run, weights, chunk.start_state.data(), dh_.data(), dx_.data(), gradient_.data());
  embedding_gradients(chunk);
  update(rate_scale);
}

void Trainer::touch_rows(const TrainingChunk& chunk) {
  embedding_.start_chunk();
  head_.start_chunk();
  for (std::uint32_t row : chunk.rows) embedding_.touch(row);
  if (config_.symbols) {
    for (std::uint32_t symbol = 0; symbol < config_.head_nodes; ++symbol) head_.touch(symbol);
  } else {
    for (const Target& target : chunk.targets) head_.touch(target.node);
  }
  embedding_.finish_touching();
  head_.finish_touching();
  const auto rows = embedding_.touched(), nodes = head_.touched();
  changed_embeddings_.insert(changed_embeddings_.end(), rows.begin(), rows.end());
  changed_nodes_.insert(changed_nodes_.end(), nodes.begin(), nodes.end());
}

void Trainer::embed(const TrainingChunk& chunk) {
  const std::size_t d = config_.d_model;
  std::fill_n(x_.data(), chunk.tokens() * d, 0.0f);
  std::size_t i = 0;
  for (std::size_t t = 0; t < chunk.tokens(); ++t) {
    for (; i < chunk.row_ends[t]; ++i) {
      kernels_->linear.axpy(1.0f, embedding_.weight(chunk.rows[i]), x_.data() + t * d, d);
    }
  }
}

void Trainer::name_head_row(std::uint32_t node) {
  head_rows_.push_back(head_.weight(node));
  gradient_rows_.push_back(head_.gradient(node));
}

// From the errors of a token's logits to its gradient and that of the rows; hidden_ is the token's.
void Trainer::backward_head(std::size_t token) {
  const std::size_t d = config_.d_model, count = head_rows_.size();
  for (std::size_t i = 0; i < count; ++i)
    kernels_->linear.axpy(errors_[i], head_rows_[i], dh_.data() + token * d, d);
  kernels_->linear.axpy_rows(hidden_.data(), head_.stride(), errors_.data(), gradient_rows_.data(), count);
}

void Trainer::head_gradients(const TrainingChunk& chunk, float external_share) {
  const std::size_t d = config_.d_model, stride = head_.stride();
  const float mean = 1.0f / static_cast<float>(chunk.tokens());
  std::fill_n(dh_.data(), chunk.tokens() * d, 0.0f);
  std::size_t begin = 0;
  for (std::size_t t = 0; t < chunk.tokens(); begin = chunk.target_ends[t], ++t) {
    const std::size_t count = chunk.target_ends[t] - begin;
    const Target* targets = chunk.targets.data() + begin;
    head_rows_.clear();
    gradient_rows_.clear();
    for (std::size_t i = 0; i < count; ++i) name_head_row(targets[i].node);
    logits_.resize(count);
    errors_.resize(count);
    std::copy_n(h_.data() + t * d, d, hidden_.data());
    kernels_->linear.dot_rows(hidden_.data(), stride, head_rows_.data(), count, logits_.data());
    kernels_->math.sigmoid(logits_.data(), errors_.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const float own = errors_[i] - targets[i].bit;
      const float error = own + external_share * (targets[i].external_error - own);
      errors_[i] = error * targets[i].weight * mean;
    }
    backward_head(t);
  }
}

void Trainer::symbol_gradients(const TrainingChunk& chunk) {
  const std::size_t d = config_.d_model;
  const float mean = 1.0f / static_cast<float>(chunk.tokens());
  std::fill_n(dh_.data(), chunk.tokens() * d, 0.0f);
  head_rows_.clear();
  gradient_rows_.clear();
  for (std::uint32_t symbol = 0; symbol < config_.head_nodes; ++symbol) name_head_row(symbol);
  errors_.resize(config_.head_nodes);
  std::size_t begin = 0;
  for (std::size_t t = 0; t < chunk.tokens(); begin = chunk.target_ends[t], ++t) {
    if (chunk.target_ends[t] == begin) continue;  // what came was never said
    const Target& target = chunk.targets[begin];
    std::copy_n(h_.data() + t * d, d, hidden_.data());
    symbol_softmax(*kernels_, hidden_.data(), head_.stride(), head_rows_, errors_.data());
    errors_[target.node] -= 1.0f;
    for (float& error : errors_) error *= target.weight * mean;
    backward_head(t);
  }
}

void Trainer::embedding_gradients(const TrainingChunk& chunk) {
  const std::size_t d = config_.d_model;
  std::size_t i = 0;
  for (std::size_t t = 0; t < chunk.tokens(); ++t) {
    for (; i < chunk.row_ends[t]; ++i) {
      kernels_->linear.axpy(1.0f, dx_.data() + t * d, embedding_.gradient(chunk.rows[i]), d);
    }
  }
}

float Trainer::rate() const {
  float rate = config_.learning_rate;
  if (chunks_ < config_.warmup_chunks) {
    rate *= static_cast<float>(chunks_ + 1) / static_cast<float>(config_.warmup_chunks);
  }
  if (config_.decay_chunks > 0) {
    rate *= rsqrt(1.0f + static_cast<float>(chunks_) / static_cast<float>(config_.decay_chunks));
  }
  return rate;
}

void Trainer::update(float rate_scale) {
  beta1_power_ *= config_.beta1;
  beta2_power_ *= config_.beta2;
  if (beta1_power_ < 1e-20f) beta1_power_ = 0.0f;
  if (beta2_power_ < 1e-20f) beta2_power_ = 0.0f;
  const float dense = kernels_->optimiser.sum_squares(gradient_.data(), gradient_.size());
  const float norm = sqrt(dense + embedding_.sum_squares(*kernels_) + head_.sum_squares(*kernels_));
  if (!(norm < 1e15f)) {  // diverged: an update would spread infinities for good
    std::fill(gradient_.begin(), gradient_.end(), 0.0f);
    return;
  }
  AdamStep step;
  step.beta1 = config_.beta1;
  step.beta2 = config_.beta2;
  step.inverse_c2 = 1.0f / (1.0f - beta2_power_);
  step.epsilon_squared = config_.epsilon * config_.epsilon;
  step.gradient_scale = config_.clip > 0.0f && norm > config_.clip ? config_.clip / norm : 1.0f;
  const float base = rate() * rate_scale / (1.0f - beta1_power_);
  for (const ParameterSpec& spec : stack_->parameters().specs()) {
    step.rate = base * spec.rate_scale;
    const std::size_t at = spec.offset;
    const std::size_t n = round_up16(spec.size);
    if (mean_.empty()) {
      kernels_->optimiser.adam_square(step, parameters_.data() + at, square_.data() + at,
                                      gradient_.data() + at, n);
    } else {
      kernels_->optimiser.adam(step, parameters_.data() + at, mean_.data() + at, square_.data() + at,
                               gradient_.data() + at, n);
    }
  }
  step.rate = base * config_.embedding_rate;
  embedding_.adam(*kernels_, step);
  step.rate = base * config_.head_rate;
  head_.adam(*kernels_, step);
  stack_->prepare(*kernels_, parameters_.data(), prepared_.data());
}

}  // namespace ssmz::model
