// SPDX-License-Identifier: Apache-2.0
// A writer that fills lines is expected; marks say where it was another one.
#include "codec/transform/soft_breaks.hpp"

#include <algorithm>

#include "codec/transform/escapes.hpp"
#include "codec/transform/hexadecimal.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool is_mark(std::uint8_t byte) { return byte >= literal_mark && byte <= break_mark; }
bool is_line_end(std::uint8_t byte) { return byte == '\n' || byte == '\r'; }

/// Where on its line the text is.
class Line {
 public:
  explicit Line(const TransformLayout& layout) : most_(soft_line(layout)), upper_case_(layout.upper_case) {}

  /// Bytes that are not parted: an escape, or one.
  [[nodiscard]] std::size_t unit(Bytes text) const {
    const bool escape = text.size() >= 3 && text[0] == '=' && hex_value(text[1], upper_case_) < 16 &&
                        hex_value(text[2], upper_case_) < 16;
    return escape ? 3 : 1;
  }
  /// Whether a break is expected before what `text` begins with.
  [[nodiscard]] bool is_full(Bytes text) const {
    if (most_ == 0 || is_long_ || is_line_end(text[0])) return false;
    const std::size_t size = unit(text), end = column_ + size;
    if (end < most_) return false;
    return end > most_ || (size < text.size() && !is_line_end(text[size]));
  }
  void pass(Bytes unit) {
    column_ += unit.size();
    if (is_line_end(unit[0])) begin();
  }
  void begin() { column_ = 0, is_long_ = false; }
  void is_long() { is_long_ = true; }

 private:
  std::size_t most_;
  bool upper_case_;
  std::size_t column_ = 0;
  bool is_long_ = false;
};

}  // namespace

std::size_t soft_break_size(bool crlf, Bytes text) noexcept {
  if (text.size() < 2 || text[0] != '=') return 0;
  if (!crlf) return text[1] == '\n' ? 2 : 0;
  return text.size() > 2 && text[1] == '\r' && text[2] == '\n' ? 3 : 0;
}

std::optional<std::vector<std::uint8_t>> without_soft_breaks(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> text;
  text.reserve(raw.size());
  Line line(layout);
  while (!raw.empty()) {
    if (is_mark(raw[0])) return std::nullopt;
    if (const std::size_t size = soft_break_size(layout.crlf, raw)) {
      raw = raw.subspan(size);
      const bool expected = !raw.empty() && soft_break_size(layout.crlf, raw) == 0 && line.is_full(raw);
      if (!expected) text.push_back(break_mark);
      line.begin();
      continue;
    }
    if (line.is_full(raw)) {
      text.push_back(long_mark);
      line.is_long();
    }
    const Bytes unit = raw.first(line.unit(raw));
    text.insert(text.end(), unit.begin(), unit.end());
    line.pass(unit);
    raw = raw.subspan(unit.size());
  }
  return text;
}

bool append_soft_broken(const TransformLayout& layout, Bytes text, std::size_t limit,
                        std::vector<std::uint8_t>& raw) {
  const std::size_t most = raw.size() + limit;
  Line line(layout);
  const auto soft_break = [&] {
    raw.push_back('=');
    if (layout.crlf) raw.push_back('\r');
    raw.push_back('\n');
    line.begin();
  };
  while (!text.empty() && raw.size() <= most) {
    const bool is_long = text[0] == long_mark;
    if (is_long || text[0] == break_mark) {
      text = text.subspan(1);
      if (!is_long) soft_break();
      // What a mark says must be true: else one text would have many forms.
      if (is_long && (text.empty() || is_mark(text[0]) || !line.is_full(text))) return false;
      if (is_long) line.is_long();
      continue;
    }
    if (line.is_full(text)) soft_break();
    const Bytes unit = text.first(line.unit(text));
    raw.insert(raw.end(), unit.begin(), unit.end());
    line.pass(unit);
    text = text.subspan(unit.size());
  }
  return true;
}

}  // namespace ssmz::codec
