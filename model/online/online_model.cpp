// SPDX-License-Identifier: Apache-2.0
// Prediction, and the hand-over of chunks and weights between prediction and training.
#include "model/online/online_model.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <new>
#include <optional>
#include <utility>

namespace ssmz::model {
namespace {

std::optional<Failure> check(const OnlineConfig& c) {
  const auto in = [](float value, float low, float high) { return value >= low && value <= high; };
  if (c.embedding_rows < 1 || c.embedding_rows > (1u << 26)) return Failure{"embedding_rows out of range"};
  if (c.head_nodes < 1 || c.head_nodes > (1u << 26)) return Failure{"head_nodes out of range"};
  if (c.replay > 64) return Failure{"replay out of range"};
  if (c.replay_chunks > (1u << 24) || (c.replay > 0 && c.replay_chunks < 1))
    return Failure{"replay_chunks out of range"};
  if (!in(c.learning_rate, 0.0f, 1.0f)) return Failure{"learning_rate out of range"};
  if (!in(c.beta1, 0.0f, 0.9999f) || !in(c.beta2, 0.0f, 0.99999f))
    return Failure{"beta1 or beta2 out of range"};
  if (!in(c.epsilon, 1e-12f, 1.0f)) return Failure{"epsilon out of range"};
  if (!in(c.external_share, 0.0f, 1.0f)) return Failure{"external_share out of range"};
  return std::nullopt;
}

}  // namespace

Expected<std::unique_ptr<OnlineModel>> OnlineModel::create(const OnlineConfig& config) {
  if (const auto failure = check(config)) return *failure;
  try {
    auto stack = Stack<float>::create(config.stack, config.d_model, config.chunk, config.layers);
    if (!stack.ok()) return stack.failure();
    auto shared = std::make_shared<const Stack<float>>(std::move(stack).value());
    return std::unique_ptr<OnlineModel>(new OnlineModel(config, std::move(shared)));
  } catch (const std::bad_alloc&) {
    return Failure{"not enough memory for the model"};
  }
}

std::uint64_t OnlineModel::memory_needed(const OnlineConfig& config) {
  const auto bytes = requirement(config);
  return bytes.ok() ? bytes.value() : 0;
}

Expected<std::uint64_t> OnlineModel::requirement(const OnlineConfig& config) {
  if (const auto failure = check(config)) return *failure;
  const auto stack = Stack<float>::create(config.stack, config.d_model, config.chunk, config.layers);
  if (!stack.ok()) return stack.failure();
  const StackSizes& s = stack.value().sizes();
  const std::uint64_t rows = std::uint64_t{config.embedding_rows} * config.d_model +
                             std::uint64_t{config.head_nodes} * head_stride(config.d_model);
  // All rows of symbols have a gradient in each chunk.
  const std::uint64_t gradients =
      config.symbols ? std::uint64_t{config.head_nodes} * head_stride(config.d_model) : 0;
  const std::uint64_t kept = config.replay > 0 ? config.replay_chunks : 0;
  const std::uint64_t targets = 20 * sizeof(Target) + 4 * sizeof(std::uint32_t);  // of a token, about
  const std::uint64_t moments = config.beta1 > 0.0f ? 2 : 1;
  const std::uint64_t floats = (2 + moments) * rows + gradients + (4 + moments) * s.parameters +
                               3 * s.prepared + s.tape + s.chunk_scratch + s.step_scratch +
                               4 * config.chunk * config.d_model + (kept + 3) * s.state;
  return floats * sizeof(float) + kept * config.chunk * targets +
         13 * (std::uint64_t{config.embedding_rows} + config.head_nodes);
}

OnlineModel::OnlineModel(const OnlineConfig& config, std::shared_ptr<const Stack<float>> stack)
    : config_(config),
      kernels_(config.kernels != nullptr ? config.kernels : &kernels()),
      stack_(std::move(stack)),
      trainer_(config, stack_),
      embedding_(config.embedding_rows, config.d_model, embedding_start(config)),
      head_(config.head_nodes, head_stride(config.d_model), head_start(config)),
      session_{AlignedVector<float>(stack_->sizes().state), AlignedVector<float>(config.d_model)},
      input_(config.d_model),
      scratch_(stack_->sizes().step_scratch),
      head_input_(head_stride(config.d_model)),
      symbol_rows_(config.symbols ? config.head_nodes : 0),
      worker_(config.threads >= 2, [this] { run_job(); }) {
  for (PublishedWeights& weights : published_) trainer_.publish(weights);
  reset_state();
}

OnlineModel::OnlineModel(const OnlineModel& other)
    : config_(other.config_),
      kernels_(other.kernels_),
      stack_(other.stack_),
      trainer_(other.trainer_),
      published_{other.published_[0], other.published_[1]},
      current_(other.current_),
      embedding_(other.embedding_),
      head_(other.head_),
      session_(other.session_),
      input_(other.input_),
      scratch_(other.scratch_),
      head_input_(other.head_input_),
      symbol_rows_(other.symbol_rows_.size()),
      collected_(other.collected_),
      submitted_(other.submitted_),
      in_training_(other.in_training_),
      learning_(other.learning_),
      worker_(other.config_.threads >= 2, [this] { run_job(); }) {}

void OnlineModel::run_job() {
  trainer_.train(submitted_);
  trainer_.publish(published_[1 - current_]);
}

Expected<std::unique_ptr<OnlineModel>> OnlineModel::clone() {
  worker_.wait();
  try {
    return std::unique_ptr<OnlineModel>(new OnlineModel(*this));
  } catch (const std::bad_alloc&) {
    return Failure{"not enough memory for a copy of the model"};
  }
}

void OnlineModel::freeze() {
  worker_.wait();
  embedding_.freeze();
  head_.freeze();
  trainer_.freeze();
}

// The trainer's too, in which a job may be under way: no value changes.
void OnlineModel::use_huge_pages(std::uint64_t symbols) noexcept {
  embedding_.use_huge_pages(symbols);
  head_.use_huge_pages(symbols);
  trainer_.use_huge_pages(symbols);
}

void OnlineModel::set_learning(bool learning) {
  learning_ = learning;
  start_chunk();
}

void OnlineModel::reset_state() {
  stack_->reset(session_.state.data());
  std::fill(session_.hidden.begin(), session_.hidden.end(), 0.0f);
  session_.position = 0;
  head_input_[config_.d_model] = 1.0f;
  show_head();
  start_chunk();
}

bool OnlineModel::resume(const Session& session) {
  if (session.state.size() != session_.state.size() || session.hidden.size() != session_.hidden.size()) {
    return false;
  }
  session_ = session;
  show_head();
  start_chunk();
  return true;
}

void OnlineModel::show_head() { std::copy_n(session_.hidden.data(), config_.d_model, head_input_.data()); }

void OnlineModel::set_head_bias(std::uint32_t node, float logit) {
  if (node >= config_.head_nodes) return;
  const float bias = std::clamp(logit, -20.0f, 20.0f);
  head_.set_start_bias(node, bias);
  trainer_.head().set_start_bias(node, bias);
}

bool OnlineModel::step(std::span<const std::uint32_t> embedding_rows, float surprise) {
  for (const std::uint32_t row : embedding_rows) {
    if (row >= config_.embedding_rows) return false;
  }
  if (collected_.tokens() == config_.chunk) end_chunk();
  std::fill(input_.begin(), input_.end(), 0.0f);
  for (std::uint32_t row : embedding_rows) {
    kernels_->linear.axpy(1.0f, embedding_.row(row), input_.data(), config_.d_model);
  }
  stack_->step(*kernels_, published_[current_].view(), session_.state.data(), input_.data(),
               session_.hidden.data(), scratch_.data(), session_.position, surprise);
  if (++session_.position >= symbols_before_huge_pages && std::has_single_bit(session_.position))
    use_huge_pages(session_.position);
  show_head();
  if (!learning_) return true;
  collected_.rows.insert(collected_.rows.end(), embedding_rows.begin(), embedding_rows.end());
  collected_.row_ends.push_back(static_cast<std::uint32_t>(collected_.rows.size()));
  collected_.target_ends.push_back(static_cast<std::uint32_t>(collected_.targets.size()));
  collected_.surprise.push_back(surprise);
  return true;
}

float OnlineModel::logit(std::uint32_t node) noexcept {
  if (node >= config_.head_nodes) return std::numeric_limits<float>::quiet_NaN();
  const float x = kernels_->linear.dot(head_.row(node), head_input_.data(), head_.stride());
  return bounded_logit(x);
}

void OnlineModel::distribution(float* out) noexcept {
  for (std::uint32_t r = 0; r < config_.head_nodes; ++r) symbol_rows_[r] = head_.row(r);
  symbol_softmax(*kernels_, head_input_.data(), head_.stride(), symbol_rows_, out);
}

void OnlineModel::prefetch(std::uint32_t node) const noexcept {
  const float* row = head_.place(node);
  for (std::size_t i = 0; i < head_.stride(); i += 16) __builtin_prefetch(row + i);
}

bool OnlineModel::record(std::uint32_t node, unsigned bit, float weight, float external_error) {
  if (node >= config_.head_nodes) return false;
  if (collected_.target_ends.empty()) return true;
  collected_.targets.push_back({node, bit != 0 ? 1.0f : 0.0f, weight, external_error});
  collected_.target_ends.back() = static_cast<std::uint32_t>(collected_.targets.size());
  return true;
}

void OnlineModel::end_chunk() {
  worker_.wait();
  if (in_training_) apply_update();
  std::swap(collected_, submitted_);
  in_training_ = true;
  worker_.start();
  start_chunk();
}

void OnlineModel::apply_update() {
  current_ = 1 - current_;
  const auto copy = [](std::span<const std::uint32_t> rows, SparseTable& from, RowTable& to) {
    constexpr std::size_t ahead = 4;  // rows lie anywhere in tables much larger than the caches
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const float* next = rows.size() - i > ahead ? from.weight(rows[i + ahead]) : nullptr;
      for (std::size_t j = 0; next != nullptr && j < to.stride(); j += 16) {
        __builtin_prefetch(next + j);
        __builtin_prefetch(to.at(rows[i + ahead]) + j, 1);
      }
      to.set(rows[i], from.weight(rows[i]));
    }
  };
  copy(trainer_.changed_embeddings(), trainer_.embedding(), embedding_);
  copy(trainer_.changed_nodes(), trainer_.head(), head_);
}

void OnlineModel::start_chunk() {
  collected_.clear();
  collected_.position = session_.position;
  collected_.start_state = session_.state;
}

}  // namespace ssmz::model
