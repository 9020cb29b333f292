// SPDX-License-Identifier: Apache-2.0
// Passes over sessions.
#include "model/inference/runner.hpp"

#include <algorithm>
#include <limits>

namespace ssmz::model {
namespace {

template <class T>
void grow(T& array, std::size_t n) {
  if (array.size() < n) array.resize(n);
}

}  // namespace

Runner::Runner(std::shared_ptr<const Model> model, const Kernels* path, std::size_t threads)
    : model_(std::move(model)),
      own_(new Own{path != nullptr ? *path : kernels(), {}, Team(threads)}),
      kernels_(&own_->kernels),
      step_scratch_(model_->stack().sizes().step_scratch),
      x_(model_->width()),
      row_(model_->width()) {
  own_->weights.maps = &model_->maps();
  own_->weights.parameters = model_->weights().parameters;
  own_->weights.activations = model_->int8_activations();
  if (!model_->maps().empty()) own_->kernels.int8_weights = &own_->weights;
  if (own_->team.size() > 1) own_->kernels.team = &own_->team;
}

bool Runner::fits(const Session& session) const noexcept {
  return session.state.size() == model_->stack().sizes().state && session.hidden.size() == model_->width();
}

bool Runner::known(std::span<const std::uint32_t> tokens) const noexcept {
  return std::all_of(tokens.begin(), tokens.end(), [&](std::uint32_t t) { return t < model_->rows(); });
}

bool Runner::step(Session& session, std::span<const std::uint32_t> rows) {
  if (!fits(session) || !known(rows)) return false;
  const ScopedFloatMode mode;
  embed(rows, x_.data());
  model_->stack().step(*kernels_, model_->weights(), session.state.data(), x_.data(), session.hidden.data(),
                       step_scratch_.data(), session.position, 0.0f);
  ++session.position;
  return true;
}

void Runner::embed(std::span<const std::uint32_t> rows, float* x) {
  const std::size_t d = model_->width();
  std::fill_n(x, d, 0.0f);
  for (const std::uint32_t row : rows) {
    model_->read_row(row, row_.data());
    kernels_->linear.axpy(1.0f, row_.data(), x, d);
  }
}

bool Runner::prefill(Session& session, std::span<const std::uint32_t> rows, std::size_t rows_each) {
  if (!fits(session) || !known(rows) || rows_each == 0 || rows.size() % rows_each != 0) return false;
  const ScopedFloatMode mode;
  const StackSizes& sizes = model_->stack().sizes();
  grow(chunk_scratch_, sizes.chunk_scratch);
  grow(tape_, sizes.tape);
  const std::size_t most = model_->chunk() * rows_each;
  for (std::size_t at = 0; at < rows.size(); at += most) {
    pass(session, rows.subspan(at, std::min(most, rows.size() - at)), rows_each);
  }
  return true;
}

void Runner::pass(Session& session, std::span<const std::uint32_t> rows, std::size_t rows_each) {
  const std::size_t d = model_->width(), length = rows.size() / rows_each;
  grow(x_, length * d);
  grow(h_, length * d);
  for (std::size_t t = 0; t < length; ++t) embed(rows.subspan(t * rows_each, rows_each), x_.data() + t * d);
  const StackChunk<float> chunk{kernels_, chunk_scratch_.data(), tape_.data(),
                                length,   session.position,      nullptr};
  AlignedVector<float> end(session.state.size());
  model_->stack().forward(chunk, model_->weights(), session.state.data(), end.data(), x_.data(), h_.data());
  session.state.swap(end);
  std::copy_n(h_.data() + (length - 1) * d, d, session.hidden.data());
  session.position += length;
}

bool Runner::step(std::span<Session* const> sessions, std::span<const std::uint32_t> tokens) {
  const std::size_t count = sessions.size(), d = model_->width();
  if (count != tokens.size() || !known(tokens)) return false;
  for (const Session* session : sessions) {
    if (!fits(*session)) return false;
  }
  if (count == 0) return true;
  const ScopedFloatMode mode;
  grow(batch_scratch_, model_->stack().batch_scratch(count));
  grow(x_, count * d);
  grow(h_, count * d);
  std::vector<const float*> starts;
  std::vector<float*> ends;
  std::vector<std::uint64_t> positions;
  for (std::size_t i = 0; i < count; ++i) {
    starts.push_back(sessions[i]->state.data());
    ends.push_back(sessions[i]->state.data());
    positions.push_back(sessions[i]->position++);
    model_->read_row(tokens[i], x_.data() + i * d);
  }
  model_->stack().step_batch(*kernels_, model_->weights(), count, starts.data(), ends.data(),
                             positions.data(), x_.data(), h_.data(), batch_scratch_.data());
  for (std::size_t i = 0; i < count; ++i) std::copy_n(h_.data() + i * d, d, sessions[i]->hidden.data());
  return true;
}

std::uint64_t Runner::memory() const noexcept {
  std::uint64_t floats = logits_.capacity() + own_->weights.scales.capacity();
  for (const auto* array : {&step_scratch_, &chunk_scratch_, &tape_, &batch_scratch_, &x_, &h_, &row_})
    floats += array->capacity();
  return sizeof(Runner) + sizeof(Own) + floats * sizeof(float) +
         own_->weights.codes.capacity() * sizeof(std::int16_t);
}

float Runner::logit(const Session& session, std::uint32_t node) const {
  if (node >= model_->nodes() || !fits(session)) return std::numeric_limits<float>::quiet_NaN();
  const ScopedFloatMode mode;
  const std::size_t d = model_->width();
  float product;
  if (model_->head() != nullptr) {
    product = kernels_->linear.dot(model_->head() + node * d, session.hidden.data(), d);
  } else {
    float block[16];
    const std::size_t first = node / 16 * 16, last = std::min<std::size_t>(first + 16, model_->nodes());
    own_->weights.apply(*kernels_, columns_of(model_->head_map().view(), first, last), session.hidden.data(),
                        d, block, 16, 1, false);
    product = block[node % 16];
  }
  return model_->bias() == nullptr ? product : product + model_->bias()[node];
}

void Runner::logits(const Session& session, std::span<float> out) const {
  const ScopedFloatMode mode;
  const std::size_t n = std::min(out.size(), model_->nodes());
  if (!fits(session)) return std::fill(out.begin(), out.end(), std::numeric_limits<float>::quiet_NaN());
  head_of(session.hidden.data(), out.first(n));
}

void Runner::head_of(const float* hidden, std::span<float> out) const {
  const std::size_t d = model_->width();
  if (model_->head() != nullptr) {
    share_columns(kernels_->team, out.size(), out.size() * d, [&](std::size_t first, std::size_t last) {
      kernels_->linear.matvec(model_->head() + first * d, d, last - first, d, hidden, out.data() + first,
                              false);
    });
  } else {
    Int8Matrix<float> head = model_->head_map().view();
    head.cols = out.size();
    own_->weights.apply(*kernels_, head, hidden, d, out.data(), out.size(), 1, false);
  }
  if (model_->bias() != nullptr) kernels_->linear.axpy(1.0f, model_->bias(), out.data(), out.size());
}

std::uint32_t Runner::best_of(const float* hidden) {
  const ScopedFloatMode mode;
  logits_.resize(model_->nodes());
  head_of(hidden, std::span(logits_.data(), logits_.size()));
  return static_cast<std::uint32_t>(std::max_element(logits_.begin(), logits_.end()) - logits_.begin());
}

std::uint32_t Runner::best(const Session& session) {
  return fits(session) ? best_of(session.hidden.data()) : 0;
}

std::vector<std::uint32_t> Runner::accept(Session& session, std::span<const Draft> tree, bool& valid) {
  const std::size_t count = tree.size(), d = model_->width(), states = session.state.size();
  valid = fits(session);
  for (std::size_t i = 0; i < count && valid; ++i) {
    valid = tree[i].token < model_->rows() && tree[i].parent >= -1 &&
            tree[i].parent < static_cast<std::int32_t>(i);
  }
  if (!valid || count == 0) return {};
  const ScopedFloatMode mode;
  grow(batch_scratch_, model_->stack().batch_scratch(count));
  grow(x_, count * d);
  grow(h_, count * d);
  AlignedVector<float> ends_of(count * states);
  std::vector<const float*> starts;
  std::vector<float*> ends;
  std::vector<std::uint64_t> positions;
  for (std::size_t i = 0; i < count; ++i) {
    const auto parent = static_cast<std::size_t>(tree[i].parent);
    const bool first = tree[i].parent < 0;
    starts.push_back(first ? session.state.data() : ends[parent]);
    ends.push_back(ends_of.data() + i * states);
    positions.push_back(first ? session.position : positions[parent] + 1);
    model_->read_row(tree[i].token, x_.data() + i * d);
  }
  model_->stack().step_batch(*kernels_, model_->weights(), count, starts.data(), ends.data(),
                             positions.data(), x_.data(), h_.data(), batch_scratch_.data());
  std::vector<std::uint32_t> path;
  std::int32_t at = -1;
  for (std::uint32_t wanted = best_of(session.hidden.data());;) {
    std::size_t next = 0;
    while (next < count && (tree[next].parent != at || tree[next].token != wanted)) ++next;
    if (next == count) break;
    path.push_back(wanted);
    at = static_cast<std::int32_t>(next);
    wanted = best_of(h_.data() + next * d);
  }
  if (at >= 0) {
    const auto last = static_cast<std::size_t>(at);
    std::copy_n(ends[last], states, session.state.data());
    std::copy_n(h_.data() + last * d, d, session.hidden.data());
    session.position += path.size();
  }
  return path;
}

}  // namespace ssmz::model
