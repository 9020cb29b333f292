// SPDX-License-Identifier: Apache-2.0
// Copies frames, with headers and end marks of their own.
#include "codec/frame/joiner.hpp"

#include <algorithm>

#include "codec/base/gather.hpp"

namespace ssmz::codec {

Status StreamJoiner::update(std::span<const std::uint8_t> in, const Sink& sink) {
  while (!in.empty()) {
    if (const Status status = step(in, sink); !status.ok()) return status;
  }
  return {};
}

Status StreamJoiner::step(std::span<const std::uint8_t>& in, const Sink& sink) {
  switch (part_) {
    case Part::magic: return magic(in);
    case Part::skippable: return skippable(in);
    case Part::header: return header(in, sink);
    case Part::body: return body(in, sink);
  }
  return {Code::bad_state, "unreachable"};
}

Status StreamJoiner::magic(std::span<const std::uint8_t>& in) {
  if (held_.empty() && order_.padding_allowed() && in.front() == 0) {
    in = in.subspan(1);
    return {};
  }
  if (!gather(held_, in, frame_magic.size())) return {};
  if (std::equal(held_.begin(), held_.end(), skippable_magic.begin())) {
    part_ = Part::skippable;
    return {};
  }
  parser_ = std::make_unique<FrameParser>(FrameParser::BlockData::skip);
  part_ = Part::header;
  std::span<const std::uint8_t> start = held_;
  const Result<FrameParser::Event> event = parser_->next(start);  // refuses another magic
  held_.clear();
  return event.status();
}

Status StreamJoiner::skippable(std::span<const std::uint8_t>& in) {
  const Result<bool> ended = skippable_.take(held_, in, order_);
  if (!ended.ok()) return ended.status();
  if (!ended.value()) return {};
  held_.clear();
  part_ = Part::magic;
  return {};
}

Status StreamJoiner::header(std::span<const std::uint8_t>& in, const Sink& sink) {
  const Result<FrameParser::Event> event = parser_->next(in);
  if (!event.ok()) return event.status();
  if (event.value() == FrameParser::Event::need_input) return {};
  FrameHeader renumbered = parser_->header();
  if (const Status status = order_.begin_frame(renumbered.number); !status.ok()) return status;
  if (const Status status = end_last(true, sink); !status.ok()) return status;
  renumbered.number = frames_.size();
  append_frame_header(renumbered, tail_);
  end_size_ = 1 + (renumbered.has_checksum ? max_checksum_size : 0);
  part_ = Part::body;
  return {};
}

Status StreamJoiner::body(std::span<const std::uint8_t>& in, const Sink& sink) {
  const std::span<const std::uint8_t> all = in;
  const Result<FrameParser::Event> event = parser_->next(in);
  if (!event.ok()) return event.status();
  const auto consumed = all.first(all.size() - in.size());
  tail_.insert(tail_.end(), consumed.begin(), consumed.end());
  if (event.value() == FrameParser::Event::end) {
    if (parser_->checksum()) end_size_ = 1 + checksum_size(parser_->content());
    frames_.push_back({written_ + tail_.size(), parser_->content()});
    order_.end_frame({parser_->consumed(), parser_->content()}, parser_->block().frame_follows);
    part_ = Part::magic;
    return {};
  }
  if (tail_.size() <= end_size_) return {};
  const auto ready = std::span(tail_).first(tail_.size() - end_size_);
  if (const Status status = sink(ready); !status.ok()) return status;
  written_ += ready.size();
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(ready.size()));
  return {};
}

Status StreamJoiner::end_last(bool frame_follows, const Sink& sink) {
  if (frames_.empty()) return {};
  std::vector<std::uint8_t> mark;
  append_block_header({.role = BlockRole::end, .frame_follows = frame_follows}, mark);
  tail_[tail_.size() - end_size_] = mark.front();
  const Status status = sink(tail_);
  tail_.clear();
  written_ = 0;
  return status;
}

Status StreamJoiner::cut_stream() {
  if (part_ != Part::magic || !held_.empty()) return {Code::truncated, "the stream is cut inside a frame"};
  order_ = {};
  return {};
}

Status StreamJoiner::finish(const Sink& sink) {
  if (part_ != Part::magic || !held_.empty()) return {Code::truncated, "the input ends inside a frame"};
  if (frames_.empty()) return {Code::truncated, "there is no frame"};
  if (const Status status = order_.finish(); !status.ok()) return status;
  if (const Status status = end_last(false, sink); !status.ok()) return status;
  if (frames_.size() == 1) return {};
  append_seek_table(frames_, tail_);
  return sink(tail_);
}

}  // namespace ssmz::codec
