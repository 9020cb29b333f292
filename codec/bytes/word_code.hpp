// SPDX-License-Identifier: Apache-2.0
// What is known of code of four-byte words that stand high byte first (transform/instructions.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "codec/base/processor.hpp"

namespace ssmz::codec {

/// Follows the words of a block that is said to be such code. Updated once a byte. FORMAT.
class WordCode {
 public:
  /// Before a block that begins at `position`: whose code it is, if it is such.
  void begin(std::optional<Processor> processor, std::uint64_t position) noexcept {
    active_ = processor.has_value();
    if (processor) form_ = &forms[static_cast<std::size_t>(*processor)];
    start_ = position;
    quarter_ = 0;
  }
  /// After a byte, or some: `position` of them have been, `last` are the last four.
  void push(std::uint64_t position, std::uint32_t last) noexcept {
    if (!active_) return;
    quarter_ = static_cast<unsigned>(position - start_) & 3u;
    now_ = last & ((std::uint32_t{1} << 8 * quarter_) - 1);
    if (quarter_ == 0) end_word(last);
  }

  [[nodiscard]] bool active() const noexcept { return active_; }
  /// The bytes of the word so far, and above them how many.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return std::uint64_t{quarter_ + 1} << 32 | now_; }
  /// Bytes of the word that are known, 0..3.
  [[nodiscard]] unsigned quarter() const noexcept { return quarter_; }
  /// The k-th word before the one in hand, 0: the last.
  [[nodiscard]] std::uint32_t word(unsigned k) const noexcept { return words_[k]; }
  static constexpr unsigned words = 4;
  /// What it does: its highest 11 bits; roughly: 8.
  [[nodiscard]] std::uint32_t operation(unsigned k) const noexcept { return words_[k] >> 21; }
  [[nodiscard]] std::uint32_t group(unsigned k) const noexcept { return words_[k] >> 24; }
  /// A register of it, in AArch64 the one that it mostly writes.
  [[nodiscard]] std::uint32_t target(unsigned k) const noexcept { return words_[k] >> form_->target & 31u; }
  /// The last word that does what the one in hand does, as far as that is known.
  [[nodiscard]] std::uint32_t like() const noexcept {
    if (quarter_ == 0) return words_[1];
    return quarter_ == 1 ? of_group_[now_] : of_operation_[now_ >> (8 * quarter_ - 11)];
  }
  /// The last call.
  [[nodiscard]] std::uint32_t call() const noexcept { return call_; }
  /// Words since the last frame was made or function returned.
  [[nodiscard]] unsigned since_frame() const noexcept { return since_frame_; }
  /// Place in a word and its highest byte, or the last one's: 0..1023.
  [[nodiscard]] unsigned place() const noexcept {
    return quarter_ * 256 + (quarter_ == 0 ? group(0) : now_ >> 8 * (quarter_ - 1));
  }

 private:
  void end_word(std::uint32_t word) noexcept {
    std::copy_backward(words_.begin(), words_.end() - 1, words_.end());
    words_[0] = word;
    of_group_[word >> 24] = of_operation_[word >> 21] = word;
    if (form_->call.fits(word)) call_ = word;
    bool frame = false;
    for (const WordPattern& pattern : form_->frames) frame |= pattern.fits(word);
    since_frame_ = frame ? 0 : since_frame_ + 1;
  }

  /// What differs: calls, what makes frames and returns, the lowest bit of target(). Operations by each
  /// processor's own fields instead of the 11 highest bits, and the register that each writes, gain 0.1 to
  /// 0.5 % of some and lose as much of others.
  struct Form {
    WordPattern call;
    std::array<WordPattern, 3> frames;
    unsigned target;
  };
  static constexpr Form power = {call_pattern(Processor::powerpc),
                                 {{{0xffff0000, 0x94210000}, {0xffff0000, 0xf8210000}, {~0u, 0x4e800020}}},
                                 16};
  // Programs call what a table says: the load from there.
  static constexpr Form mips_form = {
      {0xffff0000, 0x8f990000}, {{{0xffff0000, 0x27bd0000}, {~0u, 0x03e00008}, {}}}, 16};
  static constexpr std::array<Form, processors> forms = {{
      {call_pattern(Processor::a64), {{{0xffc07fff, 0xa9807bfd}, {~0u, 0xd65f03c0}, {}}}, 0},
      {call_pattern(Processor::arm),
       {{{0xffff4000, 0xe92d4000}, {0xffff8000, 0xe8bd8000}, {~0u, 0xe12fff1e}}},
       16},
      power,
      mips_form,
      power,
      mips_form,
      {call_pattern(Processor::sparc),
       {{{0xfffff000, 0x9de3b000}, {~0u, 0x81c7e008}, {~0u, 0x81c3e008}}},
       16},
  }};

  bool active_ = false;
  const Form* form_ = forms.data();
  std::uint64_t start_ = 0;
  unsigned quarter_ = 0;  // bytes of the word that are known
  std::uint32_t now_ = 0, call_ = 0;
  unsigned since_frame_ = 0;
  std::array<std::uint32_t, words> words_{};
  std::array<std::uint32_t, 256> of_group_{};
  std::array<std::uint32_t, 2048> of_operation_{};
};

}  // namespace ssmz::codec
