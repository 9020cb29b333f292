// SPDX-License-Identifier: Apache-2.0
// Splits a fuzzer's input into choices and data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace ssmz::fuzz {

using Bytes = std::vector<std::uint8_t>;

/// Takes choices from the front of the input; what is left is data.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  std::uint8_t choice() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};

/// Calls `take` with pieces of `bytes` of `size` bytes (0: all at once) until it returns false.
template <class Take>
void in_pieces(std::span<const std::uint8_t> bytes, std::size_t size, const Take& take) {
  do {
    const auto piece = bytes.first(size == 0 ? bytes.size() : std::min(size, bytes.size()));
    bytes = bytes.subspan(piece.size());
    if (!take(piece)) return;
  } while (!bytes.empty());
}

/// Ends the process so that the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace ssmz::fuzz
