// SPDX-License-Identifier: Apache-2.0
// One segment after the other.
#include "codec/jpeg/jpeg_segments.hpp"

#include <algorithm>

#include "codec/base/header_reader.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t sof0 = 0xc0, sof1 = 0xc1, sof2 = 0xc2, dht = 0xc4, dqt = 0xdb, dri = 0xdd, app0 = 0xe0,
                       app15 = 0xef, com = 0xfe;

bool known(std::uint8_t marker) {
  constexpr std::array<std::uint8_t, 8> others = {sof0, sof1, sof2, dht, jpeg_start_of_scan, dqt, dri, com};
  return (marker >= app0 && marker <= app15) || std::ranges::find(others, marker) != others.end();
}

}  // namespace

bool JpegSegments::read(Bytes in) {
  const HeaderReader r{in, true};
  // Where they are, before they are read: most that looks like one is none.
  std::array<Bytes, most_jpeg_segments> segments;  // from the marker's second byte on
  std::size_t at = 0, count = 0;
  do {
    if (count == segments.size() || in.size() - at < 4 || in[at] != jpeg_first_byte) return false;
    const std::size_t size = r.number(at + 2, 2);
    if (size < 2 || size > in.size() - at - 2 || !known(in[at + 1])) return false;
    segments[count++] = in.subspan(at + 1, size + 1);
    at += 2 + size;
  } while (segments[count - 1][0] != jpeg_start_of_scan);
  tables_ = 0;
  size_ = at;
  return std::ranges::all_of(std::span(segments).first(count),
                             [this](Bytes segment) { return take(segment[0], segment.subspan(3)); });
}

// Takes one segment's data, without marker and length, of a known marker; false if they are not valid.
bool JpegSegments::take(std::uint8_t marker, Bytes data) {
  switch (marker) {
    case dqt: return take_quantisers(data);
    case dht: return take_codes(data);
    case sof2: picture_.progressive = true; [[fallthrough]];
    case sof0:
    case sof1: return take_picture(data);
    case dri:
      if (data.size() != 2) return false;
      restart_interval_ = HeaderReader{data, true}.number(0, 2);
      return true;
    case jpeg_start_of_scan: return take_scan(data);
    default: return true;
  }
}

bool JpegSegments::take_quantisers(Bytes data) {
  const HeaderReader r{data, true};
  for (std::size_t at = 0; at < data.size();) {
    const unsigned bytes = data[at] >> 4, number = data[at] & 15;
    if (bytes > 1 || number > 3 || at + 1 + 64 * (bytes + 1) > data.size()) return false;
    if (++tables_ > most_jpeg_tables) return false;
    ++at;
    for (unsigned k = 0; k < 64; ++k, at += bytes + 1) {
      const std::uint32_t step = r.number(at, bytes + 1);
      if (step == 0) return false;
      steps_[number][jpeg_zigzag[k]] = static_cast<std::uint16_t>(step);
    }
  }
  return true;
}

bool JpegSegments::take_codes(Bytes data) {
  for (std::size_t at = 0; at < data.size();) {
    const unsigned use = data[at] >> 4, number = data[at] & 15;
    if (use > 1 || number > 3 || at + 17 > data.size() || ++tables_ > most_jpeg_tables) return false;
    const Bytes counts = data.subspan(at + 1, 16);
    std::size_t sum = 0;
    for (const std::uint8_t count : counts) sum += count;
    at += 17;
    if (sum > data.size() - at) return false;
    auto code = JpegHuffman::from(counts, data.subspan(at, sum));
    if (!code) return false;
    codes_[use][number] = std::make_shared<const JpegHuffman>(*code);
    at += sum;
  }
  return true;
}

bool JpegSegments::take_picture(Bytes data) {
  const HeaderReader r{data, true};
  if (picture_.count != 0 || data.size() < 6 || data[0] != 8) return false;
  const unsigned count = data[5];
  const std::uint32_t height = r.number(1, 2), width = r.number(3, 2);
  if (count < 1 || count > JpegHeader::max_components || data.size() != 6 + 3 * std::size_t{count})
    return false;
  if (width == 0 || height == 0) return false;
  unsigned across = 1, down = 1, blocks = 0;
  for (unsigned i = 0; i < count; ++i) {
    JpegComponent& component = picture_.components[i];
    component.id = data[6 + 3 * i];
    component.across = data[7 + 3 * i] >> 4;
    component.down = data[7 + 3 * i] & 15;
    quantisers_[i] = data[8 + 3 * i];
    if (component.across < 1 || component.across > 4 || component.down < 1 || component.down > 4)
      return false;
    if (quantisers_[i] > 3) return false;
    // A scan of one component has no MCUs of several blocks.
    if (count == 1) component.across = component.down = 1;
    across = std::max<unsigned>(across, component.across);
    down = std::max<unsigned>(down, component.down);
    blocks += component.across * component.down;
  }
  if (blocks > 10) return false;
  picture_.count = count;
  picture_.mcu_columns = (width + 8 * across - 1) / (8 * across);
  picture_.mcu_rows = (height + 8 * down - 1) / (8 * down);
  for (unsigned i = 0; i < count; ++i) {
    JpegComponent& component = picture_.components[i];
    component.columns = static_cast<std::uint16_t>(picture_.mcu_columns * component.across);
    const auto own = [](std::uint32_t pixels, unsigned part, unsigned of) {
      return static_cast<std::uint16_t>((pixels * part + 8 * of - 1) / (8 * of));
    };
    component.own_columns = own(width, component.across, across);
    component.own_rows = own(height, component.down, down);
    component.steps.fill(1);
  }
  if (picture_.kept_blocks() > JpegHeader::max_kept_blocks) return false;
  return true;
}

bool JpegSegments::take_scan(Bytes data) {
  scan_ = {};
  scan_.restart_interval = restart_interval_;
  scan_.count = data.empty() ? 0 : data[0];
  if (scan_.count == 0 || scan_.count > picture_.count || data.size() != 4 + 2 * std::size_t{scan_.count})
    return false;
  const Bytes part = data.last(3);
  scan_.first = part[0];
  scan_.last = part[1];
  scan_.before = part[2] >> 4;
  scan_.low = part[2] & 15;
  if (!valid_part()) return false;
  const bool needs_dc = scan_.first == 0 && scan_.before == 0, needs_ac = scan_.last > 0;
  for (unsigned i = 0, c = 0; i < scan_.count; ++i, ++c) {
    while (c < picture_.count && picture_.components[c].id != data[1 + 2 * i]) ++c;
    const unsigned tables = data[2 + 2 * i];
    if (c == picture_.count || tables >> 4 > 3 || (tables & 15) > 3) return false;
    scan_.which[i] = static_cast<std::uint8_t>(c);
    if (needs_dc) scan_.dc[i] = codes_[0][tables >> 4];
    if (needs_ac) scan_.ac[i] = codes_[1][tables & 15];
    if ((needs_dc && !scan_.dc[i]) || (needs_ac && !scan_.ac[i]) || !steps(c)) return false;
  }
  return true;
}

// Which coefficients, and which of their bits.
bool JpegSegments::valid_part() const noexcept {
  const JpegScan& s = scan_;
  if (!picture_.progressive) return s.first == 0 && s.last == 63 && s.before == 0 && s.low == 0;
  constexpr unsigned most_low = 13;  // T.81, G.1.1.1.2
  if (s.low > most_low || (s.before != 0 && s.before != s.low + 1)) return false;
  return s.first == 0 ? s.last == 0 : s.first <= s.last && s.last <= 63 && s.count == 1;
}

const std::array<std::uint16_t, 64>* JpegSegments::steps(unsigned component) const noexcept {
  const auto& found = steps_[quantisers_[component]];
  return found[0] ? &found : nullptr;
}

std::optional<JpegHeader> JpegSegments::whole() const {
  if (picture_.progressive || scan_.count != picture_.count) return std::nullopt;
  JpegHeader header = picture_;
  for (unsigned i = 0; i < header.count; ++i) {
    header.components[i].dc = scan_.dc[i];
    header.components[i].ac = scan_.ac[i];
    header.components[i].steps = *steps(i);
  }
  header.restart_interval = scan_.restart_interval;
  header.size = size_;
  return header;
}

std::optional<JpegHeader> read_jpeg_header(Bytes in) {
  JpegSegments segments;
  return segments.read(in) ? segments.whole() : std::nullopt;
}

}  // namespace ssmz::codec
