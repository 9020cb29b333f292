// SPDX-License-Identifier: Apache-2.0
// Hash tables of symbols taken out, and made again.
#include "codec/transform/dynamic_symbols.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>

#include "codec/base/little_endian.hpp"
#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"
#include "codec/base/sysv_hash.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT.
constexpr std::size_t sysv_header = 8, gnu_header = 16, number = 4;
// Names may share their bytes, but not so much that hashing them takes long. FORMAT.
constexpr std::size_t most_hashed_share = 8;

std::size_t word_of(const SymbolForm& form) { return form.wide ? 8 : 4; }
std::size_t record_of(const SymbolForm& form) { return form.wide ? 24 : 16; }

// ---- Sizes and places.

/// What tables and symbols are made from, beside names. FORMAT: as these numbers stand in front of the plain
/// bytes, those of tables that are not there left out.
struct Sizes {
  std::uint32_t symbols = 0;
  std::uint32_t sysv_buckets = 0,
                sysv_first = 0;  // the first symbol that the table holds, with all behind it
  std::uint32_t buckets = 0, first = 0, bloom_words = 0, bloom_shift = 0;

  template <class Each>
  void each(const SymbolForm& form, Each&& visit) {
    visit(symbols);
    if (form.sysv) visit(sysv_buckets), visit(sysv_first);
    if (form.gnu) visit(buckets), visit(first), visit(bloom_words), visit(bloom_shift);
  }
};

/// Where each table begins in a part.
struct Places {
  std::uint64_t gnu = 0, symbols = 0, strings = 0;
};

Places places_of(const SymbolForm& form, const Sizes& is) {
  const std::uint64_t word = word_of(form);
  const auto aligned = [&](std::uint64_t at) { return (at + word - 1) / word * word; };
  Places places;
  if (form.sysv) places.gnu = aligned(sysv_header + number * (std::uint64_t{is.sysv_buckets} + is.symbols));
  places.symbols = places.gnu;
  if (form.gnu)
    places.symbols += aligned(gnu_header + word * is.bloom_words +
                              number * (std::uint64_t{is.buckets} + is.symbols - is.first));
  places.strings = places.symbols + std::uint64_t{is.symbols} * record_of(form);
  return places;
}

/// Sizes that tables can have.
bool valid(const SymbolForm& form, const Sizes& is) {
  if (form.sysv && (is.sysv_buckets == 0 || is.sysv_first == 0 || is.sysv_first > is.symbols)) return false;
  return !form.gnu || (is.buckets != 0 && is.first != 0 && is.first <= is.symbols && is.bloom_words != 0 &&
                       is.bloom_shift < 32);
}

// ---- Names.

std::uint32_t gnu_hash(Bytes name) {
  std::uint32_t hash = 5381;
  for (const std::uint8_t c : name) hash = hash * 33 + c;
  return hash;
}

/// Reads names, which end with 0, as long as they are not too many bytes in all.
class Names {
 public:
  explicit Names(Bytes strings) : strings_(strings), left_(strings.size() * most_hashed_share) {}

  [[nodiscard]] std::optional<Bytes> at(std::uint32_t place) {
    if (place >= strings_.size()) return std::nullopt;
    const Bytes rest = strings_.subspan(place);
    const void* const end = std::memchr(rest.data(), 0, rest.size());
    if (!end) return std::nullopt;
    const auto size = static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - rest.data());
    if (size > left_) return std::nullopt;
    left_ -= size;
    return rest.first(size);
  }

 private:
  Bytes strings_;
  std::size_t left_;
};

struct Hashes {
  std::vector<std::uint32_t> sysv, gnu;  // of each symbol, if there is such a table
};

std::optional<Hashes> hashes_of(const SymbolForm& form, Bytes records, Bytes strings) {
  const std::size_t record = record_of(form);
  Names names(strings);
  Hashes hashes;
  for (std::size_t at = 0; at < records.size(); at += record) {
    const std::optional<Bytes> name = names.at(ByteOrder{form.big_endian}.word(records, at));
    if (!name) return std::nullopt;
    if (form.sysv) hashes.sysv.push_back(sysv_hash(*name));
    if (form.gnu) hashes.gnu.push_back(gnu_hash(*name));
  }
  return hashes;
}

// ---- The order of what falls into one bucket.

constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

/// Lists of the buckets' members, from which they are taken by their ranks: 0 is the first that is left.
class Buckets {
 public:
  /// `members` by `bucket_of` them, in their order.
  template <class BucketOf>
  Buckets(std::size_t count, const std::vector<std::uint32_t>& members, std::size_t size, BucketOf bucket_of)
      : heads_(count, nobody), next_(size, nobody) {
    // From behind: each goes in front of those that follow it.
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
      std::uint32_t& head = heads_[bucket_of(*member)];
      next_[*member] = head;
      head = *member;
    }
  }

  [[nodiscard]] bool empty(std::size_t bucket) const { return heads_[bucket] == nobody; }

  /// Takes the member of this rank; nobody if there is none.
  std::uint32_t take(std::size_t bucket, std::uint8_t rank) {
    std::uint32_t* link = &heads_[bucket];
    for (; rank != 0 && *link != nobody; --rank) link = &next_[*link];
    const std::uint32_t member = *link;
    if (member != nobody) *link = next_[member];
    return member;
  }

  /// Takes `member`, and says its rank; nothing if it is not there or too far behind.
  std::optional<std::uint8_t> take_member(std::size_t bucket, std::uint32_t member) {
    std::uint32_t* link = &heads_[bucket];
    for (unsigned rank = 0; rank < 256 && *link != nobody; ++rank, link = &next_[*link]) {
      if (*link != member) continue;
      *link = next_[member];
      return static_cast<std::uint8_t>(rank);
    }
    return std::nullopt;
  }

 private:
  std::vector<std::uint32_t> heads_, next_;
};

/// The numbers from `from` on, before `to`.
std::vector<std::uint32_t> rising(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> numbers(to - from);
  std::iota(numbers.begin(), numbers.end(), from);
  return numbers;
}

Buckets sysv_members(const Sizes& is, const std::vector<std::uint32_t>& hashes) {
  // Linkers put a symbol in front of what the bucket has.
  std::vector<std::uint32_t> members = rising(is.sysv_first, is.symbols);
  std::reverse(members.begin(), members.end());
  return {is.sysv_buckets, members, is.symbols, [&](std::uint32_t i) { return hashes[i] % is.sysv_buckets; }};
}

// ---- The tables.

/// The GNU table of symbols that are in the buckets' order.
void put_gnu(const SymbolForm& form, const Sizes& is, const std::vector<std::uint32_t>& hashes,
             std::span<std::uint8_t> to) {
  const ByteOrder order{form.big_endian};
  const unsigned word = form.wide ? 8 : 4, bits = 8 * word;
  const std::uint32_t header[] = {is.buckets, is.first, is.bloom_words, is.bloom_shift};
  for (std::size_t k = 0; k < 4; ++k) order.put(header[k], number, to, number * k);
  std::vector<std::uint64_t> bloom(is.bloom_words);
  const std::size_t buckets = gnu_header + std::size_t{word} * is.bloom_words;
  const std::size_t chain = buckets + number * is.buckets;
  for (std::uint32_t i = is.first; i < is.symbols; ++i) {
    const std::uint32_t hash = hashes[i], bucket = hash % is.buckets;
    bloom[hash / bits % is.bloom_words] |=
        std::uint64_t{1} << hash % bits | std::uint64_t{1} << (hash >> is.bloom_shift) % bits;
    const bool begins = i == is.first || hashes[i - 1] % is.buckets != bucket;
    const bool ends = i + 1 == is.symbols || hashes[i + 1] % is.buckets != bucket;
    if (begins) order.put(i, number, to, buckets + number * bucket);
    order.put((hash & ~std::uint32_t{1}) | (ends ? 1u : 0u), number, to, chain + number * (i - is.first));
  }
  for (std::size_t k = 0; k < bloom.size(); ++k) order.put(bloom[k], word, to, gnu_header + word * k);
}

/// The System V table, whose chains have the order that `ranks` say; reads one for each symbol it holds.
bool put_sysv(const SymbolForm& form, const Sizes& is, const std::vector<std::uint32_t>& hashes, Bytes ranks,
              std::span<std::uint8_t> to) {
  const ByteOrder order{form.big_endian};
  order.put(is.sysv_buckets, number, to, 0);
  order.put(is.symbols, number, to, number);
  Buckets members = sysv_members(is, hashes);
  const std::size_t chain = sysv_header + number * is.sysv_buckets;
  std::size_t rank = 0;
  for (std::uint32_t bucket = 0; bucket < is.sysv_buckets; ++bucket) {
    std::size_t link = sysv_header + number * bucket;
    while (!members.empty(bucket)) {
      const std::uint32_t member = members.take(bucket, ranks[rank++]);
      if (member == nobody) return false;
      order.put(member, number, to, link);
      link = chain + number * member;
    }
  }
  return true;
}

// ---- Reading tables.

/// Sizes of the tables that `raw` begins with; nothing if they are none. `work` grows by the bytes read.
std::optional<Sizes> sizes_in(const SymbolForm& form, Bytes raw, std::size_t& work) {
  const ByteOrder order{form.big_endian};
  Sizes is;
  std::uint64_t gnu = 0;
  if (form.sysv) {
    if (raw.size() < sysv_header) return std::nullopt;
    is.sysv_buckets = order.word(raw, 0), is.symbols = order.word(raw, number);
    const std::uint64_t chain = sysv_header + number * std::uint64_t{is.sysv_buckets};
    const std::uint64_t end = chain + number * std::uint64_t{is.symbols};
    if (is.sysv_buckets == 0 || is.symbols < 2 || end > raw.size()) return std::nullopt;
    std::vector<bool> held(is.symbols);
    work += is.symbols / 8;
    for (std::uint64_t at = sysv_header; at < end; at += number) {
      work += number;
      const std::uint32_t member = order.word(raw, at);
      if (member >= is.symbols || (member != 0 && held[member])) return std::nullopt;
      held[member] = true;
    }
    held[0] = false;  // the end of each chain
    is.sysv_first = static_cast<std::uint32_t>(std::find(held.begin(), held.end(), true) - held.begin());
    gnu = places_of(form, is).gnu;
  }
  if (form.gnu) {
    if (raw.size() < gnu + gnu_header) return std::nullopt;
    is.buckets = order.word(raw, gnu), is.first = order.word(raw, gnu + 4);
    is.bloom_words = order.word(raw, gnu + 8), is.bloom_shift = order.word(raw, gnu + 12);
    if (!std::has_single_bit(is.bloom_words) || is.bloom_shift >= 32 || is.buckets == 0 || is.first == 0)
      return std::nullopt;
    const std::uint64_t buckets = gnu + gnu_header + word_of(form) * std::uint64_t{is.bloom_words};
    const std::uint64_t chain = buckets + number * std::uint64_t{is.buckets};
    if (chain > raw.size()) return std::nullopt;
    std::uint32_t last = 0;
    for (std::uint64_t at = buckets; at < chain; at += number) {
      work += number;
      const std::uint32_t begins = order.word(raw, at);
      if (begins != 0 && (begins < is.first || begins <= last)) return std::nullopt;
      last = std::max(last, begins);
    }
    if (last == 0) return std::nullopt;
    std::uint64_t at = chain + number * std::uint64_t{last - is.first};
    for (; at + number <= raw.size() && (order.word(raw, at) & 1u) == 0; ++last) at += number, work += number;
    if (form.sysv ? last + 1 != is.symbols : last == nobody) return std::nullopt;
    is.symbols = last + 1;
  }
  if (!valid(form, is) || places_of(form, is).strings > raw.size()) return std::nullopt;
  return is;
}

/// The symbols that the GNU table holds by their names' places.
std::vector<std::uint32_t> by_names(const SymbolForm& form, const Sizes& is, Bytes records) {
  std::vector<std::uint32_t> symbols = rising(is.first, is.symbols);
  std::stable_sort(symbols.begin(), symbols.end(), [&](std::uint32_t a, std::uint32_t b) {
    const ByteOrder order{form.big_endian};
    return order.word(records, a * record_of(form)) < order.word(records, b * record_of(form));
  });
  return symbols;
}

/// What a name's place is expected to be: behind the last one.
std::uint32_t behind(std::uint32_t place, Bytes strings) {
  const void* const end = std::memchr(strings.data() + place, 0, strings.size() - place);
  return static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(end) - strings.data()) + 1;
}

/// Bytes up to the last name's end of the tables that `content` begins with; 0 if these are none. `work`
/// grows by the bytes read.
std::size_t part_size(const SymbolForm& form, Bytes content, std::size_t& work) {
  const std::optional<Sizes> is = sizes_in(form, content, work);
  if (!is) return 0;
  const Places places = places_of(form, *is);
  const Bytes strings = content.subspan(places.strings);
  const std::size_t record = record_of(form);
  const Bytes null_symbol = content.subspan(places.symbols, record);
  if (strings.empty() || strings[0] != 0 || std::ranges::count(null_symbol, 0) != std::ssize(null_symbol))
    return 0;
  std::uint32_t last = 0;
  work += places.strings - places.symbols;
  for (std::size_t at = places.symbols; at < places.strings; at += record)
    last = std::max(last, ByteOrder{form.big_endian}.word(content, at));
  const std::optional<Bytes> name = Names(strings).at(last);
  if (!name) return 0;
  work += name->size();
  return places.strings + last + name->size() + 1;
}

}  // namespace

bool valid_symbols_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line < 16 && layout.line >= 4;
}

std::optional<std::vector<std::uint8_t>> from_symbols(const TransformLayout& layout, Bytes raw) {
  const SymbolForm form = SymbolForm::of(layout.line);
  const ByteOrder order{form.big_endian};
  std::size_t work = 0;
  std::optional<Sizes> is = sizes_in(form, raw, work);
  if (!is) return std::nullopt;
  const Places places = places_of(form, *is);
  const std::size_t record = record_of(form);
  const Bytes records = raw.subspan(places.symbols, places.strings - places.symbols);
  const Bytes strings = raw.subspan(places.strings);
  const std::optional<Hashes> hashes = hashes_of(form, records, strings);
  if (!hashes) return std::nullopt;
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  is->each(form, [&](std::uint32_t& size) { append_little_endian(size, number, plain); });
  std::vector<std::uint8_t> ranks;
  if (form.gnu) {
    const std::vector<std::uint32_t> sorted = by_names(form, *is, records);
    plain.insert(plain.end(), records.begin(), records.begin() + is->first * record);
    std::uint32_t expected = 0;
    for (const std::uint32_t i : sorted) {
      const Bytes symbol = records.subspan(i * record, record);
      const std::uint32_t name = order.word(symbol, 0);
      plain.insert(plain.end(), symbol.begin(), symbol.end());
      order.put(name - expected, number, plain, plain.size() - record);
      expected = behind(name, strings);
    }
    const auto bucket_of = [&](std::uint32_t i) { return hashes->gnu[i] % is->buckets; };
    Buckets members(is->buckets, sorted, is->symbols, bucket_of);
    for (std::uint32_t i = is->first; i < is->symbols; ++i) {
      const std::optional<std::uint8_t> rank = members.take_member(bucket_of(i), i);
      if (!rank) return std::nullopt;
      ranks.push_back(*rank);
    }
  } else {
    plain.insert(plain.end(), records.begin(), records.end());
  }
  if (form.sysv) {
    Buckets members = sysv_members(*is, hashes->sysv);
    const std::size_t chain = sysv_header + number * is->sysv_buckets;
    for (std::uint32_t bucket = 0; bucket < is->sysv_buckets; ++bucket) {
      std::uint32_t member = order.word(raw, sysv_header + number * bucket);
      for (; member != 0; member = order.word(raw, chain + number * member)) {
        const std::optional<std::uint8_t> rank = members.take_member(bucket, member);
        if (!rank) return std::nullopt;
        ranks.push_back(*rank);
      }
    }
  }
  plain.insert(plain.end(), ranks.begin(), ranks.end());
  plain.insert(plain.end(), strings.begin(), strings.end());
  return plain;
}

bool append_symbols(const TransformLayout& layout, Bytes plain, std::size_t size,
                    std::vector<std::uint8_t>& raw) {
  const SymbolForm form = SymbolForm::of(layout.line);
  const ByteOrder order{form.big_endian};
  ByteReader reader(plain);
  Sizes is;
  is.each(form, [&](std::uint32_t& one) { one = static_cast<std::uint32_t>(reader.little_endian(number)); });
  if (reader.state() != ByteReader::State::good || !valid(form, is)) return false;
  const Places places = places_of(form, is);
  const std::size_t record = record_of(form);
  if (places.strings > size) return false;
  const Bytes sorted = reader.bytes(places.strings - places.symbols);
  const Bytes gnu_ranks = reader.bytes(form.gnu ? is.symbols - is.first : 0);
  const Bytes sysv_ranks = reader.bytes(form.sysv ? is.symbols - is.sysv_first : 0);
  if (reader.state() != ByteReader::State::good) return false;
  const Bytes strings = plain.subspan(reader.position());
  if (places.strings + strings.size() != size) return false;

  std::vector<std::uint8_t> records(sorted.begin(), sorted.end());
  if (form.gnu) {
    Names names(strings);
    std::uint32_t expected = 0;
    for (std::uint32_t i = is.first; i < is.symbols; ++i) {
      const std::uint32_t place = order.word(records, i * record) + expected;
      const std::optional<Bytes> name = names.at(place);
      if (!name) return false;
      order.put(place, number, records, i * record);
      expected = place + static_cast<std::uint32_t>(name->size()) + 1;
    }
  }
  std::optional<Hashes> hashes = hashes_of(form, records, strings);
  if (!hashes) return false;
  if (form.gnu) {
    const auto bucket_of = [&](std::uint32_t i) { return hashes->gnu[i] % is.buckets; };
    Buckets members(is.buckets, rising(is.first, is.symbols), is.symbols, bucket_of);
    std::vector<std::uint32_t> symbols = rising(0, is.symbols);
    std::uint32_t i = is.first;
    for (std::uint32_t bucket = 0; bucket < is.buckets; ++bucket)
      for (; !members.empty(bucket); ++i)
        if ((symbols[i] = members.take(bucket, gnu_ranks[i - is.first])) == nobody) return false;
    const std::vector<std::uint8_t> by_name = records;
    const Hashes unordered = *hashes;
    for (i = is.first; i < is.symbols; ++i) {
      const std::uint32_t from = symbols[i];
      std::copy_n(by_name.begin() + static_cast<std::ptrdiff_t>(from * record), record,
                  records.begin() + static_cast<std::ptrdiff_t>(i * record));
      hashes->gnu[i] = unordered.gnu[from];
      if (form.sysv) hashes->sysv[i] = unordered.sysv[from];
    }
  }
  const std::size_t start = raw.size();
  raw.resize(start + places.strings);
  const auto part = std::span(raw).subspan(start);
  if (form.sysv && !put_sysv(form, is, hashes->sysv, sysv_ranks, part)) return false;
  if (form.gnu) put_gnu(form, is, hashes->gnu, part.subspan(places.gnu));
  std::copy(records.begin(), records.end(), part.begin() + static_cast<std::ptrdiff_t>(places.symbols));
  raw.insert(raw.end(), strings.begin(), strings.end());
  return true;
}

void find_symbols(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr Signature<4> elf{{0x7f, 'E', 'L', 'F'}};
  constexpr std::size_t header = 64, searched = 4096, look_cost = 8;  // that of a look at a place, in bytes
  // A library has half a megabyte of numbers that might be tables, and they are soon looked at.
  const std::size_t most_work = 16 * most_wasted(content.size());
  std::size_t work = 0;
  for (std::size_t file = elf.find(content, 0); file < content.size() && work < most_work;
       file = elf.find(content, file + 1)) {
    if (content.size() - file <= header || content[file + 4] - 1u > 1u || content[file + 5] - 1u > 1u)
      continue;
    SymbolForm form{.wide = content[file + 4] == 2, .big_endian = content[file + 5] == 2};
    const std::size_t end = std::min(content.size(), file + searched), word = word_of(form);
    std::size_t size = 0;
    for (std::size_t at = file + header - header % word; at < end && size == 0 && work < most_work;
         at += word) {
      for (const unsigned tables : {3u, 1u, 2u}) {
        form.sysv = (tables & 1u) != 0, form.gnu = (tables & 2u) != 0;
        work += look_cost;
        size = part_size(form, content.subspan(at), work);
        if (size < least_written_part || size > most_plain_size) size = 0;
        if (size == 0) continue;
        parts.push_back({at, size, {.transform = Transform::symbols, .line = form.packed()}});
        break;
      }
    }
  }
}

}  // namespace ssmz::codec
