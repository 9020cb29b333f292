// SPDX-License-Identifier: Apache-2.0
// Blocks of a bzip2 stream, from codes to bytes.
#include <algorithm>
#include <array>

#include "codec/base/bit_io.hpp"
#include "codec/bzip2/bzip2.hpp"
#include "codec/bzip2/bzip2_format.hpp"
#include "codec/bzip2/rotations.hpp"

namespace ssmz::codec::bzip2 {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Any number of bits up to 64.
std::uint64_t take_wide(HighBitReader& bits, unsigned count) {
  constexpr unsigned most = 24;  // at once
  std::uint64_t value = 0;
  for (; count > most; count -= most) value = value << most | bits.take(most);
  return value << count | bits.take(count);
}

/// Symbols by canonical codes.
class SymbolReader {
 public:
  /// False if there are more codes than their lengths have room for.
  bool set(std::span<const std::uint8_t> lengths) {
    counts_ = {};
    for (const std::uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    std::array<unsigned, longest_read + 2> next{};
    unsigned room = 1u << longest_read;
    for (unsigned length = 1; length <= longest_read; ++length) {
      next[length + 1] = next[length] + counts_[length];
      const unsigned taken = counts_[length] << (longest_read - length);
      if (taken > room) return false;
      room -= taken;
    }
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol] != 0) symbols_[next[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
    return true;
  }

  /// The next symbol; most_symbols of what is no code.
  std::size_t read(HighBitReader& bits) const {
    const std::uint32_t window = bits.peek(longest_read);
    unsigned first = 0, index = 0;  // the first code of a length, and where its symbols begin
    for (unsigned length = 1; length <= longest_read; ++length) {
      const unsigned code = window >> (longest_read - length);
      if (code - first < counts_[length]) {
        bits.skip(length);
        return symbols_[index + code - first];
      }
      index += counts_[length];
      first = (first + counts_[length]) << 1;
    }
    return most_symbols;
  }

 private:
  std::array<unsigned, longest_read + 1> counts_{};
  std::array<std::uint16_t, most_symbols> symbols_{};
};

struct Block {
  std::vector<std::uint8_t> last;  // the rotations' last bytes
  std::uint32_t origin = 0;
};

class StreamReader {
 public:
  enum class Next : std::uint8_t { block, end, bad };

  StreamReader(Bytes bytes, unsigned level) : bits_(bytes), most_(level * block_unit) {
    (void)take_wide(bits_, 32);
  }

  Next next(Block& block) {
    const std::uint64_t magic = take_wide(bits_, magic_bits);
    (void)take_wide(bits_, checksum_bits);
    if (magic == end_magic) return Next::end;
    if (magic != block_magic || bits_.take(1) != 0) return Next::bad;  // 1: shuffled, as none writes any more
    block.origin = bits_.take(origin_bits);
    return read_used() && read_groups() && read_symbols(block.last) && block.origin < block.last.size()
               ? Next::block
               : Next::bad;
  }
  [[nodiscard]] bool overrun() const noexcept { return bits_.overrun(); }
  [[nodiscard]] std::size_t size() const noexcept { return (bits_.position() + 7) / 8; }

 private:
  bool read_used() {
    used_.clear();
    const std::uint64_t rows = bits_.take(16);
    for (unsigned row = 0; row < 16; ++row) {
      const std::uint64_t row_used = (rows >> (15 - row) & 1) != 0 ? bits_.take(16) : 0;
      for (unsigned i = 0; i < 16; ++i)
        if ((row_used >> (15 - i) & 1) != 0) used_.push_back(static_cast<std::uint8_t>(16 * row + i));
    }
    return !used_.empty();
  }

  bool read_groups() {
    const std::uint64_t groups = bits_.take(group_count_bits), count = bits_.take(selector_count_bits);
    if (groups < least_groups || groups > most_groups || count == 0) return false;
    selectors_.clear();
    MoveToFront recent;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::size_t place = 0;
      while (bits_.take(1) != 0)
        if (++place >= groups) return false;
      selectors_.push_back(recent.take(place));
    }
    for (std::uint64_t group = 0; group < groups; ++group)
      if (!read_lengths(readers_[group])) return false;
    return true;
  }

  bool read_lengths(SymbolReader& reader) {
    Lengths lengths{};
    std::uint64_t length = bits_.take(first_length_bits);
    const std::size_t symbols = used_.size() + 2;
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
      for (; bits_.take(1) != 0;) {
        length += bits_.take(1) != 0 ? ~std::uint64_t{0} : 1;
        if (length < 1 || length > longest_read) return false;
      }
      if (length < 1 || length > longest_read) return false;
      lengths[symbol] = static_cast<std::uint8_t>(length);
    }
    return reader.set(std::span(lengths).first(symbols));
  }

  bool read_symbols(std::vector<std::uint8_t>& last) {
    last.clear();
    MoveToFront recent;
    std::size_t run = 0, digit = 1;
    const std::size_t end = used_.size() + 1;
    for (std::size_t at = 0; !bits_.overrun(); ++at) {
      if (at / group_size >= selectors_.size()) return false;
      const std::size_t symbol = readers_[selectors_[at / group_size]].read(bits_);
      if (symbol > end) return false;
      if (symbol <= run_b) {
        // Digits 1 and 2 of base 2, lowest first.
        if (digit > most_) return false;
        run += digit << symbol;
        digit *= 2;
        continue;
      }
      if (run > most_ - last.size()) return false;
      if (run > 0) last.insert(last.end(), run, used_[recent.take(0)]);
      run = 0, digit = 1;
      if (symbol == end) return !last.empty();
      if (last.size() == most_) return false;
      last.push_back(used_[recent.take(symbol - 1)]);
    }
    return false;
  }

  HighBitReader bits_;
  std::size_t most_;
  std::vector<std::uint8_t> used_, selectors_;
  std::array<SymbolReader, most_groups> readers_;
};

/// False if there are more than `most` bytes.
bool append_runs(Bytes block, std::size_t most, std::vector<std::uint8_t>& plain) {
  unsigned run = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (run == run_threshold) {
      if (block[i] > most - plain.size()) return false;
      plain.insert(plain.end(), block[i], plain.back());
      run = 0;
      continue;
    }
    if (plain.size() == most) return false;
    run = run > 0 && block[i] == plain.back() ? run + 1 : 1;
    plain.push_back(block[i]);
  }
  return true;
}

}  // namespace
}  // namespace ssmz::codec::bzip2

namespace ssmz::codec {

using Bytes = std::span<const std::uint8_t>;
using bzip2::append_runs;
using bzip2::Block;
using bzip2::StreamReader;

unsigned bzip2_level(Bytes bytes) noexcept {
  constexpr std::array<std::uint8_t, 6> block = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
  if (bytes.size() < 10 || !bzip2_name.begins(bytes) ||
      !std::equal(block.begin(), block.end(), bytes.begin() + 4))
    return 0;
  return bytes[3] >= '1' && bytes[3] <= '9' ? bytes[3] - '0' : 0;
}

std::optional<Bzip2Content> read_bzip2(Bytes bytes, std::size_t most_plain, std::size_t& work) {
  const unsigned level = bzip2_level(bytes);
  if (level == 0) return std::nullopt;
  StreamReader reader(bytes, level);
  Bzip2Content content;
  Block block;
  bool good = true;
  auto next = reader.next(block);
  for (; good && next == StreamReader::Next::block; next = reader.next(block)) {
    const auto sorted = unsort_rotations(block.last, block.origin);
    good = sorted && append_runs(*sorted, most_plain, content.plain);
    work += block.last.size();
  }
  content.size = reader.size();
  work += std::min(content.size, bytes.size()) + content.plain.size();
  if (!good || next != StreamReader::Next::end || reader.overrun()) return std::nullopt;
  return content;
}

std::size_t bzip2_size(Bytes bytes, std::size_t& work) {
  const unsigned level = bzip2_level(bytes);
  if (level == 0) return 0;
  StreamReader reader(bytes, level);
  Block block;
  auto next = reader.next(block);
  for (; next == StreamReader::Next::block; next = reader.next(block)) work += block.last.size();
  work += std::min(reader.size(), bytes.size());
  if (reader.overrun()) return bytes.size() + 1;
  return next == StreamReader::Next::end ? reader.size() : 0;
}

}  // namespace ssmz::codec
