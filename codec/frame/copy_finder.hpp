// SPDX-License-Identifier: Apache-2.0
// Finds long parts of a content that have come before in its frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/content_history.hpp"

namespace ssmz::codec {

/// A part of a window that is as what lies `distance` bytes before it. Not FORMAT.
struct Copy {
  std::size_t at = 0;
  std::size_t size = 0;
  std::uint64_t distance = 0;
  friend bool operator==(const Copy&, const Copy&) = default;
};

/// Keeps fingerprints of strings that their content chooses, as M. Tridgell's rsync and C. Kolivas's lrzip
/// do, by the gear hash of W. Xia et al., "Ddelta" (2014). Linear, some 500 MB/s.
class CopyFinder {
 public:
  /// Finds none from further back than `reach`.
  explicit CopyFinder(std::uint64_t reach) noexcept : reach_(reach) {}

  /// Copies in `window`, which comes next behind `history`, that holds `reach` bytes; all of the content must
  /// come by. Rising, apart from each other, each of least_size() bytes or more and as long as it can be.
  /// Throws std::bad_alloc. `shorter` gets copies of short_copy bytes or more that are too short for that;
  /// they may lie within others.
  [[nodiscard]] std::vector<Copy> find(const ContentHistory& history, std::span<const std::uint8_t> window,
                                       std::vector<Copy>* shorter = nullptr);

  /// Least bytes of a copy. A copy takes 4 to 5 bytes more than a long match does, which the models'
  /// histories have in reach: three versions of codec/'s sources one behind the other, 1,382,400 bytes, at -1
  /// without copies 62,099, with those of 16,384 and more the same, 8,192 62,192, 4,096 62,513, 2,048 62,868
  /// bytes. Further back there is no match: two versions with 10 MB of text between them, 11,370,046 bytes,
  /// 16,384 2,143,039, 4,096 2,125,701, 1,024 2,116,337, 512 2,115,639 bytes. Not FORMAT.
  [[nodiscard]] static constexpr std::size_t least_size(std::uint64_t distance) noexcept {
    return distance < std::uint64_t{1} << 22 ? std::size_t{1} << 14 : short_copy;
  }
  /// What is as short is copied where no model has matches.
  static constexpr std::size_t short_copy = std::size_t{1} << 10;

  /// Bytes held for a history of such a reach.
  [[nodiscard]] static std::uint64_t memory(std::uint64_t reach) noexcept;

 private:
  struct Sample {
    std::uint32_t place;  // low bits of the place behind the string
    std::uint32_t check;
  };
  /// Distance of the last string like the newest bytes before place `end`, 0 if none is known; from now on
  /// this is the last.
  std::uint64_t replace_sample(std::uint64_t end) noexcept;

  /// Goes on from `at` by a byte or more, up to a string that its content chooses or to place `most` of the
  /// window or its end; whether it is such a string.
  bool hash_up_to_sample(std::span<const std::uint8_t> window, std::size_t& at, std::uint64_t most) noexcept;

  std::uint64_t reach_;
  std::vector<Sample> table_;
  std::uint64_t hash_ = 0;     // of the last 64 bytes
  std::uint64_t sampled_ = 0;  // place behind the last string looked at
};

}  // namespace ssmz::codec
