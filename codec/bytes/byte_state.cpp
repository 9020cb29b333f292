// SPDX-License-Identifier: Apache-2.0
// Keeping the summaries of bytes; finding record lengths.
#include "codec/bytes/byte_state.hpp"

#include <algorithm>

#include "codec/base/ascii.hpp"
#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t choose_interval = 512;  // bytes between two looks at the scores
constexpr std::uint32_t least_score = 24;       // repeats within the decay time that make a record length

unsigned kind_of(std::uint8_t byte) {
  if (byte == 0) return 0;
  if (byte == 0xff) return 1;
  if (byte == ' ') return 2;
  if (byte == '\n' || byte == '\r' || byte == '\t') return 3;
  if (byte < 32) return 4;
  if (is_digit(byte)) return 5;
  if (is_lower(byte)) return 6;
  if (is_upper(byte)) return 7;
  if (byte < 128) return 8;
  return 9 + (byte >> 5 & 3u);
}

}  // namespace

void RecordFinder::push(std::uint64_t position, unsigned pair) {
  const std::uint32_t distance = static_cast<std::uint32_t>(position) - last_pair_[pair];
  if (last_pair_[pair] && distance <= max_length && distance > 1) ++scores_[distance];
  last_pair_[pair] = static_cast<std::uint32_t>(position);
  if (position % choose_interval == 0) choose();
}

void RecordFinder::choose() {
  unsigned best[2] = {0, 0};
  for (unsigned d = 2; d <= max_length; ++d)
    if (scores_[d] >= least_score && (best[0] == 0 || scores_[d] > scores_[best[0]])) best[0] = d;
  for (unsigned d = 2; d <= max_length && best[0] > 0; ++d) {
    if (scores_[d] < least_score || d % best[0] == 0) continue;
    if (best[1] == 0 || scores_[d] > scores_[best[1]]) best[1] = d;
  }
  lengths_ = {best[0], best[1]};
  for (std::uint32_t& score : scores_) score -= score / 4;
}

void ByteState::push(std::uint8_t byte) {
  if (drawn_) {
    append(byte);
    look();
    return;
  }
  if (passed_) {
    chain_.leave();
    code_.resume(position_);
    halfwords_.leave();
    typeset_.leave();
    m68k_.leave();
    vax_.resume(position_);
    word_ = 0;
    passed_ = false;
  }
  append(byte);
  kinds_ = kinds_ << 4 | kind_of(byte);
  const std::uint8_t lower = to_lower(byte);
  if (is_letter(lower)) {
    word_ = hash_mix(word_, lower);
  } else if (word_) {
    last_word_ = word_;
    word_ = 0;
  }
  if (byte == 0) seen_[0] = position_;
  if (byte == '\n') seen_[1] = position_;
  if (byte == 0xff) seen_[2] = position_;
  if (byte == ' ') seen_[3] = position_;
  records_.push(position_, static_cast<unsigned>(bytes_ & 0xffffu));
  code_.push(byte);
  if (floats_) floats_->push(byte);
  word_code_.push(position_, static_cast<std::uint32_t>(bytes_));
  halfwords_.push(position_, static_cast<std::uint32_t>(bytes_));
  m68k_.push(byte, position_);
  if (!structures_) return;
  chain_.push(ring_, position_);
  typeset_.push(byte);
  vax_.push(byte);
}

}  // namespace ssmz::codec
