// SPDX-License-Identifier: Apache-2.0
// RFC 1951 without a window of its own: content is kept whole.
#include "codec/deflate/inflate.hpp"

namespace ssmz::codec {

bool DeflateReader::begin_stored() {
  if (bits_.take_rest_of_byte() != 0) return false;  // a writer of zeros could not give them back
  const std::uint32_t size = bits_.take(16), inverse = bits_.take(16);
  if ((size ^ inverse) != 0xFFFF || bits_.overrun()) return false;
  const std::size_t at = bits_.position() / 8;
  if (size > stream_.size() - at) return false;
  stored_ = stream_.subspan(at, size);
  for (std::size_t i = 0; i < size; ++i) (void)bits_.take(8);
  return true;
}

bool DeflateReader::begin_block() {
  last_ = bits_.take(1) != 0;
  const std::uint32_t type = bits_.take(2);
  if (type > 2) return false;
  type_ = static_cast<DeflateBlock>(type);
  if (type_ == DeflateBlock::stored) return begin_stored();
  if (type_ == DeflateBlock::fixed)
    lengths_ = fixed_code_lengths;
  else if (!read_code_lengths(bits_, header_, lengths_))
    return false;
  return literals_.set(lengths_.literals) && distances_.set(lengths_.distances);
}

DeflateReader::Next DeflateReader::next(DeflateToken& token, std::uint8_t& literal) noexcept {
  const unsigned symbol = literals_.read(bits_);
  if (bits_.overrun()) return Next::bad;
  token = {};
  literal = static_cast<std::uint8_t>(symbol);
  if (symbol < end_symbol) return Next::token;
  if (symbol == end_symbol) return Next::end;
  if (symbol >= literal_symbols) return Next::bad;
  const SymbolRange lengths = lengths_of(symbol);
  const unsigned length = lengths.first + bits_.take(lengths.extra_bits);
  const unsigned distance_code = distances_.read(bits_);
  if (distance_code >= distance_symbols) return Next::bad;
  const SymbolRange distances = distances_of(distance_code);
  const unsigned distance = distances.first + bits_.take(distances.extra_bits);
  if (bits_.overrun() || length_symbol(length).symbol != symbol) return Next::bad;
  token = {static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)};
  return Next::token;
}

namespace {

/// Appends one block's content; false if it is damaged or too long.
bool append_block(DeflateReader& reader, std::size_t most, std::vector<std::uint8_t>& plain) {
  if (!reader.begin_block()) return false;
  if (reader.type() == DeflateBlock::stored) {
    plain.insert(plain.end(), reader.stored().begin(), reader.stored().end());
    return plain.size() <= most;
  }
  DeflateToken token;
  std::uint8_t literal = 0;
  for (;;) {
    switch (reader.next(token, literal)) {
      case DeflateReader::Next::bad: return false;
      case DeflateReader::Next::end: return true;
      case DeflateReader::Next::token: break;
    }
    if (token.distance > plain.size()) return false;
    if (token.length == 0) plain.push_back(literal);
    for (unsigned i = 0; i < token.length; ++i) plain.push_back(plain[plain.size() - token.distance]);
    if (plain.size() > most) return false;
  }
}

}  // namespace

std::optional<Inflated> inflate(std::span<const std::uint8_t> bytes, std::size_t most, std::size_t& work) {
  DeflateReader reader(bytes);
  Inflated inflated;
  bool good = true;
  do {
    good = append_block(reader, most, inflated.plain);
  } while (good && !reader.is_last());
  inflated.size = reader.size();
  work += inflated.size + inflated.plain.size();
  if (!good || reader.overrun()) return std::nullopt;
  return inflated;
}

}  // namespace ssmz::codec
