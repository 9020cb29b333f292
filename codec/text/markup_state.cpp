// SPDX-License-Identifier: Apache-2.0
// Following brackets, bars, keys and cells.
#include "codec/text/markup_state.hpp"

#include <algorithm>

#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

bool in_word(std::uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte >= 0x80;
}

}  // namespace

void MarkupState::open(std::uint8_t byte) noexcept {
  Level& top = levels_[depth_];
  if (last_ == byte && ((byte == '[' && top.kind == 2) || (byte == '{' && top.kind == 4))) {
    ++top.kind;
    return;
  }
  depth_ = std::min(depth_ + 1, most_levels - 1);
  levels_[depth_] = {static_cast<std::uint8_t>(byte == '('   ? 1
                                               : byte == '[' ? 2
                                               : byte == '{' ? 4
                                                             : 6),
                     0, 0};
  key_ = 0;
}

// The second of two closing brackets finds its level gone already.
void MarkupState::close(std::uint8_t byte) noexcept {
  const unsigned kind = levels_[depth_].kind;
  const unsigned wanted = byte == ')' ? 1u : byte == ']' ? 2u : byte == '}' ? 4u : 6u;
  if (kind == wanted || (kind == wanted + 1 && (wanted == 2 || wanted == 4))) {
    --depth_;
    key_ = 0;
  }
}

void MarkupState::start_line() noexcept {
  line_kind_ = 0;
  quoted_ = false;
  key_ = 0;
  last_word_ = word_ = 0;
  cell_ = 0;
  line_ ^= 1u;
  cells_[line_].fill(0);
  if (last_ == '\n') depth_ = 0;  // an empty line ends what was left open
}

void MarkupState::next_cell() noexcept {
  cell_ = std::min(cell_ + 1, most_cells - 1);
  key_ = 0;
}

void MarkupState::push(std::uint8_t byte) noexcept {
  Level& top = levels_[depth_];
  if (!line_kind_ && byte > ' ') line_kind_ = byte;
  if (in_word(byte)) {
    word_ = hash_mix(word_ + 1, byte | 0x20u);
  } else if (word_) {
    last_word_ = word_;
    cells_[line_][cell_] = hash_mix(cells_[line_][cell_], word_);
    if (top.kind && !top.bars) top.target = hash_mix(top.target, word_);
    word_ = 0;
  }
  switch (byte) {
    case '\n': start_line(); break;
    case '(':
    case '[':
    case '{':
    case '<': open(byte); break;
    case ')':
    case ']':
    case '}':
    case '>': close(byte); break;
    case '=':
    case ':': key_ = last_word_; break;
    case '"': quoted_ = !quoted_; break;
    case '|': top.bars = static_cast<std::uint8_t>(std::min(top.bars + 1, 3)); [[fallthrough]];
    case ',':
    case '\t': next_cell(); break;
    default: break;
  }
  last_ = byte;
}

}  // namespace ssmz::codec
