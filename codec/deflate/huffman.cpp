// SPDX-License-Identifier: Apache-2.0
// Huffman's algorithm over a heap, lengths cut to a limit, runs of lengths.
#include "codec/deflate/huffman.hpp"

namespace ssmz::codec {
namespace {

constexpr std::size_t most_nodes = 2 * literal_symbols + 1;

/// The tree over one alphabet while it grows.
class TreeBuilder {
 public:
  TreeBuilder(std::span<const std::uint32_t> frequencies, std::span<std::uint8_t> lengths)
      : symbols_(static_cast<unsigned>(frequencies.size())), lengths_(lengths) {
    for (unsigned symbol = 0; symbol < symbols_; ++symbol) {
      weight_[symbol] = frequencies[symbol];
      lengths[symbol] = 0;
      if (frequencies[symbol] == 0) continue;
      last_ = static_cast<int>(symbol);
      heap_[++heap_size_] = static_cast<std::uint16_t>(symbol);
    }
    while (heap_size_ < 2) {  // a symbol that does not occur gets a code
      const int symbol = last_ < 2 ? ++last_ : 0;
      heap_[++heap_size_] = static_cast<std::uint16_t>(symbol);
      weight_[static_cast<unsigned>(symbol)] = 1;
    }
  }

  void join() {
    for (unsigned at = heap_size_ / 2; at >= 1; --at) sift(at);
    unsigned node = symbols_;
    do {
      const unsigned least = heap_[1];
      heap_[1] = heap_[heap_size_--];
      sift(1);
      const unsigned next = heap_[1];
      order_[order_size_++] = static_cast<std::uint16_t>(least);
      order_[order_size_++] = static_cast<std::uint16_t>(next);
      weight_[node] = weight_[least] + weight_[next];
      depth_[node] = static_cast<std::uint16_t>(std::max(depth_[least], depth_[next]) + 1);
      parent_[least] = parent_[next] = static_cast<std::uint16_t>(node);
      heap_[1] = static_cast<std::uint16_t>(node++);
      sift(1);
    } while (heap_size_ >= 2);
    order_[order_size_++] = heap_[1];
  }

  /// The lengths, none over `longest`.
  void measure(unsigned longest) {
    std::array<unsigned, longest_code + 2> counts{};
    int overflow = 0;
    bits_[order_[order_size_ - 1]] = 0;
    for (unsigned at = order_size_ - 1; at-- > 0;) {
      const unsigned node = order_[at];
      unsigned bits = bits_[parent_[node]] + 1u;
      if (bits > longest) bits = longest, ++overflow;
      bits_[node] = static_cast<std::uint8_t>(bits);
      if (node < symbols_) ++counts[bits];
    }
    if (overflow > 0) {
      shorten(longest, overflow, counts);
      unsigned at = 0;  // the rarest get the longest codes
      for (unsigned bits = longest; bits > 0; --bits)
        for (unsigned left = counts[bits]; left > 0; ++at)
          if (order_[at] < symbols_) bits_[order_[at]] = static_cast<std::uint8_t>(bits), --left;
    }
    for (unsigned at = 0; at < order_size_; ++at)
      if (order_[at] < symbols_) lengths_[order_[at]] = bits_[order_[at]];
  }

  [[nodiscard]] unsigned last() const noexcept { return static_cast<unsigned>(last_); }

 private:
  static void shorten(unsigned longest, int overflow, std::array<unsigned, longest_code + 2>& counts) {
    do {
      unsigned bits = longest - 1;
      while (counts[bits] == 0) --bits;
      --counts[bits];
      counts[bits + 1] += 2;
      --counts[longest];
      overflow -= 2;
    } while (overflow > 0);
  }

  [[nodiscard]] bool before(unsigned a, unsigned b) const noexcept {
    return weight_[a] < weight_[b] || (weight_[a] == weight_[b] && depth_[a] <= depth_[b]);
  }

  void sift(unsigned at) noexcept {
    const std::uint16_t moved = heap_[at];
    for (unsigned child = 2 * at; child <= heap_size_; at = child, child *= 2) {
      if (child < heap_size_ && before(heap_[child + 1], heap_[child])) ++child;
      if (before(moved, heap_[child])) break;
      heap_[at] = heap_[child];
    }
    heap_[at] = moved;
  }

  unsigned symbols_;
  int last_ = -1;  // symbol that has a code
  std::span<std::uint8_t> lengths_;
  unsigned heap_size_ = 0, order_size_ = 0;
  std::array<std::uint16_t, most_nodes + 1> heap_{}, order_{}, depth_{}, parent_{};
  std::array<std::uint32_t, most_nodes + 1> weight_{};
  std::array<std::uint8_t, most_nodes + 1> bits_{};
};

/// Runs of lengths as symbols of the code of code lengths.
void append_runs(std::span<const std::uint8_t> lengths, std::vector<DeflateSymbol>& out) {
  unsigned before = 256;
  for (std::size_t at = 0; at < lengths.size();) {
    const unsigned length = lengths[at];
    // A run of a length goes on from the same one before it: it may be 6 long then, else 7 with its first.
    const unsigned most = length == 0 ? 138 : length == before ? 6 : 7;
    const unsigned least = length == 0 || length == before ? 3 : 4;
    unsigned count = 1;
    while (count < most && at + count < lengths.size() && lengths[at + count] == length) ++count;
    at += count;
    if (count < least) {
      out.insert(out.end(), count, {length, 0, 0});
    } else if (length != 0) {
      if (length != before) out.push_back({length, 0, 0}), --count;
      out.push_back({repeat_last, 2, count - 3});
    } else if (count <= 10) {
      out.push_back({repeat_zero, 3, count - 3});
    } else {
      out.push_back({repeat_zero_long, 7, count - 11});
    }
    before = length;
  }
}

}  // namespace

unsigned huffman_lengths(std::span<const std::uint32_t> frequencies, unsigned longest,
                         std::span<std::uint8_t> lengths) {
  TreeBuilder tree(frequencies, lengths);
  tree.join();
  tree.measure(longest);
  return tree.last();
}

void SymbolCounts::clear() {
  literals.fill(0);
  distances.fill(0);
  literals[end_symbol] = 1;
}

void SymbolCounts::add(DeflateToken token, std::uint8_t literal) noexcept {
  if (token.length == 0) {
    ++literals[literal];
    return;
  }
  ++literals[length_symbol(token.length).symbol];
  ++distances[distance_symbol(token.distance).symbol];
}

std::uint64_t SymbolCounts::bits(const CodeLengths& lengths) const noexcept {
  std::uint64_t sum = 0;
  for (unsigned symbol = 0; symbol < literal_symbols; ++symbol) {
    const unsigned extra = symbol > end_symbol ? lengths_of(symbol).extra_bits : 0;
    sum += std::uint64_t{literals[symbol]} * (lengths.literals[symbol] + extra);
  }
  for (unsigned symbol = 0; symbol < distance_symbols; ++symbol)
    sum += std::uint64_t{distances[symbol]} * (lengths.distances[symbol] + distances_of(symbol).extra_bits);
  return sum;
}

std::array<std::uint8_t, code_length_symbols> run_code_lengths(std::span<const DeflateSymbol> runs) {
  std::array<std::uint32_t, code_length_symbols> frequencies{};
  for (const DeflateSymbol& symbol : runs) ++frequencies[symbol.symbol];
  std::array<std::uint8_t, code_length_symbols> lengths{};
  (void)huffman_lengths(frequencies, longest_code_length_code, lengths);
  return lengths;
}

unsigned told_code_lengths(const std::array<std::uint8_t, code_length_symbols>& lengths) noexcept {
  unsigned told = code_length_symbols;
  while (told > 4 && lengths[code_length_order[told - 1]] == 0) --told;
  return told;
}

DynamicCodes::DynamicCodes(const SymbolCounts& counts) {
  const std::span<std::uint8_t> literals(lengths.literals), distances(lengths.distances);
  header.literals = huffman_lengths(counts.literals, longest_code, literals.first(literal_symbols)) + 1;
  header.distances = huffman_lengths(counts.distances, longest_code, distances.first(distance_symbols)) + 1;
  append_runs(literals.first(header.literals), header.runs);
  append_runs(distances.first(header.distances), header.runs);
  header.code_lengths = run_code_lengths(header.runs);
  header.told = told_code_lengths(header.code_lengths);
}

std::uint64_t DynamicHeader::bits() const noexcept {
  std::uint64_t sum = 14 + 3 * told;
  for (const DeflateSymbol& symbol : runs) sum += code_lengths[symbol.symbol] + symbol.extra_bits;
  return sum;
}

void DynamicHeader::write(BitWriter& out) const {
  out.put(literals - 257, 5);
  out.put(distances - 1, 5);
  out.put(told - 4, 4);
  for (unsigned i = 0; i < told; ++i) out.put(code_lengths[code_length_order[i]], 3);
  const std::vector<std::uint16_t> codes = codes_of(code_lengths);
  for (const DeflateSymbol& symbol : runs) {
    out.put(codes[symbol.symbol], code_lengths[symbol.symbol]);
    out.put(symbol.extra, symbol.extra_bits);
  }
}

std::vector<std::uint16_t> codes_of(std::span<const std::uint8_t> lengths) {
  std::array<unsigned, longest_code + 2> next{};
  for (const std::uint8_t length : lengths) next[length + 1u] += length != 0;
  for (unsigned length = 1; length < next.size(); ++length)
    next[length] = (next[length] + next[length - 1]) << 1;
  std::vector<std::uint16_t> codes;
  for (const unsigned length : lengths) {
    unsigned code = length != 0 ? next[length]++ : 0, reversed = 0;
    for (unsigned bit = 0; bit < length; ++bit, code >>= 1) reversed = reversed << 1 | (code & 1);
    codes.push_back(static_cast<std::uint16_t>(reversed));
  }
  return codes;
}

}  // namespace ssmz::codec
