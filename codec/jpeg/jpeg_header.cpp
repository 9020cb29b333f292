// SPDX-License-Identifier: Apache-2.0
// Segments of JPEG.
#include "codec/jpeg/jpeg_header.hpp"

#include <algorithm>

#include "codec/base/header_reader.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t sof0 = 0xc0, sof1 = 0xc1, dht = 0xc4, dqt = 0xdb, dri = 0xdd, app0 = 0xe0,
                       app15 = 0xef, com = 0xfe;

bool known(std::uint8_t marker) {
  constexpr std::array<std::uint8_t, 7> others = {sof0, sof1, dht, jpeg_start_of_scan, dqt, dri, com};
  return (marker >= app0 && marker <= app15) || std::ranges::find(others, marker) != others.end();
}

class SegmentReader {
 public:
  // Takes one segment's data, without marker and length, of a known marker; false if they are not valid.
  bool take(std::uint8_t marker, Bytes data) {
    switch (marker) {
      case dqt: return take_quantisers(data);
      case dht: return take_codes(data);
      case sof0:
      case sof1: return take_frame(data);
      case dri:
        if (data.size() != 2) return false;
        header_.restart_interval = HeaderReader{data, true}.number(0, 2);
        return true;
      default: return true;
    }
  }

  std::optional<JpegHeader> finish(Bytes data, std::size_t size) {
    const unsigned count = header_.count;
    if (count == 0 || data.size() != 4 + 2 * std::size_t{count} || data[0] != count) return std::nullopt;
    for (unsigned i = 0; i < count; ++i) {
      JpegComponent& component = header_.components[i];
      const unsigned tables = data[2 + 2 * i];
      if (data[1 + 2 * i] != component.id || tables >> 4 > 3 || (tables & 15) > 3) return std::nullopt;
      component.dc = codes_[0][tables >> 4];
      component.ac = codes_[1][tables & 15];
      const auto& steps = steps_[quantisers_[i]];
      if (!component.dc || !component.ac || steps[0] == 0) return std::nullopt;
      component.steps = steps;
    }
    if (data[1 + 2 * count] != 0 || data[2 + 2 * count] != 63 || data[3 + 2 * count] != 0)
      return std::nullopt;
    if (header_.kept_blocks() > JpegHeader::max_kept_blocks) return std::nullopt;
    header_.size = size;
    return header_;
  }

 private:
  bool take_quantisers(Bytes data) {
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

  bool take_codes(Bytes data) {
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

  bool take_frame(Bytes data) {
    const HeaderReader r{data, true};
    if (header_.count != 0 || data.size() < 6 || data[0] != 8) return false;
    const unsigned count = data[5];
    const std::uint32_t height = r.number(1, 2), width = r.number(3, 2);
    if (count < 1 || count > JpegHeader::max_components || data.size() != 6 + 3 * std::size_t{count})
      return false;
    if (width == 0 || height == 0) return false;
    unsigned across = 1, down = 1, blocks = 0;
    for (unsigned i = 0; i < count; ++i) {
      JpegComponent& component = header_.components[i];
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
    header_.count = count;
    header_.mcu_columns = (width + 8 * across - 1) / (8 * across);
    header_.mcu_rows = (height + 8 * down - 1) / (8 * down);
    for (unsigned i = 0; i < count; ++i)
      header_.components[i].columns =
          static_cast<std::uint16_t>(header_.mcu_columns * header_.components[i].across);
    return true;
  }

  JpegHeader header_;
  unsigned tables_ = 0;
  std::array<std::uint8_t, JpegHeader::max_components> quantisers_{};
  std::array<std::array<std::uint16_t, 64>, 4> steps_{};
  std::array<std::array<std::shared_ptr<const JpegHuffman>, 4>, 2> codes_;
};

}  // namespace

unsigned JpegHeader::blocks_in_mcu() const noexcept {
  unsigned sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += components[i].across * components[i].down;
  return sum;
}

std::uint32_t JpegHeader::kept_blocks() const noexcept {
  std::uint32_t sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += components[i].columns * (components[i].down + 1u);
  return sum;
}

std::optional<JpegHeader> read_jpeg_header(Bytes in) {
  const HeaderReader r{in, true};
  // Where they are, before they are read: most that looks like one is none.
  std::array<Bytes, most_jpeg_segments> segments;  // from the marker's second byte on
  std::size_t at = 0, count = 0;
  do {
    if (count == segments.size() || in.size() - at < 4 || in[at] != 0xff) return std::nullopt;
    const std::size_t size = r.number(at + 2, 2);
    if (size < 2 || size > in.size() - at - 2 || !known(in[at + 1])) return std::nullopt;
    segments[count++] = in.subspan(at + 1, size + 1);
    at += 2 + size;
  } while (segments[count - 1][0] != jpeg_start_of_scan);
  SegmentReader reader;
  for (const Bytes segment : std::span(segments).first(count - 1))
    if (!reader.take(segment[0], segment.subspan(3))) return std::nullopt;
  return reader.finish(segments[count - 1].subspan(3), at);
}

}  // namespace ssmz::codec
