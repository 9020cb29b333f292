// SPDX-License-Identifier: Apache-2.0
// Blocks of a bzip2 stream, from bytes to codes.
#include <algorithm>
#include <array>
#include <utility>

#include "codec/base/bit_io.hpp"
#include "codec/bzip2/bzip2.hpp"
#include "codec/bzip2/bzip2_format.hpp"
#include "codec/bzip2/code_lengths.hpp"
#include "codec/bzip2/rotations.hpp"

namespace ssmz::codec::bzip2 {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<std::uint32_t, 256> checksum_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i << 24;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] << 1 ^ (table[i] >> 31 != 0 ? 0x04C11DB7u : 0);
  }
  return table;
}();

/// CRC-32 of ISO 3309, the highest bit of a byte first.
std::uint32_t checksum_of(Bytes bytes) {
  std::uint32_t value = ~0u;
  for (const std::uint8_t byte : bytes) value = value << 8 ^ checksum_table[value >> 24 ^ byte];
  return ~value;
}

/// Takes bytes as runs; a run counts in the block when another byte follows it.
class RunBlock {
 public:
  void add(std::uint8_t byte) {
    if (run_ != 0 && (byte != byte_ || run_ == longest_run)) end_run();
    byte_ = byte;
    ++run_;
  }
  void end_run() {
    block_.insert(block_.end(), std::min(run_, run_threshold), byte_);
    if (run_ >= run_threshold) block_.push_back(static_cast<std::uint8_t>(run_ - run_threshold));
    run_ = 0;
  }
  /// Bytes of the run that does not count yet.
  [[nodiscard]] unsigned open_run() const noexcept { return run_; }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const noexcept { return block_; }

 private:
  std::vector<std::uint8_t> block_;
  std::uint8_t byte_ = 0;
  unsigned run_ = 0;
};

struct Symbols {
  std::array<bool, 256> used{};
  std::size_t count = 0;  // of the alphabet: two for runs, those for places from 1 on, the end
  std::vector<std::uint16_t> symbols;
  std::vector<std::uint32_t> frequencies;
};

/// Digits 1 and 2 of base 2, lowest first.
void append_run(std::size_t run, std::vector<std::uint16_t>& symbols) {
  for (; run > 0; run = (run - 1) / 2) symbols.push_back(run % 2 != 0 ? run_a : run_b);
}

Symbols symbols_of(Bytes last) {
  Symbols out;
  for (const std::uint8_t byte : last) out.used[byte] = true;
  std::array<std::uint8_t, 256> index{};
  std::size_t used = 0;
  for (std::size_t byte = 0; byte < out.used.size(); ++byte)
    if (out.used[byte]) index[byte] = static_cast<std::uint8_t>(used++);
  out.count = used + 2;
  MoveToFront recent;
  std::size_t run = 0;
  for (const std::uint8_t byte : last) {
    const std::size_t place = recent.place_of(index[byte]);
    if (place == 0) {
      ++run;
      continue;
    }
    append_run(std::exchange(run, 0), out.symbols);
    out.symbols.push_back(static_cast<std::uint16_t>(place + 1));
  }
  append_run(run, out.symbols);
  out.symbols.push_back(static_cast<std::uint16_t>(used + 1));
  out.frequencies.resize(out.count);
  for (const std::uint16_t symbol : out.symbols) ++out.frequencies[symbol];
  return out;
}

unsigned group_count(std::size_t symbols) {
  constexpr std::array<std::size_t, 4> borders = {200, 600, 1200, 2400};
  unsigned groups = least_groups;
  for (const std::size_t border : borders) groups += symbols >= border;
  return groups;
}

using Tables = std::vector<Lengths>;

/// Each group begins with a range of symbols that occur about as often as another's; they cost nothing in it,
/// others much.
Tables first_tables(const Symbols& symbols, unsigned groups) {
  constexpr std::uint8_t much = 15;
  Tables tables(groups);
  std::size_t left = symbols.symbols.size(), from = 0;
  for (unsigned part = groups; part > 0; --part) {
    const std::size_t wanted = left / part;
    std::size_t sum = 0, end = from;
    while (sum < wanted && end < symbols.count) sum += symbols.frequencies[end++];
    if (end > from + 1 && part != groups && part != 1 && (groups - part) % 2 == 1)
      sum -= symbols.frequencies[--end];
    for (std::size_t symbol = 0; symbol < symbols.count; ++symbol)
      tables[part - 1][symbol] = symbol >= from && symbol < end ? 0 : much;
    from = end;
    left -= sum;
  }
  return tables;
}

/// The table for each fifty symbols, and tables that fit what they are chosen for: four times in turn.
std::vector<std::uint8_t> choose_tables(const Symbols& symbols, Tables& tables) {
  constexpr unsigned rounds = 4;
  std::vector<std::uint8_t> selectors;
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<std::vector<std::uint32_t>> frequencies(tables.size(),
                                                        std::vector<std::uint32_t>(symbols.count));
    selectors.clear();
    const std::span<const std::uint16_t> all = symbols.symbols;
    for (std::size_t at = 0; at < all.size(); at += group_size) {
      const auto group = all.subspan(at, std::min(group_size, all.size() - at));
      std::array<std::uint32_t, most_groups> costs{};
      for (std::size_t table = 0; table < tables.size(); ++table)
        for (const std::uint16_t symbol : group) costs[table] += tables[table][symbol];
      const auto best = static_cast<std::size_t>(
          std::min_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(tables.size())) -
          costs.begin());
      selectors.push_back(static_cast<std::uint8_t>(best));
      for (const std::uint16_t symbol : group) ++frequencies[best][symbol];
    }
    for (std::size_t table = 0; table < tables.size(); ++table)
      find_code_lengths(frequencies[table], tables[table]);
  }
  return selectors;
}

void put_used(const Symbols& symbols, HighBitWriter& bits) {
  std::array<std::uint32_t, 16> rows{};
  std::uint32_t used_rows = 0;
  for (std::size_t byte = 0; byte < symbols.used.size(); ++byte)
    if (symbols.used[byte]) rows[byte / 16] |= 0x8000u >> byte % 16;
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (rows[row] != 0) used_rows |= 0x8000u >> row;
  bits.put(used_rows, 16);
  for (const std::uint32_t row : rows)
    if (row != 0) bits.put(row, 16);
}

void put_lengths(const Lengths& lengths, std::size_t count, HighBitWriter& bits) {
  constexpr unsigned longer = 0b10, shorter = 0b11;
  unsigned length = lengths[0];
  bits.put(length, first_length_bits);
  for (std::size_t symbol = 0; symbol < count; ++symbol) {
    for (; length < lengths[symbol]; ++length) bits.put(longer, 2);
    for (; length > lengths[symbol]; --length) bits.put(shorter, 2);
    bits.put(0, 1);
  }
}

/// Canonical: by length, then by symbol.
std::array<std::uint32_t, most_symbols> codes_of(const Lengths& lengths, std::size_t count) {
  std::array<std::uint32_t, most_symbols> codes{};
  std::uint32_t code = 0;
  for (unsigned length = 1; length <= longest_written; ++length, code <<= 1)
    for (std::size_t symbol = 0; symbol < count; ++symbol)
      if (lengths[symbol] == length) codes[symbol] = code++;
  return codes;
}

void put_block(const std::vector<std::uint8_t>& block, std::uint32_t checksum, HighBitWriter& bits) {
  const SortedRotations sorted = sort_rotations(block);
  const Symbols symbols = symbols_of(sorted.last);
  const unsigned groups = group_count(symbols.symbols.size());
  Tables tables = first_tables(symbols, groups);
  const std::vector<std::uint8_t> selectors = choose_tables(symbols, tables);
  bits.put(block_magic, magic_bits);
  bits.put(checksum, checksum_bits);
  bits.put(0, 1);
  bits.put(sorted.first, origin_bits);
  put_used(symbols, bits);
  bits.put(groups, group_count_bits);
  bits.put(selectors.size(), selector_count_bits);
  MoveToFront recent;
  for (const std::uint8_t selector : selectors) {
    const auto place = static_cast<unsigned>(recent.place_of(selector));
    bits.put((2u << place) - 2, place + 1);
  }
  std::vector<std::array<std::uint32_t, most_symbols>> codes;
  for (const Lengths& lengths : tables) {
    put_lengths(lengths, symbols.count, bits);
    codes.push_back(codes_of(lengths, symbols.count));
  }
  for (std::size_t at = 0; at < symbols.symbols.size(); ++at) {
    const std::size_t table = selectors[at / group_size], symbol = symbols.symbols[at];
    bits.put(codes[table][symbol], tables[table][symbol]);
  }
}

}  // namespace
}  // namespace ssmz::codec::bzip2

namespace ssmz::codec {

using Bytes = std::span<const std::uint8_t>;
using bzip2::block_unit;
using bzip2::checksum_bits;
using bzip2::checksum_of;
using bzip2::end_magic;
using bzip2::magic_bits;
using bzip2::put_block;
using bzip2::RunBlock;

bool append_bzip2(unsigned level, Bytes plain, std::size_t most, std::vector<std::uint8_t>& stream) {
  constexpr std::size_t spare = 19;
  const std::size_t begin = stream.size(), full = level * block_unit - spare;
  HighBitWriter bits(stream);
  for (const char letter : {'B', 'Z', 'h'}) bits.put(static_cast<std::uint8_t>(letter), 8);
  bits.put('0' + level, 8);
  std::uint32_t all = 0;
  while (!plain.empty() && stream.size() - begin <= most) {
    RunBlock block;
    std::size_t size = 0;
    while (size < plain.size() && block.bytes().size() < full) block.add(plain[size++]);
    // The run at a full block's end begins the next one.
    if (block.bytes().size() < full)
      block.end_run();
    else
      size -= block.open_run();
    const std::uint32_t checksum = checksum_of(plain.first(size));
    all = (all << 1 | all >> 31) ^ checksum;
    put_block(block.bytes(), checksum, bits);
    plain = plain.subspan(size);
  }
  bits.put(end_magic, magic_bits);
  bits.put(all, checksum_bits);
  bits.fill_byte();
  return plain.empty() && stream.size() - begin <= most;
}

}  // namespace ssmz::codec
