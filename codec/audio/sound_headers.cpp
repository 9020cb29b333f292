// SPDX-License-Identifier: Apache-2.0
// Chunks of RIFF and IFF files, and the header of AU.
#include "codec/audio/sound_headers.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "codec/audio/sound_model.hpp"
#include "codec/base/log2.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t least_size = 4096;  // below it a block of its own does not pay
constexpr unsigned most_chunks = 64;
constexpr std::size_t looked_at = std::size_t{64} << 10;

std::uint32_t number(Bytes in, std::uint64_t at, unsigned size, bool big_endian) {
  if (at + size > in.size()) return 0;
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= std::uint32_t{in[at + i]} << (8 * (big_endian ? size - 1 - i : i));
  return value;
}

bool says(Bytes in, std::uint64_t at, const char* text) {
  return at + 4 <= in.size() && std::memcmp(in.data() + at, text, 4) == 0;
}

std::optional<FoundRegion> sound(std::uint64_t offset, std::uint64_t size, unsigned channels, unsigned bits,
                                 bool big_endian, bool is_signed) {
  if (channels < 1 || channels > SoundLayout::max_channels || (bits != 8 && bits != 16)) return {};
  const std::uint32_t unit = channels * bits / 8;
  size -= size % unit;
  if (size < least_size) return {};
  const SoundLayout layout{false, bits / 8, big_endian, is_signed, channels};
  return FoundRegion{static_cast<std::size_t>(offset), size, {BlockKind::sound, layout.packed()}, unit};
}

std::optional<FoundRegion> find_wav(Bytes in) {
  unsigned channels = 0, bits = 0;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = number(in, at + 4, 4, false);
    if (says(in, at, "data")) return sound(at + 8, size, channels, bits, false, bits > 8);
    if (says(in, at, "fmt ")) {
      const std::uint32_t tag = number(in, at + 8, 2, false);
      if (tag != 1 && tag != 0xfffe) return {};
      channels = number(in, at + 10, 2, false);
      bits = number(in, at + 22, 2, false);
    }
    at += 8 + size + size % 2;
  }
  return {};
}

std::optional<FoundRegion> find_aiff(Bytes in) {
  unsigned channels = 0, bits = 0;
  bool big_endian = true;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = number(in, at + 4, 4, true);
    if (says(in, at, "SSND") && size >= 8) {
      const std::uint64_t skipped = number(in, at + 8, 4, true);
      return skipped > size - 8
                 ? std::nullopt
                 : sound(at + 16 + skipped, size - 8 - skipped, channels, bits, big_endian, true);
    }
    if (says(in, at, "COMM")) {
      channels = number(in, at + 8, 2, true);
      bits = number(in, at + 14, 2, true);
      if (says(in, 8, "AIFC")) {
        big_endian = !says(in, at + 26, "sowt");
        if (big_endian && !says(in, at + 26, "NONE") && !says(in, at + 26, "twos")) return {};
      }
    }
    at += 8 + size + size % 2;
  }
  return {};
}

std::optional<FoundRegion> find_au(Bytes in) {
  const std::uint32_t offset = number(in, 4, 4, true), encoding = number(in, 12, 4, true);
  if (offset < 24 || (encoding != 2 && encoding != 3)) return {};
  return sound(offset, number(in, 8, 4, true), number(in, 20, 4, true), encoding == 2 ? 8 : 16, true, true);
}

}  // namespace

std::optional<FoundRegion> find_sound(Bytes in) {
  std::optional<FoundRegion> found;
  if (says(in, 0, "RIFF") && says(in, 8, "WAVE")) found = find_wav(in);
  if (says(in, 0, "FORM") && (says(in, 8, "AIFF") || says(in, 8, "AIFC"))) found = find_aiff(in);
  if (says(in, 0, ".snd")) found = find_au(in);
  return found && found->offset < in.size() ? found : std::nullopt;
}

// The change of the last change, by how large it was: log2 of a mean, and a bit and a half.
bool compressible_as_sound(std::uint64_t packed, Bytes data) {
  const SoundLayout layout = SoundLayout::of(packed);
  data = data.first(std::min(data.size(), looked_at));
  const std::size_t count = data.size() / layout.sample_bytes, channels = layout.channels;
  const auto sample = [&](std::size_t i) {
    const std::uint32_t value = number(data, i * layout.sample_bytes, layout.sample_bytes, layout.big_endian);
    return static_cast<std::int32_t>(value ^ (layout.is_signed ? 1u << (8 * layout.sample_bytes - 1) : 0u));
  };
  std::uint64_t sum = 0, mean = 16 * 16;  // in sixteenths
  for (std::size_t i = 2 * channels; i < count; ++i) {
    const auto miss =
        static_cast<std::uint64_t>(std::abs(sample(i) - 2 * sample(i - channels) + sample(i - 2 * channels)));
    sum += log2_sixteenths(mean + 16) - 64 + 12 + std::min<std::uint64_t>(miss * 16 * 23 / (mean + 16), 256);
    mean = mean - mean / 16 + miss;
  }
  const std::uint64_t whole = std::uint64_t{data.size()} * 8 * 16;
  return sum < whole - whole / 32;
}

}  // namespace ssmz::codec
