// SPDX-License-Identifier: Apache-2.0
// A flatness test, then tiny one-context bit models and a count of repeated strings.
#include "codec/frame/incompressible.hpp"

#include <algorithm>
#include <bit>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

namespace {

/// Costs are in 1/4096 bit.
constexpr unsigned cost_bits = 12;

/// The bit models see this much of every so much: a quarter tells as much as all. Once so many segments in
/// turn could not be compressed, they see a segment's beginning first, and the rest only if that could be,
/// and frequencies are those of a quarter, too.
constexpr std::size_t sample_size = 4096;
constexpr std::size_t sample_distance = 4 * sample_size;
constexpr unsigned segments_until_sure = 16;
constexpr std::size_t first_look = 512;

/// 2^16 / (times seen + 2).
constexpr std::array<std::int32_t, 16> rates = [] {
  std::array<std::int32_t, 16> table{};
  for (std::int32_t i = 0; i < 16; ++i) table[static_cast<std::size_t>(i)] = 65536 / (i + 2);
  return table;
}();

/// Differences are taken over 1 to so many bytes: samples of 8 to 32 bits, pixels of 24 and 32.
constexpr std::size_t most_distance = 4;

/// -log2((2 i + 1) / 512) in 1/4096 bit.
constexpr std::uint32_t cost_of(std::uint32_t i) {
  return (9u << cost_bits) - log2_fixed(2 * i + 1, cost_bits);
}

constexpr std::array<std::uint16_t, 256> cost_table = [] {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::uint16_t>(cost_of(i));
  return table;
}();

using Counts = std::array<std::uint32_t, 256>;

/// Counts bytes, or, with a `distance`, their differences to those so far before them.
void count(std::span<const std::uint8_t> bytes, std::size_t distance, Counts& counts) {
  if (distance == 0) {
    for (const std::uint8_t byte : bytes) ++counts[byte];
    return;
  }
  for (std::size_t at = distance; at < bytes.size(); ++at)
    ++counts[static_cast<std::uint8_t>(bytes[at] - bytes[at - distance])];
}

/// Collision entropy below 7.32 bits a byte: surely compressible. Compressed data and JPEG lie above 7.6.
/// With a `distance` the differences of bytes so far apart are looked at: those of samples and pixels are
/// small. Looks at `piece` bytes of every `step`.
bool flat(std::span<const std::uint8_t> segment, std::size_t distance, std::size_t piece, std::size_t step) {
  Counts counts{};
  for (std::size_t at = 0; at < segment.size(); at += step)
    count(segment.subspan(at, std::min(piece, segment.size() - at)), distance, counts);
  std::uint64_t squares = 0, sum = 0;
  for (const std::uint64_t times : counts) squares += times * times, sum += times;
  return squares * 160 <= sum * sum;
}

constexpr std::size_t two_bytes = 1;

/// Context of the byte at `at`: the last byte, the last two, the one two or four before (samples of 16 and 32
/// bits).
std::uint32_t context_of(std::span<const std::uint8_t> in, std::size_t at, std::size_t context) {
  const auto back = [&](std::size_t distance) {
    return at >= distance ? std::uint32_t{in[at - distance]} : 0u;
  };
  switch (context) {
    case 0: return back(1);
    case two_bytes: return back(1) | back(2) << 8;
    case 2: return back(2);
    default: return back(4);
  }
}

std::uint64_t load_64(const std::uint8_t* bytes) {
  const auto byte = [&](unsigned i) { return std::uint64_t{bytes[i]} << (8 * i); };
  // As one expression compilers see one load in it.
  return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

}  // namespace

// A byte's decisions are in two rows, each in one line: of its upper half, and of its lower half behind that.
std::uint64_t IncompressibilityProbe::cost(std::span<const std::uint8_t> segment, std::size_t context) {
  std::vector<Row>& table = tables_[context];
  const bool hashed = context == two_bytes;
  if (table.empty()) table.assign(hashed ? hashed_rows : 256 * rows_of_context, Row::unseen());
  const auto row_of = [&](std::uint32_t part) -> Row& {
    return table[hashed ? part * 0x9E3779B1u >> (32 - hashed_rows_log2) : part];
  };
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    const std::uint32_t first = context_of(segment, at, context) * rows_of_context;
    const unsigned upper = segment[at] >> 4u;
    total += row_of(first).code(upper) + row_of(first + 1 + upper).code(segment[at] & 15u);
  }
  return total;
}

std::uint32_t IncompressibilityProbe::Row::code(unsigned half) {
  std::uint32_t cost = 0;
  unsigned node = 1;
  for (unsigned shift = 4; shift-- > 0;) {
    const unsigned bit = half >> shift & 1u;
    std::uint16_t& slot = slots[node];
    const unsigned p1 = slot >> 4u, seen = slot & 15u;
    const unsigned target = 4095u & (0u - bit);  // without a branch: each other one would be guessed wrong
    cost += cost_table[(p1 ^ (4095u - target)) >> 4];
    const std::int32_t away = static_cast<std::int32_t>(target) - static_cast<std::int32_t>(p1);
    const unsigned moved = p1 + static_cast<unsigned>(away * rates[seen] >> 16);
    slot = static_cast<std::uint16_t>(moved << 4 | std::min(seen + 1, 15u));
    node = node << 1 | bit;
  }
  return cost;
}

bool IncompressibilityProbe::incompressible(std::span<const std::uint8_t> segment) {
  if (segment.size() < min_segment) return false;
  const bool sure = in_turn_ >= segments_until_sure;
  for (std::size_t distance = 0; distance <= most_distance; ++distance)
    if (!flat(segment, distance, sample_size, sure ? sample_distance : sample_size)) return false;
  std::array<std::uint64_t, context_count> costs{};
  std::uint64_t plain = 0;
  const auto saves = [&] { return *std::min_element(costs.begin(), costs.end()) <= plain - plain / 64; };
  const auto look = [&](std::size_t at, std::size_t size) {
    const auto sample = segment.subspan(at, std::min(size, segment.size() - at));
    plain += std::uint64_t{sample.size()} << (3 + cost_bits);
    for (std::size_t context = 0; context < context_count; ++context) costs[context] += cost(sample, context);
  };
  if (sure) {
    look(0, first_look);
    if (!saves()) return true;
  }
  for (std::size_t at = 0; at < segment.size(); at += sample_distance) look(at, sample_size);
  const bool is = !saves();
  in_turn_ = is ? in_turn_ + 1 : 0;
  return is;
}

std::vector<unsigned> repeated_share(std::span<const std::span<const std::uint8_t>> segments) {
  struct Sample {
    std::uint64_t string;
    std::size_t segment;
  };
  std::vector<Sample> samples;
  std::vector<unsigned> sampled(segments.size());
  for (std::size_t s = 0; s < segments.size(); ++s) {
    for (std::size_t at = 0; at + 8 <= segments[s].size(); ++at) {
      const std::uint64_t string = load_64(segments[s].data() + at);
      if ((string * 0x9E3779B97F4A7C15u) >> 58 != 0) continue;  // keep one string in 64
      samples.push_back({string, s});
      ++sampled[s];
    }
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.string < b.string; });
  std::vector<unsigned> repeated(segments.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool before = i > 0 && samples[i - 1].string == samples[i].string;
    const bool after = i + 1 < samples.size() && samples[i + 1].string == samples[i].string;
    if (before || after) ++repeated[samples[i].segment];
  }
  for (std::size_t s = 0; s < segments.size(); ++s)
    repeated[s] = repeated[s] * 256 / std::max(sampled[s], 1u);
  return repeated;
}

}  // namespace ssmz::codec
