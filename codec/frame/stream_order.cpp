// SPDX-License-Identifier: Apache-2.0
// Counts frames and compares a seek table with them, holding neither.
#include "codec/frame/stream_order.hpp"

#include <algorithm>
#include <vector>

#include "codec/base/little_endian.hpp"

namespace ssmz::codec {

Status StreamOrder::begin_frame(std::uint64_t number) const {
  const std::uint64_t expected = frame_follows_ ? frames_ : 0;
  if (number == expected || parts_) return {};
  if (!frame_follows_) return {Code::data_damaged, "the frames of its stream before this one are missing"};
  return {Code::data_damaged, number == 0 ? "the stream does not go on: a frame of another one follows"
                                          : "a frame of the stream is missing or stands in another place"};
}

void StreamOrder::end_frame(const SeekEntry& frame, bool frame_follows) {
  if (!frame_follows_) {
    frames_ = 0;
    walked_ = {};
    walked_bytes_ = 0;
  }
  ++frames_;
  frame_follows_ = frame_follows;
  std::vector<std::uint8_t> entry;
  append_seek_entry(frame, entry);
  walked_.update(entry);
  walked_bytes_ += entry.size();
}

void StreamOrder::begin_skippable(std::uint32_t size) {
  payload_size_ = size;
  payload_done_ = 0;
  listed_ = {};
}

void StreamOrder::skippable(std::span<const std::uint8_t> payload) {
  while (payload_done_ < seek_magic.size() && !payload.empty()) {
    payload_start_[payload_done_++] = payload.front();
    payload = payload.subspan(1);
  }
  if (payload_start_ != seek_magic || payload_size_ < seek_magic.size() + seek_tail_size) return;
  const std::uint64_t entries_end = payload_size_ - seek_tail_size;
  const std::uint64_t left = entries_end - std::min(entries_end, payload_done_);
  const auto entries = payload.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, payload.size())));
  listed_.update(entries);
  payload_done_ += entries.size();
  for (const std::uint8_t byte : payload.subspan(entries.size()))
    payload_end_[payload_done_++ - entries_end] = byte;
}

Status StreamOrder::end_skippable() const {
  if (payload_size_ < seek_magic.size() || payload_start_ != seek_magic || parts_) return {};
  if (frames_ == 0 || frame_follows_)
    return {Code::data_damaged, "a seek table stands where its stream has not ended"};
  std::vector<std::uint8_t> tail;
  append_seek_tail(walked_.digest(), walked_bytes_, tail);
  const bool same = payload_size_ == seek_magic.size() + walked_bytes_ + seek_tail_size &&
                    listed_.digest() == walked_.digest() &&
                    std::equal(tail.begin(), tail.end(), payload_end_.begin());
  return same ? Status{} : Status{Code::data_damaged, "the seek table does not agree with the frames"};
}

Status StreamOrder::finish() const {
  if (!frame_follows_ || parts_) return {};
  return {Code::truncated, "unexpected end of the stream: another frame of it should follow"};
}

}  // namespace ssmz::codec
