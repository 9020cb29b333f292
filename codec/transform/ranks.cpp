// SPDX-License-Identifier: Apache-2.0
// Which values occur, whether that tells enough, and samples by their ranks.
#include "codec/transform/ranks.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "codec/base/little_endian.hpp"
#include "codec/base/log2.hpp"
#include "codec/base/miss_cost.hpp"
#include "codec/base/ordered_numbers.hpp"
#include "codec/base/raw_samples.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned most_line = 128;
constexpr std::uint32_t most_ranks = 1u << 16;

// What must be saved beside twice the tables, in sixteenths of a bit of a sample.
constexpr std::uint64_t least_closer = 3;
// Values to either side that tell how close they lie.
constexpr std::size_t reach = 8;

/// A channel's values, rising, and the rank of the first.
struct Values {
  std::vector<std::uint16_t> list;
  std::uint32_t step = 1;  // all lie whole steps apart
  std::uint32_t first_rank = 0;

  [[nodiscard]] std::uint32_t last_rank() const {
    return first_rank + static_cast<std::uint32_t>(list.size()) - 1;
  }
  /// Steps between two neighbours.
  [[nodiscard]] std::uint32_t gap(std::size_t i) const {
    return static_cast<std::uint32_t>(list[i + 1] - list[i]) / step;
  }
  [[nodiscard]] bool is_progression() const { return std::size_t{gap_sum()} + 1 == list.size(); }

 private:
  [[nodiscard]] std::uint32_t gap_sum() const {
    return static_cast<std::uint32_t>(list.back() - list.front()) / step;
  }
};

/// Values that samples may have, and what makes them rise with what they mean.
std::uint32_t range_of(const RankForm& form) { return 1u << (8 * form.sample_bytes); }
std::uint32_t flip_of(const RankForm& form) { return form.is_signed ? range_of(form) / 2 : 0; }

unsigned rank_bytes_of(const std::vector<Values>& channels) {
  const bool small =
      std::ranges::all_of(channels, [](const Values& values) { return values.last_rank() < 256; });
  return small ? 1 : 2;
}

/// Sixteenths of a bit that a sample's rank has less than the sample: by how far apart the values around are.
std::uint64_t closer_by(const Values& values, std::span<const std::uint32_t> counts) {
  std::uint64_t sum = 0;
  const std::size_t last = values.list.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const std::size_t from = i - std::min(i, reach), to = std::min(last, i + reach);
    const auto span = static_cast<std::uint32_t>(values.list[to] - values.list[from]);
    if (span > 0)
      sum += counts[values.list[i]] * std::uint64_t{log2_sixteenths(span) - log2_sixteenths(to - from)};
  }
  return sum;
}

/// Sixteenths of a bit that a list of gaps takes about.
std::uint64_t cost_of(const Values& values) {
  std::array<std::uint32_t, 256> counts{};
  for (std::size_t i = 0; i + 1 < values.list.size(); ++i) ++counts[std::min(values.gap(i), 255u)];
  const std::uint64_t sum = values.list.size() - 1;
  std::uint64_t cost = 64 * 16;
  for (std::size_t gap = 0; gap < counts.size(); ++gap)
    if (counts[gap] > 0) {
      const std::uint64_t bits = gap < 255 ? log2_sixteenths(sum) - log2_sixteenths(counts[gap]) : 16 * 16;
      cost += counts[gap] * bits;
    }
  return cost;
}

/// Samples by the ones of their channel before them.
struct Steps {
  std::uint64_t cost = 0;  // about, in sixteenths of a bit
  std::size_t none = 0;    // how many are as the one before
};
template <class Get>
Steps steps_of(std::size_t count, std::size_t channels, Get&& get) {
  MissCost<16> cost;
  Steps steps;
  for (std::size_t i = channels; i < count; ++i) {
    const std::uint32_t sample = get(i), before = get(i - channels);
    cost.add(static_cast<std::int32_t>(sample) - static_cast<std::int32_t>(before));
    if (sample == before) ++steps.none;
  }
  steps.cost = cost.sum();
  return steps;
}

/// Whether ranks are worth tables that cost so much. Drawn pictures have few values, too, but are known by
/// what is around: logos and icons were 3 to 80 % larger.
bool ranks_pay(const Steps& samples, const Steps& ranks, std::uint64_t tables, std::size_t count) {
  constexpr std::uint64_t least_share = 32;
  return samples.none < count - count / 4 &&
         samples.cost >= ranks.cost + 2 * tables + samples.cost / least_share;
}

/// Those of a channel that occur, or all in steps from the first to the last if most do.
Values values_of(std::span<const std::uint32_t> counts) {
  Values values;
  for (std::size_t value = 0; value < counts.size(); ++value)
    if (counts[value] > 0) values.list.push_back(static_cast<std::uint16_t>(value));
  if (values.list.size() < 2) return values;
  std::uint32_t step = 0;
  for (std::size_t i = 0; i + 1 < values.list.size(); ++i) step = std::gcd(step, values.gap(i));
  values.step = step;
  Values all = values;
  all.list.clear();
  for (std::uint32_t value = values.list.front(); value <= values.list.back(); value += step)
    all.list.push_back(static_cast<std::uint16_t>(value));
  const std::uint64_t with_list = closer_by(values, counts), without = closer_by(all, counts);
  return with_list > without + 2 * cost_of(values) ? values : all;
}

/// The ranks begin so that what is next to `middle` has the middle one.
void centre(Values& values, std::uint32_t middle, std::uint32_t ranks) {
  const auto below =
      static_cast<std::uint32_t>(std::ranges::lower_bound(values.list, middle) - values.list.begin());
  const auto count = static_cast<std::uint32_t>(values.list.size());
  values.first_rank = std::min(ranks / 2 - std::min(ranks / 2, below), ranks - count);
}

void append_tables(const std::vector<Values>& channels, std::vector<std::uint8_t>& plain) {
  for (const Values& values : channels) {
    const bool listed = !values.is_progression();
    append_varint((values.list.size() - 1) * 2 + (listed ? 1 : 0), plain);
    append_varint(values.first_rank, plain);
    append_varint(values.list.front(), plain);
    append_varint(values.step, plain);
    for (std::size_t i = 0; listed && i + 1 < values.list.size(); ++i)
      append_varint(values.gap(i) - 1, plain);
  }
}

/// Reads a channel's; nothing if samples have not such values, or ranks would be too large.
std::optional<Values> read_values(ByteReader& reader, std::uint32_t range) {
  const std::uint64_t head = reader.varint(), first_rank = reader.varint();
  const std::uint64_t first = reader.varint(), step = reader.varint();
  const std::uint64_t more = head / 2;
  if (reader.state() != ByteReader::State::good || more >= range || first_rank + more >= most_ranks ||
      first >= range)
    return {};
  if (step < 1 || step >= range) return {};
  Values values{{static_cast<std::uint16_t>(first)},
                static_cast<std::uint32_t>(step),
                static_cast<std::uint32_t>(first_rank)};
  std::uint64_t value = first;
  for (std::uint64_t i = 0; i < more; ++i) {
    const std::uint64_t gap = head % 2 ? reader.varint() : 0;
    if (reader.state() != ByteReader::State::good || gap >= range) return {};
    value += (gap + 1) * step;
    if (value >= range) return {};
    values.list.push_back(static_cast<std::uint16_t>(value));
  }
  return values;
}

std::optional<std::vector<Values>> read_tables(ByteReader& reader, const RankForm& form) {
  std::vector<Values> channels;
  for (unsigned i = 0; i < form.channels; ++i) {
    std::optional<Values> values = read_values(reader, range_of(form));
    if (!values) return {};
    channels.push_back(std::move(*values));
  }
  return channels;
}

}  // namespace

std::uint16_t RankForm::packed() const noexcept {
  return static_cast<std::uint16_t>((sample_bytes - 1) | unsigned{big_endian} << 1 |
                                    unsigned{is_signed} << 2 | unsigned{centred} << 3 | (channels - 1) << 4);
}

RankForm RankForm::of(std::uint16_t line) noexcept {
  return {line % 2u + 1, (line & 2u) != 0, (line & 4u) != 0, (line & 8u) != 0,
          (line >> 4) % most_channels + 1};
}

bool valid_ranks_layout(const TransformLayout& layout) noexcept {
  const RankForm form = RankForm::of(layout.line);
  return !layout.crlf && layout.line < most_line && (form.sample_bytes == 2 || !form.big_endian);
}

std::optional<RanksFront> ranks_front(const TransformLayout& layout, Bytes plain) {
  ByteReader reader(plain);
  const auto channels = read_tables(reader, RankForm::of(layout.line));
  if (!channels) return {};
  return RanksFront{reader.position(), rank_bytes_of(*channels)};
}

std::optional<std::vector<std::uint8_t>> from_ranks(const TransformLayout& layout, Bytes raw) {
  const RankForm form = RankForm::of(layout.line);
  const RawSamples samples{raw, form.sample_bytes, form.big_endian, static_cast<std::int32_t>(flip_of(form))};
  const std::size_t count = samples.count();
  const auto sample_at = [&](std::size_t i) { return static_cast<std::uint32_t>(samples[i]); };
  if (raw.size() % form.sample_bytes != 0 || count < form.channels) return {};
  std::vector<std::vector<std::uint32_t>> counts(form.channels, std::vector<std::uint32_t>(range_of(form)));
  for (std::size_t i = 0; i < count; ++i) ++counts[i % form.channels][sample_at(i)];
  std::vector<Values> channels;
  std::uint64_t closer = 0, cost = 0;
  for (const auto& own : counts) {
    channels.push_back(values_of(own));
    closer += closer_by(channels.back(), own);
    if (!channels.back().is_progression()) cost += cost_of(channels.back());
  }
  if (closer < 2 * cost + count * least_closer) return {};
  const std::uint32_t ranks = rank_bytes_of(channels) == 1 ? 256 : most_ranks;
  if (form.centred)
    for (Values& values : channels) centre(values, range_of(form) / 2, ranks);
  const unsigned rank_bytes = rank_bytes_of(channels);
  std::vector<std::vector<std::uint16_t>> rank_of(form.channels, std::vector<std::uint16_t>(range_of(form)));
  for (unsigned c = 0; c < form.channels; ++c)
    for (std::size_t i = 0; i < channels[c].list.size(); ++i)
      rank_of[c][channels[c].list[i]] = static_cast<std::uint16_t>(channels[c].first_rank + i);
  const auto rank_at = [&](std::size_t i) { return std::uint32_t{rank_of[i % form.channels][sample_at(i)]}; };
  if (!ranks_pay(steps_of(count, form.channels, sample_at), steps_of(count, form.channels, rank_at), cost,
                 count))
    return {};
  std::vector<std::uint8_t> plain;
  append_tables(channels, plain);
  plain.reserve(plain.size() + count * rank_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t rank = rank_at(i);
    plain.push_back(static_cast<std::uint8_t>(rank));
    if (rank_bytes == 2) plain.push_back(static_cast<std::uint8_t>(rank >> 8));
  }
  return plain;
}

bool append_ranks(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const RankForm form = RankForm::of(layout.line);
  const ByteOrder order{form.big_endian};
  ByteReader reader(plain);
  const auto channels = read_tables(reader, form);
  if (!channels) return false;
  const unsigned rank_bytes = rank_bytes_of(*channels);
  const Bytes ranks = plain.subspan(reader.position());
  if (ranks.size() % rank_bytes != 0) return false;
  for (std::size_t i = 0; i * rank_bytes < ranks.size(); ++i) {
    const Values& values = (*channels)[i % form.channels];
    const auto rank = static_cast<std::uint32_t>(ByteOrder{}.get(ranks, i * rank_bytes, rank_bytes));
    if (rank < values.first_rank || rank > values.last_rank()) return false;
    raw.resize(raw.size() + form.sample_bytes);
    order.put(values.list[rank - values.first_rank] ^ flip_of(form), form.sample_bytes, raw,
              raw.size() - form.sample_bytes);
  }
  return true;
}

}  // namespace ssmz::codec
