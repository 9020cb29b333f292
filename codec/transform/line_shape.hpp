// SPDX-License-Identifier: Apache-2.0
// Digits of binary data on lines of one length, written as they are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// Appends digits, and before the first of each further line a line's end; nothing beyond `limit` bytes in
/// all.
class LineWriter {
 public:
  LineWriter(const TransformLayout& layout, std::size_t limit, std::vector<std::uint8_t>& out)
      : layout_(layout), most_(out.size() + limit), out_(out) {}

  /// False if there is no more room.
  [[nodiscard]] bool digit(std::uint8_t byte) {
    if (layout_.line != 0 && on_line_ == layout_.line) {
      end_line();
      on_line_ = 0;
    }
    ++on_line_;
    out_.push_back(byte);
    return out_.size() <= most_;
  }
  void finish() {
    if (layout_.ends_line) end_line();
  }

 private:
  void end_line() {
    if (layout_.crlf) out_.push_back('\r');
    out_.push_back('\n');
  }

  const TransformLayout& layout_;
  std::size_t most_;
  std::vector<std::uint8_t>& out_;
  std::size_t on_line_ = 0;
};

[[nodiscard]] constexpr bool ends_lines(std::uint8_t byte) noexcept { return byte == '\r' || byte == '\n'; }

}  // namespace ssmz::codec
