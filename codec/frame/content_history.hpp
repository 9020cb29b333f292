// SPDX-License-Identifier: Apache-2.0
// The newest bytes of a frame's content, for copies of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Holds the last reach() bytes of what was appended, and up to a piece more. Places count from the frame's
/// beginning.
class ContentHistory {
 public:
  ContentHistory() = default;
  explicit ContentHistory(std::uint64_t reach) : reach_(reach) {}

  [[nodiscard]] std::uint64_t reach() const noexcept { return reach_; }
  /// Bytes appended.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Throws std::bad_alloc.
  void append(std::span<const std::uint8_t> content);

  /// The bytes from place `at` on, at least one, at most `most`, as many as lie together. `at` < size(), not
  /// further back than reach().
  [[nodiscard]] std::span<const std::uint8_t> from(std::uint64_t at, std::size_t most) const noexcept;

  /// Replaces `out` by the `count` bytes from place `at` on. at + count <= size(), `at` not further back than
  /// reach().
  void read(std::uint64_t at, std::size_t count, std::vector<std::uint8_t>& out) const;

  /// Replaces `out` by the `count` bytes that would follow if each were as the one `distance` before it.
  /// 0 < distance <= reach() and size().
  void repeat(std::uint64_t distance, std::size_t count, std::vector<std::uint8_t>& out) const;

 private:
  static constexpr std::size_t piece_size = std::size_t{1} << 16;

  std::uint64_t reach_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t dropped_ = 0;                     // bytes in front of the pieces
  std::deque<std::vector<std::uint8_t>> pieces_;  // full but the last
};

}  // namespace ssmz::codec
