// SPDX-License-Identifier: Apache-2.0
// Numbers of SQLite, and records as keys.
#include "codec/transform/sqlite_records.hpp"

#include <algorithm>
#include <iterator>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t longest_number = 9;
constexpr ByteOrder order{.big_endian = true};

}  // namespace

SqliteNumber number_at(Bytes bytes, std::size_t at) noexcept {
  SqliteNumber is;
  for (std::size_t i = at; i < bytes.size(); ++i) {
    if (++is.size == longest_number) return {is.value << 8 | bytes[i], is.size};
    is.value = is.value << 7 | (bytes[i] & 0x7fu);
    if (bytes[i] < 0x80) return is;
  }
  return {};
}

void put_number(std::uint64_t value, std::size_t size, std::span<std::uint8_t> bytes) noexcept {
  for (std::size_t i = size; i > 0; --i) {
    if (i == longest_number) {
      bytes[i - 1] = static_cast<std::uint8_t>(value);
      value >>= 8;
    } else {
      bytes[i - 1] = static_cast<std::uint8_t>((bytes[i - 1] & 0x80u) | (value & 0x7fu));
      value >>= 7;
    }
  }
}

void append_key(Bytes record, std::vector<std::uint8_t>& key) {
  enum Tag : std::uint8_t { null = 1, integer, real, text, blob };
  const SqliteNumber header = number_at(record, 0);
  if (header.size == 0 || header.value > record.size()) return;
  const Bytes types = record.first(static_cast<std::size_t>(header.value));
  Bytes rest = record.subspan(types.size());
  const auto append_integer = [&](std::uint64_t value) {
    value ^= std::uint64_t{1} << 63;
    for (unsigned shift = 64; shift > 0; shift -= 8)
      key.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
  };
  constexpr std::size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  for (std::size_t at = header.size; at < types.size();) {
    const SqliteNumber type = number_at(types, at);
    if (type.size == 0) return;
    at += type.size;
    if (type.value >= 12) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>((type.value - 12) / 2, rest.size()));
      key.push_back(type.value % 2 == 0 ? blob : text);
      key.insert(key.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
      key.push_back(0);
      rest = rest.subspan(size);
      continue;
    }
    if (type.value >= std::size(sizes)) return;
    const std::size_t size = sizes[type.value];
    if (size > rest.size()) return;
    std::uint64_t value = order.get(rest, 0, static_cast<unsigned>(size));
    rest = rest.subspan(size);
    key.push_back(type.value == 0 ? null : type.value == 7 ? real : integer);
    if (type.value == 0) continue;
    if (type.value >= 8) value = type.value - 8;
    const bool negative = size != 0 && (value >> (8 * size - 1) & 1) != 0;
    if (type.value == 7)
      value = negative ? ~value ^ std::uint64_t{1} << 63 : value;
    else if (negative && size < 8)
      value |= ~std::uint64_t{0} << (8 * size);
    append_integer(value);
  }
}

}  // namespace ssmz::codec
