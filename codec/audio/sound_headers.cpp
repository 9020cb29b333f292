// SPDX-License-Identifier: Apache-2.0
// Chunks of RIFF and IFF files, and the header of AU.
#include "codec/audio/sound_headers.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "codec/audio/sample_scale.hpp"
#include "codec/audio/sound_layout.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/base/miss_cost.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned most_chunks = 64;
constexpr std::size_t looked_at = std::size_t{64} << 10;
constexpr unsigned one_half = 126;  // exponent field of floats from 0.5 to 1

// What a header says of its samples; nothing where they are of no form that there is a layout for.
struct SampleType {
  SampleForm form = SampleForm::whole;
  unsigned bits = 0;
  bool big_endian = false;
  bool is_signed = false;
};

// The least that most of the first floats are below. A few NaNs and infinities are no sound.
unsigned exponent_of(Bytes floats, bool big_endian) {
  floats = floats.first(std::min(floats.size(), looked_at));
  std::array<std::uint32_t, 256> count{};
  for (std::size_t at = 0; at + 4 <= floats.size(); at += 4)
    ++count[ByteOrder{big_endian}.get(floats, at, 4) >> 23 & 255u];
  const std::size_t few = floats.size() / 4 / 256;
  std::size_t above = 0;
  unsigned field = 255;
  while (field > one_half && above + count[field] <= few) above += count[field--];
  return std::min(field - one_half, SoundLayout::most_exponent);
}

// Lowest bytes that are 0 in nearly all of the first samples, but not if so much is silence.
unsigned low_bytes_of(Bytes samples, const SoundLayout& layout) {
  samples = samples.first(std::min(samples.size(), looked_at));
  std::array<std::size_t, 4> not_zero{};
  for (std::size_t at = 0; at + layout.sample_bytes <= samples.size(); at += layout.sample_bytes)
    for (unsigned i = 0; i < layout.sample_bytes; ++i)
      not_zero[i] += samples[at + (layout.big_endian ? layout.sample_bytes - 1 - i : i)] != 0;
  const std::size_t few = samples.size() / layout.sample_bytes / 64;
  const unsigned most = std::min(SoundLayout::most_low_bytes, layout.sample_bytes - 1);
  unsigned low = 0;
  while (low < most && not_zero[low] <= few) ++low;
  return low == most && not_zero[low] <= few ? 0 : low;
}

std::optional<FoundRegion> sound(Bytes in, std::uint64_t offset, std::uint64_t size, unsigned channels,
                                 SampleType type) {
  if (channels < 1 || channels > SoundLayout::max_channels || type.bits % 8) return {};
  SoundLayout layout{.sample_bytes = type.bits / 8, .channels = channels, .form = type.form};
  if (layout.sample_bytes < 1 || layout.sample_bytes > 4 || offset >= in.size()) return {};
  layout.big_endian = type.big_endian;
  layout.is_signed = type.form == SampleForm::whole && type.is_signed;
  if (type.form == SampleForm::floating)
    layout.exponent = exponent_of(in.subspan(static_cast<std::size_t>(offset)), type.big_endian);
  if (type.form == SampleForm::whole && layout.sample_bytes > 2)
    layout.low_bytes = low_bytes_of(in.subspan(static_cast<std::size_t>(offset)), layout);
  if (!valid_sound_layout(layout.packed())) return {};
  const std::uint32_t unit = channels * layout.sample_bytes;
  size -= size % unit;
  if (size < least_region) return {};
  return FoundRegion{static_cast<std::size_t>(offset), size, {BlockKind::sound, layout.packed()}, unit};
}

// Codes of formats in RIFF (Microsoft, "Multiple Media Type Registry", mmreg.h).
std::optional<SampleForm> riff_form(std::uint32_t tag) {
  switch (tag) {
    case 1: return SampleForm::whole;
    case 3: return SampleForm::floating;
    case 6: return SampleForm::a_law;
    case 7: return SampleForm::mu_law;
    default: return {};
  }
}

std::optional<FoundRegion> find_wav(Bytes in) {
  const HeaderReader r{in};
  unsigned channels = 0;
  SampleType type;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = r.number(at + 4, 4);
    if (r.says(at, "data")) return sound(in, at + 8, size, channels, type);
    if (r.says(at, "fmt ")) {
      const std::uint32_t tag = r.number(at + 8, 2);
      const bool extensible = tag == 0xfffe && size >= 40;
      // Of an extensible format the code is the first number of its GUID.
      const auto form = riff_form(extensible ? r.number(at + 32, 2) : tag == 0xfffe ? 1 : tag);
      if (!form) return {};
      channels = r.number(at + 10, 2);
      type = {*form, r.number(at + 22, 2)};
      type.is_signed = type.bits > 8;
    }
    at += 8 + size + size % 2;
  }
  return {};
}

// The samples of all instruments one behind the other (E-mu Systems, "SoundFont Technical
// Specification 2.04", section 6).
std::optional<FoundRegion> find_soundfont(Bytes in) {
  const HeaderReader r{in};
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 20 <= in.size(); ++i) {
    const std::uint64_t size = r.number(at + 4, 4);
    if (r.says(at, "LIST") && r.says(at + 8, "sdta") && r.says(at + 12, "smpl"))
      return sound(in, at + 20, r.number(at + 16, 4), 1, {SampleForm::whole, 16, false, true});
    at += 8 + size + size % 2;
  }
  return {};
}

// Of AIFC's type of compression (Apple, "Audio Interchange File Format AIFF-C", 1991, and what later systems
// write). 16 bits are said of what is compressed to 8.
std::optional<SampleType> aifc_type(const HeaderReader& r, std::uint64_t at, unsigned bits) {
  if (r.says(at, "NONE") || r.says(at, "twos") || r.says(at, "in24") || r.says(at, "in32"))
    return SampleType{SampleForm::whole, bits, true, true};
  if (r.says(at, "sowt")) return SampleType{SampleForm::whole, bits, false, true};
  if (r.says(at, "fl32") || r.says(at, "FL32")) return SampleType{SampleForm::floating, 32, true};
  if (r.says(at, "ulaw") || r.says(at, "ULAW")) return SampleType{SampleForm::mu_law, 8};
  if (r.says(at, "alaw") || r.says(at, "ALAW")) return SampleType{SampleForm::a_law, 8};
  return {};
}

std::optional<FoundRegion> find_aiff(Bytes in) {
  const HeaderReader r{in, true};
  unsigned channels = 0;
  SampleType type;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < most_chunks && at + 8 <= in.size(); ++i) {
    const std::uint64_t size = r.number(at + 4, 4);
    if (r.says(at, "SSND") && size >= 8) {
      const std::uint64_t skipped = r.number(at + 8, 4);
      if (skipped > size - 8) return {};
      return sound(in, at + 16 + skipped, size - 8 - skipped, channels, type);
    }
    if (r.says(at, "COMM")) {
      channels = r.number(at + 8, 2);
      type = {SampleForm::whole, r.number(at + 14, 2), true, true};
      if (r.says(8, "AIFC")) {
        const auto other = aifc_type(r, at + 26, type.bits);
        if (!other) return {};
        type = *other;
      }
    }
    at += 8 + size + size % 2;
  }
  return {};
}

std::optional<FoundRegion> find_au(Bytes in) {
  const HeaderReader r{in, true};
  const std::uint32_t offset = r.number(4, 4), encoding = r.number(12, 4);
  if (offset < 24) return {};
  SampleType type{SampleForm::whole, 8 * (encoding - 1), true, true};  // 2 to 5
  if (encoding == 1) type = {SampleForm::mu_law, 8};
  if (encoding == 6) type = {SampleForm::floating, 32, true};
  if (encoding == 27) type = {SampleForm::a_law, 8};
  return sound(in, offset, r.number(8, 4), r.number(20, 4), type);
}

}  // namespace

std::optional<FoundRegion> find_sound(Bytes in) {
  const HeaderReader r{in};
  std::optional<FoundRegion> found;
  if ((r.says(0, "RIFF") || r.says(0, "RF64")) && r.says(8, "WAVE")) found = find_wav(in);
  if (r.says(0, "RIFF") && r.says(8, "sfbk")) found = find_soundfont(in);
  if (r.says(0, "FORM") && (r.says(8, "AIFF") || r.says(8, "AIFC"))) found = find_aiff(in);
  if (r.says(0, ".snd")) found = find_au(in);
  return found && found->offset < in.size() ? found : std::nullopt;
}

// By the change of the last change; a rest that is not 0 costs its bits.
bool compressible_as_sound(std::uint64_t packed, Bytes data) {
  const SoundLayout layout = SoundLayout::of(packed);
  data = data.first(std::min(data.size(), looked_at));
  const SampleScale scale(layout);
  const unsigned bytes = layout.sample_bytes;
  const std::size_t samples = data.size() / bytes;
  std::vector<std::int32_t> heads;
  heads.reserve(samples);
  std::uint64_t rests = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    const SplitSample parts =
        scale.split(static_cast<std::uint32_t>(ByteOrder{layout.big_endian}.get(data, i * bytes, bytes)));
    heads.push_back(static_cast<std::int32_t>(parts.head));
    if (parts.rest) rests += scale.rest_bits(parts.head) * 16;
  }
  const std::size_t channels = layout.channels;
  MissCost<16> cost;
  for (std::size_t i = 2 * channels; i < samples; ++i)
    cost.add(heads[i] - 2 * heads[i - channels] + heads[i - 2 * channels]);
  const std::uint64_t whole = std::uint64_t{data.size()} * 8 * 16;
  return cost.sum() + rests < whole - whole / 32;
}

}  // namespace ssmz::codec
