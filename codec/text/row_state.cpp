// SPDX-License-Identifier: Apache-2.0
// Following rows: delimiters, fields, rows alike, numbers that grow.
#include "codec/text/row_state.hpp"

#include <algorithm>

#include "codec/base/ascii.hpp"
#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

constexpr std::string_view delimiter_bytes = ",;\t|";
constexpr unsigned least_delimiters = 2;  // in a row
constexpr unsigned least_streak = 4;      // rows with as many delimiters as the row before
// Of bytes as expected: what makes rows of lines without a delimiter, what ends them. Prose has a tenth.
constexpr unsigned like_rows = 65536 * 45 / 100, unlike_rows = 65536 * 30 / 100;
constexpr unsigned likeness_shift = 9;
constexpr std::size_t most_digits = 15;     // longer numbers are not predicted
constexpr unsigned least_hexadecimals = 3;  // shorter ones are words

bool is_alphanumeric(std::uint8_t byte) { return is_digit(byte) || is_letter(to_lower(byte)); }

bool in_word(std::uint8_t byte) { return byte > ' ' && byte != ':' && byte != '=' && byte != ','; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

bool RowState::usable(const Row& row) const noexcept {
  return row.end > row.at && position_ - row.at < ring_size - 64 && row.delimiter == delimiter_ &&
         field_ < row.fields;
}

std::uint64_t RowState::expected(unsigned k) const noexcept {
  const Row& row = followed_[k];
  if (!usable(row)) return 0;
  const std::uint64_t from = counterpart(row);
  std::uint64_t bytes = std::uint64_t{equal_[k]} << 32;
  for (unsigned i = 0; i < 4 && from + i <= row.end; ++i) bytes |= std::uint64_t{at(from + i)} << (8 * i);
  return bytes;
}

std::uint64_t RowState::step() const noexcept {
  if (number_size_ == 0) return 0;
  const std::uint64_t offset = position_ - number_at_;
  std::uint64_t bytes = 1;
  for (std::uint64_t i = offset; i < std::min<std::uint64_t>(offset + 4, number_size_); ++i)
    bytes = bytes << 8 | static_cast<std::uint8_t>(number_[i]);
  return bytes;
}

// The letters and digits that a row has from this place of the field on, if they begin there and fit.
std::string_view RowState::text_of(const Row& row, std::array<char, 32>& buffer) const noexcept {
  const std::uint64_t from = counterpart(row);
  if (position_ > field_at_ && (from > row.end || is_alphanumeric(at(from - 1)))) return {};
  std::size_t size = 0;
  for (std::uint64_t i = from; i < row.end && size < buffer.size() && is_alphanumeric(at(i)); ++i)
    buffer[size++] = static_cast<char>(at(i));
  return {buffer.data(), size};
}

RowState::Number RowState::number_of(const Row& row) noexcept {
  std::array<char, 32> buffer{};
  const std::string_view text = text_of(row, buffer);
  if (text.empty() || text.size() > most_digits) return {};
  bool decimals = false, letters = false;
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit < 0) return {};
    (digit > 9 ? letters : decimals) = true;
  }
  bool& hexadecimal = hexadecimal_[field_];
  hexadecimal = hexadecimal || (letters && decimals && text.size() >= least_hexadecimals);
  if (letters && !hexadecimal) return {};
  Number number{0, static_cast<unsigned>(text.size())};
  for (const char c : text)
    number.value = number.value * (hexadecimal ? 16u : 10u) + static_cast<unsigned>(digit_of(c));
  return number;
}

void RowState::predict_number() noexcept {
  number_size_ = 0;
  number_at_ = position_;
  if (!usable(followed_[0]) || !usable(followed_[1])) return;
  const Number before = number_of(followed_[1]), number = number_of(followed_[0]);
  if (!before.digits || !number.digits) return;
  const std::uint64_t base = hexadecimal_[field_] ? 16 : 10;
  std::uint64_t rest = 2 * number.value - before.value;
  if (rest >> 62) return;  // below 0
  std::array<char, 24> reversed{};
  unsigned size = 0;
  do {
    reversed[size++] = "0123456789ABCDEF"[rest % base];
    rest /= base;
  } while (rest && size < reversed.size());
  while (size < number.digits) reversed[size++] = '0';
  std::reverse_copy(reversed.begin(), reversed.begin() + size, number_.begin());
  number_size_ = size;
}

void RowState::start_field() noexcept {
  field_at_ = position_;
  so_far_ = 0;
  equal_ = {true, true};
  if (field_ == row_.fields && row_.fields < most_fields) {
    row_.starts[field_] = static_cast<std::uint16_t>(std::min<std::uint64_t>(position_ - row_.at, 65535));
    ++row_.fields;
  }
  if (active_) predict_number();
}

// From the end of the row's first word on.
void RowState::follow(std::uint64_t word) noexcept {
  word_ended_ = true;
  const Kind& kind = kinds_[word % kind_count];
  if (kind.word != word || kind.rows[0].end == kind.rows[0].at) return;
  followed_ = kind.rows;
  equal_ = {true, true};
}

void RowState::end_row() noexcept {
  row_.end = position_ - 1;
  if (row_.end > row_.at) {
    before_[1] = before_[0];
    before_[0] = row_;
    Kind& kind = kinds_[word_ % kind_count];
    if (kind.word != word_) kind = {word_, {}};
    kind.rows[1] = kind.rows[0];
    kind.rows[0] = row_;
  }
  unsigned best = 0;  // the delimiter that a row has most of, of those that all rows have alike
  for (unsigned d = 0; d < delimiters; ++d) {
    streaks_[d] = counts_[d] == last_counts_[d] && counts_[d] >= least_delimiters
                      ? std::min(streaks_[d] + 1, 2 * least_streak)
                      : streaks_[d] / 2;
    if (streaks_[d] >= least_streak && (best == 0 || counts_[d] > counts_[best - 1])) best = d + 1;
  }
  if (best != delimiter_) hexadecimal_.fill(false);
  delimiter_ = best;
  active_ = delimiter_ != 0 || likeness_ > (active_ ? unlike_rows : like_rows);
  last_counts_ = counts_;
  counts_.fill(0);
  row_ = {};
  row_.at = row_.end = position_;
  row_.delimiter = static_cast<std::uint8_t>(delimiter_);
  followed_ = before_;
  field_ = 0;
  word_ = first_field_ = last_field_ = 0;
  word_ended_ = false;
  quote_ = 0;
  start_field();
}

// With what the rows that are followed have, and the number that is expected.
void RowState::compare(std::uint8_t byte) noexcept {
  for (unsigned k = 0; k < followed_.size(); ++k) {
    const Row& row = followed_[k];
    const bool right = usable(row) && counterpart(row) <= row.end && at(counterpart(row)) == byte;
    equal_[k] = equal_[k] && right;
    if (k > 0) continue;
    likeness_ -= likeness_ >> likeness_shift;
    if (right) likeness_ += 65536u >> likeness_shift;
  }
  const std::uint64_t offset = position_ - number_at_;
  if (offset >= number_size_ || static_cast<std::uint8_t>(number_[offset]) != byte) number_size_ = 0;
}

bool RowState::ends_field(std::uint8_t byte) noexcept {
  const bool quoted = quote_ != 0;
  const std::size_t number = delimiter_bytes.find(static_cast<char>(byte));
  if (quoted) {
    if (byte == quote_) quote_ = 0;
  } else if (byte == '"' || (byte == '\'' && (last_ == '(' || last_ == ','))) {
    quote_ = byte;
  } else if (number != std::string_view::npos) {
    ++counts_[number];
  }
  return delimiter_ == 0 ? byte == ' ' : !quoted && number == delimiter_ - 1;
}

void RowState::push(std::uint8_t byte) noexcept {
  compare(byte);
  ring_[position_ % ring_size] = byte;
  ++position_;
  if (byte == '\n') {
    end_row();
  } else if (ends_field(byte)) {
    if (!word_ended_ && word_) follow(word_);
    last_field_ = so_far_;
    if (field_ == 0) first_field_ = so_far_;
    field_ = std::min(field_ + 1, most_fields - 1);
    start_field();
  } else {
    so_far_ = hash_mix(so_far_ + 1, byte);
    if (!word_ended_ && in_word(byte))
      word_ = hash_mix(word_ + 1, byte);
    else if (!word_ended_ && word_)
      follow(word_);
    if (active_ && !is_alphanumeric(byte)) predict_number();
  }
  last_ = byte;
}

}  // namespace ssmz::codec
