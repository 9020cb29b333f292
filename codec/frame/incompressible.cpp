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
/// turn could not be compressed, they see a segment's beginning first, and the rest only if that could be.
constexpr std::size_t sample_size = 4096;
constexpr std::size_t sample_distance = 4 * sample_size;
constexpr unsigned segments_until_sure = 16;
constexpr std::size_t first_look = 1024;

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

/// Collision entropy below 7.32 bits a byte: surely compressible. Compressed data and JPEG lie above 7.6.
/// With a `distance` the differences of bytes so far apart are looked at: those of samples and pixels are
/// small.
bool flat(std::span<const std::uint8_t> segment, std::size_t distance) {
  std::array<std::uint64_t, 256> counts{};
  for (std::size_t at = 0; at < segment.size(); ++at) {
    const unsigned before = distance != 0 && at >= distance ? segment[at - distance] : 0u;
    ++counts[static_cast<std::uint8_t>(segment[at] - before)];
  }
  std::uint64_t squares = 0;
  for (const std::uint64_t count : counts) squares += count * count;
  return squares * 160 <= std::uint64_t{segment.size()} * segment.size();
}

/// Context of the byte at `at`: the last byte, the last two, the one two or four before (samples of 16 and 32
/// bits).
std::uint32_t context_hash(std::span<const std::uint8_t> in, std::size_t at, std::size_t context) {
  const auto back = [&](std::size_t distance) {
    return at >= distance ? std::uint32_t{in[at - distance]} : 0u;
  };
  switch (context) {
    case 0: return back(1);
    case 1: return back(1) | back(2) << 8;
    case 2: return back(2);
    default: return back(4);
  }
}

std::uint64_t load_64(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace

std::uint64_t IncompressibilityProbe::cost(std::span<const std::uint8_t> segment, std::size_t context) {
  std::vector<std::uint16_t>& table = tables_[context];
  // A slot: probability of 1 in the upper 12 bits, in the lower 4 how often it was seen (which sets the
  // rate).
  if (table.empty()) table.assign(std::size_t{1} << table_log2, 0x8000);
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    const std::uint32_t base = (context_hash(segment, at, context) * 0x9E3779B1u) >> (32 - table_log2);
    std::uint32_t node = 1;
    for (unsigned shift = 8; shift-- > 0;) {
      const std::uint32_t bit = (segment[at] >> shift) & 1u;
      std::uint16_t& slot =
          table[(base ^ (node * 0x2F0B4C47u >> (32 - table_log2))) & ((1u << table_log2) - 1)];
      const std::int32_t p1 = slot >> 4;
      const unsigned seen = slot & 15u;
      const std::int32_t target = bit != 0 ? 4095 : 0;
      total += cost_table[static_cast<std::size_t>(bit != 0 ? p1 >> 4 : (4095 - p1) >> 4)];
      const std::int32_t moved = p1 + ((target - p1) * rates[seen] >> 16);
      slot = static_cast<std::uint16_t>(static_cast<unsigned>(moved) << 4 | std::min(seen + 1, 15u));
      node = node << 1 | bit;
    }
  }
  return total;
}

bool IncompressibilityProbe::incompressible(std::span<const std::uint8_t> segment) {
  if (segment.size() < min_segment) return false;
  for (std::size_t distance = 0; distance <= most_distance; ++distance)
    if (!flat(segment, distance)) return false;
  std::array<std::uint64_t, context_count> costs{};
  std::uint64_t plain = 0;
  const auto saves = [&] { return *std::min_element(costs.begin(), costs.end()) <= plain - plain / 64; };
  const auto look = [&](std::size_t at, std::size_t size) {
    const auto sample = segment.subspan(at, std::min(size, segment.size() - at));
    plain += std::uint64_t{sample.size()} << (3 + cost_bits);
    for (std::size_t context = 0; context < context_count; ++context) costs[context] += cost(sample, context);
  };
  if (in_turn_ >= segments_until_sure) {
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
