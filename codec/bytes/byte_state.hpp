// SPDX-License-Identifier: Apache-2.0
// What the byte model knows of the data so far: last bytes, words, record structure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/bytes/drawn_pixels.hpp"
#include "codec/bytes/float_forecast.hpp"
#include "codec/bytes/halfword_code.hpp"
#include "codec/bytes/m68k_code.hpp"
#include "codec/bytes/record_chain.hpp"
#include "codec/bytes/typeset_state.hpp"
#include "codec/bytes/vax_code.hpp"
#include "codec/bytes/word_code.hpp"
#include "codec/bytes/x86_code.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Guesses the length of fixed-size records from distances between equal byte pairs. Updated once a byte.
class RecordFinder {
 public:
  static constexpr unsigned max_length = 4096;

  RecordFinder() : last_pair_(pairs), scores_(max_length + 1) {}

  /// Bytes that a finder takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory() noexcept {
    return (pairs + max_length + 1) * sizeof(std::uint32_t);
  }
  void push(std::uint64_t position, unsigned pair);

  /// Most likely record length in bytes (k = 0), and the next one
  /// that is no multiple or divisor of it (k = 1); 0 if none.
  [[nodiscard]] unsigned length(unsigned k) const noexcept { return lengths_[k]; }

 private:
  static constexpr std::size_t pairs = 65536;
  void choose();

  model::Zeroed<std::uint32_t> last_pair_;  // of positions the lowest bits: half the lines, and near is near
  std::vector<std::uint32_t> scores_;
  std::array<unsigned, 2> lengths_{};
};

/// Updated once a byte.
class ByteState {
 public:
  /// What data are made of.
  enum class Structure : std::uint8_t { word_code, chain, x86, typeset, vax, m68k, halfwords, none };

  /// `structures`: whether records of type and length, typeset text and code of the VAX are looked for.
  /// Without it chain(), typeset() and vax() are never active: 400 of -1's instructions a byte, whose
  /// contexts do not read them. `floats`: whether arrays of floats are.
  explicit ByteState(unsigned ring_log2, bool structures = true, bool floats = false)
      : ring_(std::size_t{1} << ring_log2), structures_(structures) {
    if (floats) floats_.emplace();
  }

  /// Bytes that a state with a ring of this size takes beside itself.
  [[nodiscard]] static std::uint64_t memory(unsigned ring_log2, bool floats) noexcept {
    return (std::uint64_t{1} << ring_log2) + RecordFinder::memory() + RecordChain::memory() +
           (floats ? FloatForecast::memory() : 0);
  }
  void push(std::uint8_t byte);
  /// What comes are pixels that lie so: only drawn() is kept from here on.
  void set_drawing(const DrawingLayout& layout) noexcept {
    if (!drawn_) drawn_.emplace();
    drawn_->set_layout(layout, position_);
    look();
  }
  /// Of a long repeat, when many more will come: remembers the byte, but looks for no structure. What had
  /// been found is forgotten. Cost: a nanosecond.
  void pass(std::uint8_t byte) noexcept {
    append(byte);
    if (floats_) floats_->pass(byte);
    passed_ = true;
  }

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  /// k-th last byte (1: newest), 0 before the beginning or beyond the ring.
  [[nodiscard]] unsigned back(std::uint64_t k) const noexcept {
    return k <= position_ && k <= ring_.size() ? ring_[(position_ - k) & (ring_.size() - 1)] : 0u;
  }
  /// Byte at absolute position `at` (0: the first), 0 if it is too long ago or yet to come.
  [[nodiscard]] unsigned at(std::uint64_t at) const noexcept {
    return at < position_ ? back(position_ - at) : 0u;
  }
  [[nodiscard]] std::uint64_t last(unsigned n) const noexcept {
    return n >= 8 ? bytes_ : bytes_ & ((std::uint64_t{1} << (8 * n)) - 1);
  }
  /// k-th last word of 16 bits at an even position that has ended (1: newest), its last byte lowest.
  [[nodiscard]] unsigned even_word(unsigned k) const noexcept {
    const std::uint64_t odd = position_ & 1;
    return back(odd + 2 * k - 1) | back(odd + 2 * k) << 8;
  }
  [[nodiscard]] std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] std::uint64_t last_word() const noexcept { return last_word_; }
  [[nodiscard]] const RecordFinder& records() const noexcept { return records_; }
  /// Place of the coming byte in its record, or in four bytes where there are no records.
  [[nodiscard]] unsigned column() const noexcept {
    if (drawn_) return drawn_->column();
    const unsigned record = records_.length(0);
    return static_cast<unsigned>(position_ % (record ? record : 4));
  }
  [[nodiscard]] const RecordChain& chain() const noexcept { return chain_; }
  [[nodiscard]] const X86Code& code() const noexcept { return code_; }
  [[nodiscard]] const TypesetState& typeset() const noexcept { return typeset_; }
  /// Of a block that was said to be such.
  [[nodiscard]] const WordCode& word_code() const noexcept { return word_code_; }
  /// Before a block: whose code it is, high bytes first, if it is such.
  void begin_block(std::optional<Processor> code) noexcept { word_code_.begin(code, position_); }
  /// Of RISC-V and Thumb-2.
  [[nodiscard]] const HalfwordCode& halfwords() const noexcept { return halfwords_; }
  [[nodiscard]] const VaxCode& vax() const noexcept { return vax_; }
  /// What the coming byte is part of, as far as is known: of several the first in Structure's order.
  [[nodiscard]] Structure structure() const noexcept {
    if (word_code_.active()) return Structure::word_code;
    if (chain_.active()) return Structure::chain;
    if (code_.active()) return Structure::x86;
    if (typeset_.active()) return Structure::typeset;
    if (vax_.active()) return Structure::vax;
    if (m68k_.active()) return Structure::m68k;
    return halfwords_.active() ? Structure::halfwords : Structure::none;
  }
  /// What must be added to the coming byte (mod 256) before it is modelled: it is then one of an address.
  [[nodiscard]] std::uint8_t to_address() const noexcept {
    if (word_code_.active()) return 0;
    return code_.active() ? code_.to_address() : vax_.to_address();
  }
  [[nodiscard]] const M68kCode& m68k() const noexcept { return m68k_; }
  /// Of the array of floats that the coming byte is in; nullptr: of none.
  [[nodiscard]] const FloatForecast* floats() const noexcept {
    return floats_ && floats_->active() ? &*floats_ : nullptr;
  }
  /// Pixels around the coming byte; nullptr: it is none of a drawing.
  [[nodiscard]] const DrawnPixels* drawn() const noexcept { return drawn_ ? &*drawn_ : nullptr; }
  /// High nibble classes of the last eight bytes (4 bits each): zero, small, letters, 0xff ...
  [[nodiscard]] std::uint32_t kinds() const noexcept { return kinds_; }
  [[nodiscard]] std::uint64_t since(unsigned byte_class) const noexcept {
    return position_ - seen_[byte_class];
  }

 private:
  void look() noexcept {
    drawn_->look(position_, [this](std::uint64_t k) { return back(k); });
  }
  void append(std::uint8_t byte) noexcept {
    ring_[position_ & (ring_.size() - 1)] = byte;
    ++position_;
    bytes_ = bytes_ << 8 | byte;
  }

  std::vector<std::uint8_t> ring_;
  bool structures_;
  std::uint64_t position_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t word_ = 0;
  std::uint64_t last_word_ = 0;
  std::uint32_t kinds_ = 0;
  std::array<std::uint64_t, 4> seen_{};  // last position of: 0, newline, 0xff, space
  RecordFinder records_;
  RecordChain chain_;
  X86Code code_;
  TypesetState typeset_;
  M68kCode m68k_;
  VaxCode vax_;
  WordCode word_code_;
  HalfwordCode halfwords_;
  std::optional<FloatForecast> floats_;
  std::optional<DrawnPixels> drawn_;
  bool passed_ = false;  // the last byte
};

}  // namespace ssmz::codec
