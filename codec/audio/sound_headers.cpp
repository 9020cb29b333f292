// SPDX-License-Identifier: Apache-2.0
// Chunks of RIFF and IFF files, and the header of AU.
#include "codec/audio/sound_headers.hpp"

#include <algorithm>

#include "codec/audio/sound_model.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/samples/raw_samples.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned most_chunks = 64;
constexpr std::size_t looked_at = std::size_t{64} << 10;

std::optional<FoundRegion> sound(std::uint64_t offset, std::uint64_t size, unsigned channels, unsigned bits,
                                 bool big_endian, bool is_signed) {
  if (channels < 1 || channels > SoundLayout::max_channels || (bits != 8 && bits != 16 && bits != 24))
    return {};
  const std::uint32_t unit = channels * bits / 8;
  size -= size % unit;
  if (size < least_region) return {};
  const SoundLayout layout{false, bits / 8, big_endian, is_signed, channels};
  return FoundRegion{static_cast<std::size_t>(offset), size, {BlockKind::sound, layout.packed()}, unit};
}

std::optional<FoundRegion> find_wav(Bytes in) {
  const HeaderReader r{in};
  unsigned channels = 0, bits = 0;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = r.number(at + 4, 4);
    if (r.says(at, "data")) return sound(at + 8, size, channels, bits, false, bits > 8);
    if (r.says(at, "fmt ")) {
      const std::uint32_t tag = r.number(at + 8, 2);
      if (tag != 1 && tag != 0xfffe) return {};
      channels = r.number(at + 10, 2);
      bits = r.number(at + 22, 2);
    }
    at += 8 + size + size % 2;
  }
  return {};
}

std::optional<FoundRegion> find_aiff(Bytes in) {
  const HeaderReader r{in, true};
  unsigned channels = 0, bits = 0;
  bool big_endian = true;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = r.number(at + 4, 4);
    if (r.says(at, "SSND") && size >= 8) {
      const std::uint64_t skipped = r.number(at + 8, 4);
      return skipped > size - 8
                 ? std::nullopt
                 : sound(at + 16 + skipped, size - 8 - skipped, channels, bits, big_endian, true);
    }
    if (r.says(at, "COMM")) {
      channels = r.number(at + 8, 2);
      bits = r.number(at + 14, 2);
      if (r.says(8, "AIFC")) {
        big_endian = !r.says(at + 26, "sowt");
        if (big_endian && !r.says(at + 26, "NONE") && !r.says(at + 26, "twos")) return {};
      }
    }
    at += 8 + size + size % 2;
  }
  return {};
}

std::optional<FoundRegion> find_au(Bytes in) {
  const HeaderReader r{in, true};
  const std::uint32_t offset = r.number(4, 4), encoding = r.number(12, 4);
  if (offset < 24 || encoding < 2 || encoding > 4) return {};
  return sound(offset, r.number(8, 4), r.number(20, 4), 8 * (encoding - 1), true, true);
}

}  // namespace

std::optional<FoundRegion> find_sound(Bytes in) {
  const HeaderReader r{in};
  std::optional<FoundRegion> found;
  if (r.says(0, "RIFF") && r.says(8, "WAVE")) found = find_wav(in);
  if (r.says(0, "FORM") && (r.says(8, "AIFF") || r.says(8, "AIFC"))) found = find_aiff(in);
  if (r.says(0, ".snd")) found = find_au(in);
  return found && found->offset < in.size() ? found : std::nullopt;
}

// By the change of the last change.
bool compressible_as_sound(std::uint64_t packed, Bytes data) {
  const SoundLayout layout = SoundLayout::of(packed);
  data = data.first(std::min(data.size(), looked_at));
  const RawSamples samples{data, layout.sample_bytes, layout.big_endian,
                           layout.is_signed ? 1 << (8 * layout.sample_bytes - 1) : 0};
  const std::size_t channels = layout.channels;
  MissCost<16> cost;
  for (std::size_t i = 2 * channels; i < samples.count(); ++i)
    cost.add(samples[i] - 2 * samples[i - channels] + samples[i - 2 * channels]);
  const std::uint64_t whole = std::uint64_t{data.size()} * 8 * 16;
  return cost.sum() < whole - whole / 32;
}

}  // namespace ssmz::codec
