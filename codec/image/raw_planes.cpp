// SPDX-License-Identifier: Apache-2.0
// Row lengths by differences, then trials.
#include "codec/image/raw_planes.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codec/base/byte_cost.hpp"
#include "codec/base/miss_cost.hpp"
#include "codec/base/ones.hpp"
#include "codec/base/raw_samples.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_model.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t step = std::size_t{64} << 10;
constexpr std::size_t longest_row = 8192;  // bytes
constexpr std::size_t probed = 4096;       // bytes that are compared for each length of a row
// A plane must take less than this share of what bytes take by the small model of them, in 1/16: the true
// byte model gains more on its small one than the pictures' does.
constexpr std::uint64_t worthwhile = 11;

// Ten pixels around.
std::uint64_t bilevel_cost(Bytes data, std::size_t row) {
  BitCounter counter(1024);
  const auto bit_at = [&](std::size_t x) {
    return static_cast<unsigned>(data[x >> 3] >> (7 - (x & 7u)) & 1u);
  };
  const std::size_t width = row * 8;
  for (std::size_t x = 2 * width + 4; x < data.size() * 8; ++x) {
    unsigned context = 0;
    for (unsigned k = 1; k <= 3; ++k) context = context * 2 + bit_at(x - k);
    for (unsigned k = 0; k < 5; ++k) context = context * 2 + bit_at(x - width + 2 - k);
    for (unsigned k = 0; k < 2; ++k) context = context * 2 + bit_at(x - 2 * width + 1 - k);
    counter.code(context, bit_at(x));
  }
  return counter.sum();
}

constexpr std::size_t shortest_row = 64;  // samples: what repeats sooner are records

// The distance at which data differ least from those before them; distances under `shortest` are of records,
// not of rows (records of 16 bytes taken for rows of pixels: +2.7 % at -5).
struct Distances {
  std::uint64_t least = ~std::uint64_t{0}, least_of_records = least, sum = 0;
  std::size_t best = 0, best_of_records = 0;

  // `difference(d)` sums what differs at distance d, of 8..most-1.
  template <class Difference>
  Distances(std::size_t shortest, std::size_t most, const Difference& difference) {
    for (std::size_t d = 8; d < most; ++d) {
      const std::uint64_t total = difference(d);
      sum += total;
      if (d < shortest) {
        if (total < least_of_records) best_of_records = d;
        least_of_records = std::min(least_of_records, total);
      } else if (total < least) {
        least = total;
        best = d;
      }
    }
  }
};

// What `count` samples differ from those d before them, added up.
template <class Sample>
std::uint32_t differences(const Sample* samples, std::size_t count, std::size_t d) {
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t difference = std::int32_t{samples[i]} - samples[static_cast<std::ptrdiff_t>(i - d)];
    total += static_cast<std::uint32_t>(std::abs(difference));
  }
  return total;
}

// The length of a row, in samples, from the last of them; 0: none stands out, or shorter distances do about
// as well.
template <class Sample>
std::size_t row_length_of(const RawSamples& samples) {
  const std::size_t most = std::min(longest_row, samples.count() / 4), probe = probed / samples.bytes;
  std::vector<Sample> last(most + probe);
  for (std::size_t i = 0; i < last.size(); ++i)
    last[i] = static_cast<Sample>(samples[samples.count() - last.size() + i]);
  const Distances found(shortest_row, most,
                        [&](std::size_t d) { return differences(last.data() + most, probe, d); });
  const bool stands_out =
      found.least * 2 < found.sum / (most - 8) && found.least * 5 < found.least_of_records * 4;
  return stands_out ? found.best : 0;
}

std::size_t row_length(const RawSamples& samples) {
  return samples.bytes == 1 ? row_length_of<std::uint8_t>(samples) : row_length_of<std::uint16_t>(samples);
}

// Differences to the gradient.
std::uint64_t picture_cost(const RawSamples& samples, std::size_t row, unsigned channels) {
  MissCost<8> cost;
  for (std::size_t i = row + channels; i < samples.count(); ++i) {
    const std::int32_t w = samples[i - channels], n = samples[i - row], nw = samples[i - row - channels];
    cost.add(samples[i] - std::clamp(w + n - nw, std::min(w, n), std::max(w, n)));
  }
  return cost.sum();
}

bool mostly_blank(Bytes data) {
  std::size_t blank = 0;
  for (const std::uint8_t byte : data) blank += byte == 0 || byte == 0xff;
  return blank * 2 > data.size();
}

bool constant(Bytes data) { return std::equal(data.begin() + 1, data.end(), data.begin()); }

// Bits that differ between the second half of `data` and what stands d bytes before; d below half its size.
// Eight bytes at a time.
std::uint64_t changed_bits(Bytes data, std::size_t d) {
  std::uint64_t total = 0;
  for (std::size_t i = data.size() / 2; i + 8 <= data.size(); i += 8) {
    std::uint64_t now, before;
    std::memcpy(&now, data.data() + i, 8);
    std::memcpy(&before, data.data() + i - d, 8);
    total += ones_in(now ^ before);
  }
  return total;
}

struct Choice {
  BlockType type;
  std::size_t row = 0;  // bytes; 0: none
};

// Relocations, symbols and the like, of 24 bytes mostly: some multiple of it differs in few bits, and ten
// pixels tell more of them than three bytes. What is above tells most: 0.4 to 0.75 of `bytes` (seven
// programs), pages of pixels 1.1 to 1.5 (pic). As pixels they took a program's first 1,000,000 bytes from
// 285,950 to 289,937 at -1.
bool are_records(Bytes data, const Distances& found, std::uint64_t bytes) {
  const std::uint64_t most = bytes / 16 * 14;
  return record_cost(data, found.best) < most || record_cost(data, found.best_of_records) < most;
}

/// What a piece takes as bytes, found out when it is first asked for: most pieces have no rows to compare
/// with.
class CostAsBytes {
 public:
  explicit CostAsBytes(Bytes data) : data_(data) {}
  [[nodiscard]] std::uint64_t value() {
    if (cost_ == 0) cost_ = byte_cost(data_);
    return cost_;
  }

 private:
  Bytes data_;
  std::uint64_t cost_ = 0;  // 0: not asked for
};

Choice try_bilevel(Bytes data, CostAsBytes& as_bytes) {
  // Where most bits change is where rows can be told; records are told as in row_length().
  constexpr std::size_t most = 1024;
  const Distances found(shortest_row / 2, most, [&](std::size_t d) { return changed_bits(data, d); });
  const std::size_t best = found.best;
  if (best == 0 || found.least * 3 > found.sum / (most - 8) * 2 ||
      found.least * 5 > found.least_of_records * 4)
    return {};
  const std::uint64_t bytes = as_bytes.value();
  if (bilevel_cost(data, best) * 16 >= bytes * 14 || are_records(data, found, bytes)) return {};
  return {{BlockKind::bilevel, bilevel_layout(best, false)}, best};
}

Choice try_pictures(Bytes data, CostAsBytes& as_bytes) {
  Choice best;
  std::uint64_t least = 0;
  for (unsigned size = 1; size <= 2; ++size) {
    const RawSamples samples{data, size};
    const std::size_t row = row_length(samples);
    if (row == 0) continue;
    if (best.row == 0) least = as_bytes.value() * worthwhile / 16;
    for (const unsigned channels : {1u, 3u, 4u}) {
      if (row % channels || (size == 2 && channels > 1)) continue;
      const std::uint64_t cost = picture_cost(samples, row, channels);
      if (cost >= least) continue;
      least = cost;
      const PictureLayout layout{false, size, false, channels, static_cast<std::uint32_t>(row * size)};
      best = {{BlockKind::picture, layout.packed()}, row * size};
    }
  }
  // Tables of colours rise as pictures do, but in steps that repeat: LCMSLABI.ICM's 154,327 bytes at -1
  // 6,378 -> 3,745.
  if (best.row != 0 && record_cost(data) < least) return {};
  return best;
}

// Samples follow each other smoothly in some distance; text and programs do not.
bool smooth(Bytes data) {
  for (unsigned size = 1; size <= 2; ++size) {
    const RawSamples samples{data, size};
    for (const unsigned d : {1u, 3u, 4u}) {
      std::uint64_t near = 0, far = 0;
      for (std::size_t i = 64; i < samples.count(); i += 7) {
        near += static_cast<std::uint64_t>(std::abs(samples[i] - samples[i - d]));
        far += static_cast<std::uint64_t>(std::abs(samples[i] - samples[i - 61]));
      }
      if (near * 4 < far * 3) return true;
    }
  }
  return false;
}

Choice choose(Bytes data, const Choice& before) {
  if (constant(data)) return {};  // long repeats code it faster
  const bool blank = mostly_blank(data), even = smooth(data);
  if (!blank && !even) return {};
  CostAsBytes as_bytes(data);
  if (before.row) {  // as before, if that still holds
    const bool bilevel = before.type.kind == BlockKind::bilevel;
    const PictureLayout layout = PictureLayout::of(before.type.layout);
    const std::uint64_t cost = bilevel ? bilevel_cost(data, before.row)
                                       : picture_cost({data, layout.sample_bytes},
                                                      before.row / layout.sample_bytes, layout.channels);
    if (cost < as_bytes.value()) return before;
  }
  if (blank) {
    const Choice bilevel = try_bilevel(data, as_bytes);
    if (bilevel.row) return bilevel;
  }
  return even ? try_pictures(data, as_bytes) : Choice{};
}

}  // namespace

bool compressible_as(BlockType type, Bytes data, std::size_t most) {
  if (data.empty()) return false;
  // What the first part may take, in sixteenths of a bit.
  const std::uint64_t size = std::min(data.size(), step);
  const std::uint64_t whole = size * 8 * 16 * most / data.size();
  data = data.first(static_cast<std::size_t>(size));
  std::uint64_t cost = whole;
  if (type.kind == BlockKind::bilevel) {
    cost = bilevel_cost(data, static_cast<std::size_t>(type.layout >> 1));
  } else if (type.kind == BlockKind::drawing) {
    cost = byte_cost(data);
  } else {
    const PictureLayout layout = PictureLayout::of(type.layout);
    const std::size_t row = layout.row_bytes / layout.sample_bytes;
    if (data.size() >= 2 * std::size_t{layout.row_bytes}) {
      cost = picture_cost({data, layout.sample_bytes, layout.big_endian, layout.is_signed ? 1 << 15 : 0}, row,
                          layout.channels);
      // That is without the first row, which is as the others if it goes on.
      cost += layout.goes_on ? cost * layout.row_bytes / (data.size() - layout.row_bytes)
                             : std::uint64_t{layout.row_bytes} * 8 * 16;
    }
  }
  return cost < whole - whole / 32;
}

std::vector<Region> find_raw_planes(Bytes data) {
  std::vector<Region> planes;
  Choice before;
  for (std::size_t at = 0; at + step <= data.size(); at += step) {
    // The rest belongs to the last step.
    const std::size_t size = data.size() - at < 2 * step ? data.size() - at : step;
    const Choice choice = choose(data.subspan(at, step), before);
    if (choice.row && before.row && choice.type == before.type) {
      planes.back().size += size;
    } else if (choice.row) {
      planes.push_back({at, size - size % 2, choice.type});
    }
    before = choice;
  }
  for (Region& plane : planes) plane.size -= plane.size % 2;
  return planes;
}

}  // namespace ssmz::codec
