// SPDX-License-Identifier: Apache-2.0
// Walks over the frames of a file through a window that grows to the largest frame.
#include "src/work/frame_file.hpp"

#include <algorithm>
#include <array>

#include "src/files/descriptor.hpp"

namespace ssmz::cli {

namespace {

constexpr std::size_t usual_window = std::size_t{1} << 18;
/// Files up to this size are looked at in one piece.
constexpr std::uint64_t whole_file_limit = std::uint64_t{64} << 20;
constexpr std::array<std::uint8_t, 4> skippable_start = {0xD3, 'S', 'M', 'K'};
constexpr std::size_t skippable_header = 8;

/// A part of a file in memory.
class Window {
 public:
  Window(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  /// The bytes from `offset` on: at least `least` of them, or all that there are.
  [[nodiscard]] std::span<const std::uint8_t> at(std::uint64_t offset, std::size_t least) {
    const std::uint64_t wanted = std::min<std::uint64_t>(least, size_ - std::min(offset, size_));
    if (offset < start_ || offset + wanted > start_ + bytes_.size()) {
      bytes_.resize(std::max<std::size_t>(static_cast<std::size_t>(wanted), usual_window));
      bytes_.resize(read_full_at(descriptor_, bytes_, offset).value_or(0));
      start_ = offset;
    }
    return std::span<const std::uint8_t>(bytes_).subspan(static_cast<std::size_t>(offset - start_));
  }

  /// The frame at `offset`. Errors: those of measure_frame().
  [[nodiscard]] Result<FrameInfo> frame(std::uint64_t offset) {
    for (std::size_t least = usual_window / 4;; least *= 4) {
      const auto bytes = at(offset, least);
      Result<FrameInfo> info = measure_frame(bytes);
      if (info.ok()) info.value().offset = offset;
      const bool all = offset + bytes.size() >= size_ || bytes.size() < least;
      if (info.ok() || info.status().code != Code::truncated || all) return info;
    }
  }

 private:
  int descriptor_;
  std::uint64_t size_;
  std::uint64_t start_ = 0;
  std::vector<std::uint8_t> bytes_;
};

/// Bytes of the skippable frame or the padding that `bytes` begins with; 0 if it is neither.
std::uint64_t passed_over(std::span<const std::uint8_t> bytes, bool padding_allowed) {
  if (padding_allowed) {
    const auto end = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
    if (end != bytes.begin()) return static_cast<std::uint64_t>(end - bytes.begin());
  }
  if (bytes.size() < skippable_header ||
      !std::equal(skippable_start.begin(), skippable_start.end(), bytes.begin())) {
    return 0;
  }
  std::uint64_t size = 0;
  for (std::size_t i = skippable_header; i-- > skippable_start.size();) size = size << 8 | bytes[i];
  return skippable_header + size;
}

}  // namespace

Status read_pieces(int descriptor, std::uint64_t offset, std::uint64_t size, const Sink& sink) {
  std::vector<std::uint8_t> buffer(usual_window);
  while (size != 0) {
    const auto wanted =
        std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer.size())));
    const auto got = read_full_at(descriptor, wanted, offset);
    if (!got) return {Code::io_error, "reading failed"};
    if (*got == 0) return {Code::truncated, "the file has become shorter", offset};
    if (const Status status = sink(wanted.first(*got)); !status.ok()) return status;
    offset += *got;
    size -= *got;
  }
  return {};
}

ReadAt reader_of(int descriptor) {
  return [descriptor](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
    const auto got = read_full_at(descriptor, out, offset);
    if (!got) return {Code::io_error, "reading failed"};
    return *got == out.size() ? Status{} : Status{Code::truncated, "the file has become shorter", offset};
  };
}

Status list_frames(int descriptor, std::uint64_t size, std::vector<FrameInfo>& frames) {
  if (size <= whole_file_limit) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    const auto got = read_full_at(descriptor, bytes, 0);
    if (!got) return {Code::io_error, "reading failed"};
    bytes.resize(*got);
    Result<std::vector<FrameInfo>> found = inspect(bytes);
    if (found.ok()) frames = std::move(found).value();
    return found.status();
  }
  Window window(descriptor, size);
  bool follows = false;
  for (std::uint64_t at = 0; at < size;) {
    if (const std::uint64_t over =
            passed_over(window.at(at, skippable_header), !frames.empty() && !follows)) {
      at += over;
      continue;
    }
    Result<FrameInfo> frame = window.frame(at);
    if (!frame.ok()) return {frame.status().code, frame.status().detail, at + frame.status().offset};
    const std::uint64_t expected = follows ? frames.back().number + 1 : 0;
    if (frame.value().number != expected) return {Code::data_damaged, "a frame of the stream is missing", at};
    follows = frame.value().frame_follows;
    at += frame.value().frame_size;
    frames.push_back(std::move(frame).value());
  }
  return follows ? Status{Code::truncated, "another frame of the stream should follow", size} : Status{};
}

std::vector<FrameInfo> whole_frames(int descriptor, std::uint64_t size) {
  Window window(descriptor, size);
  std::vector<FrameInfo> frames;
  for (std::uint64_t at = 0; at < size;) {
    Result<FrameInfo> frame = window.frame(at);
    if (!frame.ok() || frame.value().number != frames.size()) break;
    at += frame.value().frame_size;
    frames.push_back(std::move(frame).value());
  }
  return frames;
}

}  // namespace ssmz::cli
