// SPDX-License-Identifier: Apache-2.0
// Tables of messages taken out, and made again.
#include "codec/transform/catalogue.hpp"

#include <algorithm>

#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"
#include "codec/base/sysv_hash.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT.
constexpr std::uint32_t magic = 0x950412de;
constexpr std::size_t number = 4, descriptor = 8, short_header = 28, long_header = 48;
constexpr std::uint8_t inner_end = 1;  // what a 0 within a string is in the plain bytes

/// Of the header, and where things stand that it does not say itself.
struct Catalogue {
  std::uint64_t strings = 0;  // of one language
  std::uint64_t slots = 0;    // of the hash table
  std::size_t header = 0;

  [[nodiscard]] std::uint64_t table(unsigned language) const {
    return header + descriptor * strings * language;
  }
  [[nodiscard]] std::uint64_t hash_table() const { return table(2); }
  [[nodiscard]] std::uint64_t tables_end() const { return hash_table() + number * slots; }
};

/// Nothing of a header that places tables elsewhere than behind each other.
std::optional<Catalogue> catalogue_of(ByteOrder order, Bytes bytes) {
  if (bytes.size() < short_header || order.word(bytes, 0) != magic) return std::nullopt;
  Catalogue is{order.word(bytes, 8), order.word(bytes, 20), order.word(bytes, 12)};
  if ((is.header != short_header && is.header != long_header) || is.strings == 0) return std::nullopt;
  // With as many slots as strings none would be free.
  if (bytes.size() < is.header || is.slots <= is.strings || is.slots < 3) return std::nullopt;
  if (order.word(bytes, 16) != is.table(1) || order.word(bytes, 24) != is.hash_table()) return std::nullopt;
  return is;
}

/// The slots of messages, 0 or their numbers from 1 on: each in the first that is free of those that its hash
/// leads to. False if that takes long, as it does not with a prime number of slots.
bool put_slots(ByteOrder order, const std::vector<Bytes>& messages, std::uint32_t slots,
               std::span<std::uint8_t> to) {
  std::uint64_t steps_left = 64 + 16 * std::uint64_t{slots};
  std::vector<std::uint32_t> table(slots);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Bytes message = messages[i];
    const auto end = std::ranges::find(message, inner_end);
    const std::uint32_t hash = sysv_hash(message.first(static_cast<std::size_t>(end - message.begin())));
    const std::uint32_t step = 1 + hash % (slots - 2);
    std::uint32_t slot = hash % slots;
    while (table[slot] != 0) {
      if (steps_left-- == 0) return false;
      slot = slot >= slots - step ? slot - (slots - step) : slot + step;
    }
    table[slot] = static_cast<std::uint32_t>(i + 1);
  }
  for (std::size_t k = 0; k < table.size(); ++k) order.put(table[k], number, to, number * k);
  return true;
}

/// Bytes of a catalogue up to the last translation's end, if its strings stand one behind the other, and
/// where they begin.
struct Strings {
  std::uint64_t begin = 0, end = 0;
};
std::optional<Strings> strings_in(ByteOrder order, const Catalogue& is, Bytes bytes) {
  if (is.tables_end() > bytes.size()) return std::nullopt;
  Strings found{order.word(bytes, is.header + number), 0};
  if (found.begin < is.tables_end()) return std::nullopt;
  found.end = found.begin;
  for (std::uint64_t at = is.header; at < is.hash_table(); at += descriptor) {
    if (order.word(bytes, at + number) != found.end) return std::nullopt;
    found.end += std::uint64_t{order.word(bytes, at)} + 1;
    if (found.end > bytes.size() || bytes[found.end - 1] != 0) return std::nullopt;
  }
  return found;
}

}  // namespace

bool valid_catalogue_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line < 2;
}

std::optional<std::vector<std::uint8_t>> from_catalogue(const TransformLayout& layout, Bytes raw) {
  const ByteOrder order{layout.line != 0};
  const std::optional<Catalogue> is = catalogue_of(order, raw);
  const std::optional<Strings> strings = is ? strings_in(order, *is, raw) : std::nullopt;
  if (!strings || strings->end != raw.size()) return std::nullopt;
  const Bytes text = raw.subspan(strings->begin);
  if (std::ranges::count(text, inner_end) != 0) return std::nullopt;
  const auto place = [&](std::uint64_t at) { return raw.begin() + static_cast<std::ptrdiff_t>(at); };
  std::vector<std::uint8_t> plain(raw.begin(), place(is->header));
  plain.resize(is->header + number);
  order.put(strings->begin - is->tables_end(), number, plain, is->header);
  plain.insert(plain.end(), place(is->tables_end()), raw.end());
  std::size_t at = plain.size() - text.size();
  for (std::uint64_t entry = is->header; entry < is->hash_table(); entry += descriptor) {
    const std::size_t size = order.word(raw, entry);
    std::replace(plain.begin() + static_cast<std::ptrdiff_t>(at),
                 plain.begin() + static_cast<std::ptrdiff_t>(at + size), std::uint8_t{0}, inner_end);
    at += size + 1;
  }
  return plain;
}

bool append_catalogue(const TransformLayout& layout, Bytes plain, std::size_t size,
                      std::vector<std::uint8_t>& raw) {
  const ByteOrder order{layout.line != 0};
  const std::optional<Catalogue> is = catalogue_of(order, plain);
  if (!is || plain.size() - is->header < number || is->tables_end() > size) return false;
  const std::uint64_t gap = order.word(plain, is->header);
  const Bytes rest = plain.subspan(is->header + number);
  if (gap > rest.size() || size - is->tables_end() != rest.size()) return false;
  const std::size_t start = raw.size();
  const auto begin = static_cast<std::size_t>(is->tables_end() + gap);
  raw.insert(raw.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(is->header));
  raw.resize(start + is->tables_end());
  raw.insert(raw.end(), rest.begin(), rest.end());
  const auto file = std::span(raw).subspan(start);
  std::vector<Bytes> messages;
  std::size_t at = begin;
  for (std::uint64_t entry = is->header; entry < is->hash_table(); entry += descriptor) {
    const auto end = std::find(file.begin() + static_cast<std::ptrdiff_t>(at), file.end(), std::uint8_t{0});
    if (end == file.end()) return false;
    const auto length = static_cast<std::size_t>(end - file.begin()) - at;
    if (messages.size() < is->strings) messages.push_back(file.subspan(at, length));
    order.put(length, number, file, entry);
    order.put(at, number, file, entry + number);
    at += length + 1;
  }
  const auto slots = file.subspan(is->hash_table(), number * is->slots);
  if (at != file.size() || !put_slots(order, messages, static_cast<std::uint32_t>(is->slots), slots))
    return false;
  std::replace(file.begin() + static_cast<std::ptrdiff_t>(begin), file.end(), inner_end, std::uint8_t{0});
  return true;
}

void find_catalogues(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr Signature<4> signs[] = {{{0xde, 0x12, 0x04, 0x95}, 1}, {{0x95, 0x04, 0x12, 0xde}, 2}};
  for (const std::uint16_t line : {std::uint16_t{0}, std::uint16_t{1}}) {
    const Signature<4>& sign = signs[line];
    const ByteOrder order{line != 0};
    for (std::size_t at = sign.find(content, 0), next = 0; at < content.size();
         at = sign.find(content, next)) {
      next = at + 1;
      const Bytes file = content.subspan(at);
      const std::optional<Catalogue> is = catalogue_of(order, file);
      const std::optional<Strings> strings = is ? strings_in(order, *is, file) : std::nullopt;
      if (!strings || strings->end < least_written_part || strings->end > most_plain_size) continue;
      const auto size = static_cast<std::size_t>(strings->end);
      parts.push_back({at, size, {.transform = Transform::catalogue, .line = line}});
      next = at + size;
    }
  }
}

}  // namespace ssmz::codec
