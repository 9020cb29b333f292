// SPDX-License-Identifier: Apache-2.0
// Plans a window, codes its blocks, and stores what coding would not shrink.
#include "codec/frame/frame_encoder.hpp"

#include <algorithm>
#include <utility>

#include "codec/base/little_endian.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/nested_blocks.hpp"
#include "codec/transform/unfinished.hpp"

namespace ssmz::codec {

namespace {

using Bytes = std::span<const std::uint8_t>;

void append(Bytes bytes, std::vector<std::uint8_t>& out) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_stored(Bytes raw, std::vector<std::uint8_t>& out) {
  if (raw.empty()) return;
  const auto size = static_cast<std::uint32_t>(raw.size());
  append_block_header({.type = BlockKind::stored, .coded_size = size}, out);
  append(raw, out);
}

}  // namespace

FrameHeader FrameEncoder::header(bool with_model) const {
  FrameHeader header;
  if (with_model) {
    header.model.emplace();
    header.model->parameters = *parameters_;
    header.model->vocabulary_hash = options_.vocabulary->hash();
    if (options_.prime) header.model->prime = options_.prime->id();
  }
  header.number = options_.number;
  header.content_size = options_.content_size;
  header.has_checksum = options_.checksum;
  return header;
}

Status FrameEncoder::choose_parameters() {
  if (parameters_) return {};
  std::optional<std::uint64_t> size = options_.content_size;
  if (size && options_.prime) *size += options_.prime->id().length;
  parameters_ = parameters_for(options_.level, size, options_.memory_limit, options_.ssm);
  if (!parameters_) return {Code::memory_limit, "the level does not fit in the memory limit"};
  return {};
}

std::vector<Copy> FrameEncoder::find_copies(Bytes window, bool last, std::vector<Copy>& shorter) {
  const std::uint64_t reach = copy_reach(*parameters_);
  if (!history_) history_.emplace(reach);
  if (!copies_) copies_.emplace(std::min(reach, options_.content_size.value_or(reach)));
  std::vector<Copy> found = copies_->find(*history_, window, &shorter);
  if (!last) history_->append(window);
  return found;
}

Status FrameEncoder::make_coder() {
  if (coder_) return {};
  Result<std::unique_ptr<BlockCoder>> made = options_.factory(*parameters_, options_.vocabulary);
  if (!made.ok()) return made.status();
  coder_ = std::move(made).value();
  return {};
}

Status FrameEncoder::plan_prime() {
  if (!options_.prime || !prime_steps_.empty()) return {};
  if (const Status status = make_coder(); !status.ok()) return status;
  const PrimeContent& prime = *options_.prime;
  const auto plan = [&] {
    return codec::plan_prime(
        prime, [this](Bytes segment) -> Result<KindCosts> { return coder_->kind_costs(segment); });
  };
  Result<std::vector<PrimeStep>> steps =
      prime.images() ? prime.images()->steps(parameters_->level, options_.vocabulary->hash(), plan) : plan();
  if (steps.ok()) prime_steps_ = std::move(steps).value();
  return steps.status();
}

Status FrameEncoder::prime_coder(const Progress& progress) {
  if (primed_ || !options_.prime) return {};
  primed_ = true;
  if (const Status status = plan_prime(); !status.ok()) return status;
  for (const PrimeStep& step : prime_steps_)
    append_block_header({.type = step.type, .role = BlockRole::prime, .raw_size = step.size}, pending_);
  return codec::prime_coder(*coder_, *options_.prime,
                            {*parameters_, options_.vocabulary->hash(), prime_steps_}, options_.memory_limit,
                            [&] { return !progress || progress(content_); });
}

Result<KindCosts> FrameEncoder::kind_costs(Bytes segment, bool first) {
  if (const Status status = make_coder(); !status.ok()) return status;
  KindCosts costs = coder_->kind_costs(segment);
  if (!first) return costs;
  // The models know what they have read of the prime or of the last window.
  if (const Status status = plan_prime(); !status.ok()) return status;
  if (!known_kind_ && options_.prime) known_kind_ = main_kind(prime_steps_, options_.prime->id().length);
  for (KindCost& kind : costs)
    if (known_kind_ && kind.kind != *known_kind_) kind.cost += change_cost;
  return costs;
}

std::size_t FrameEncoder::whole_streams(Bytes window) const {
  const std::size_t size = unfinished_from(window);
  // What follows a kept stream is kept itself only if much was coded: time stays linear.
  return window_size_ == plan_window || size >= plan_window ? size : window.size();
}

Status FrameEncoder::update(Bytes in, const Sink& sink, const Progress& progress) {
  // A window is coded only when more follows, so that finish() knows which is the last.
  while (window_.size() + in.size() > window_size_) {
    Bytes window = in.first(window_.empty() ? window_size_ : window_size_ - window_.size());
    const bool kept = !window_.empty();
    if (kept) {
      append(window, window_);
      in = in.subspan(window.size());
      window = window_;
    }
    const std::size_t size = whole_streams(window);
    window_size_ = size < window.size() ? longest_window : plan_window;
    if (size == 0) continue;
    if (const Status status = code_window(window.first(size), false, sink, progress); !status.ok())
      return status;
    if (kept)
      window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(size));
    else
      in = in.subspan(size);
  }
  append(in, window_);
  return {};
}

Status FrameEncoder::finish(bool frame_follows, const Sink& sink, const Progress& progress) {
  const std::uint64_t size = content_ + window_.size();
  if (!options_.content_size && !started_) options_.content_size = size;
  if (options_.content_size && *options_.content_size != size) {
    return {Code::size_mismatch, "the content is not as long as was announced"};
  }
  if (const Status status = code_window(window_, true, sink, progress); !status.ok()) return status;
  append_block_header({.role = BlockRole::end, .frame_follows = frame_follows}, pending_);
  if (options_.checksum) append_little_endian(checksum_.digest(), checksum_size(size), pending_);
  return give(sink);
}

Status FrameEncoder::give(const Sink& sink) {
  const Status status = pending_.empty() ? Status{} : sink(pending_);
  given_ += pending_.size();
  pending_.clear();
  return status;
}

Status FrameEncoder::code_window(Bytes window, bool last, const Sink& sink, const Progress& progress) {
  if (const Status status = choose_parameters(); !status.ok()) return status;
  const auto estimate_kinds = [this, first = true](Bytes segment) mutable {
    return kind_costs(segment, std::exchange(first, false));
  };
  std::vector<Copy> shorter;
  const std::vector<Copy> copies = find_copies(window, last, shorter);
  Result<std::vector<PlannedBlock>> plan =
      plan_blocks(window, probe_, regions_, estimate_kinds, {copies, shorter});
  if (!plan.ok()) return plan.status();
  for (const PlannedBlock& block : plan.value()) {
    if (!is_modelled(block.type.kind)) continue;
    if (const Status status = make_coder(); !status.ok()) return status;
    if (const BlockKind kind = modelled_kind(block.type); kind != BlockKind::stored) known_kind_ = kind;
  }
  if (options_.checksum) checksum_.update(window);
  if (!started_) append_frame_header(header(!last || coder_ != nullptr), pending_);
  // A short content may be smaller without the header fields a model needs: nothing leaves until it is
  // certain that it is not.
  std::vector<std::uint8_t> stored;
  bool may_be_stored = !started_ && last && coder_ != nullptr;
  if (may_be_stored) append_frame_header(header(false), stored);
  started_ = true;
  Bytes rest = window;
  std::size_t blocks_left = plan.value().size();
  for (const PlannedBlock& block : plan.value()) {
    const Bytes raw = rest.first(block.size);
    rest = rest.subspan(block.size);
    --blocks_left;
    if (const Status status = code_block(block, raw, last && rest.empty(), progress); !status.ok())
      return status;
    const std::size_t most = pending_.size() + rest.size() + blocks_left * max_block_header_size;
    may_be_stored = may_be_stored && most >= stored.size() + window.size();
    if (may_be_stored) continue;
    if (const Status status = give(sink); !status.ok()) return status;
  }
  if (!may_be_stored) return {};
  append_stored(window, stored);
  if (stored.size() <= pending_.size()) pending_.swap(stored);
  return give(sink);
}

Status FrameEncoder::code_data(const PlannedBlock& planned, Bytes raw, bool last, const Progress& progress,
                               BlockType& type) {
  if (is_nested(planned.type) && anew_) {
    type = BlockKind::stored;
    return {};
  }
  if (const Status status = prime_coder(progress); !status.ok()) return status;
  coded_.clear();
  const auto block_progress = [&](std::uint64_t done) { return !progress || progress(content_ + done); };
  if (const Status status = encode_block(*coder_, planned, raw, coded_, block_progress); !status.ok())
    return status;
  if (coded_.size() < raw.size()) return {};
  if (last) {
    type = BlockKind::stored;  // nothing follows that could use what the model learned
    return {};
  }
  // What a model has seen in blocks of a block no decoder finds in the content: such a block is told as it
  // was coded, if what was gained pays for it, or all that was learned is given up; once, so that nothing is
  // lost.
  const bool pays = given_ + pending_.size() + coded_.size() <= content_ + raw.size();
  if (!is_nested(planned.type) || (pays && coded_.size() <= max_block_size)) return {};
  type = BlockKind::stored;
  append_block_header({.role = BlockRole::anew}, pending_);
  anew_ = true;
  coder_.reset();
  return make_coder();
}

Status FrameEncoder::code_block(const PlannedBlock& planned, Bytes raw, bool last, const Progress& progress) {
  BlockHeader block{.type = planned.type, .raw_size = static_cast<std::uint32_t>(raw.size())};
  block.coded_size = block.raw_size;
  Bytes data = raw;
  if (planned.type.kind == BlockKind::copy) {
    data = {};
  } else if (is_modelled(planned.type.kind)) {
    if (const Status status = code_data(planned, raw, last, progress, block.type); !status.ok())
      return status;
    if (is_modelled(block.type.kind) && (coded_.size() < raw.size() || is_nested(planned.type))) {
      data = coded_;
      block.coded_size = static_cast<std::uint32_t>(data.size());
    }
  }
  content_ += raw.size();
  if (content_ == options_.content_size) block.raw_size = 0;  // the rest: need not be said
  append_block_header(block, pending_);
  append(data, pending_);
  return !progress || progress(content_) ? Status{} : Status{Code::cancelled, "the caller asked to stop"};
}

}  // namespace ssmz::codec
