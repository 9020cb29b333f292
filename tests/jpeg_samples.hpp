// SPDX-License-Identifier: Apache-2.0
// JPEG made in tests, by the codec's own writer; and a small one that libjpeg wrote.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "codec/jpeg/jpeg_segments.hpp"
#include "codec/jpeg/scan_writer.hpp"
#include "codec/jpeg/usual_codes.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec::test {

using ssmz::test::Bytes;

struct JpegSample {
  unsigned width = 200, height = 150;
  std::vector<std::uint8_t> sampling = {0x22, 0x11, 0x11};  ///< Of each component, across * 16 + down.
  unsigned restart_interval = 0;
  bool padding = true;
  unsigned seed = 1;
  std::uint64_t most_mcus = ~0ull;  ///< The scan is cut behind so many.
};

inline void put_segment(Bytes& out, std::uint8_t marker, const Bytes& data) {
  const std::size_t size = data.size() + 2;
  out.insert(out.end(),
             {0xff, marker, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
  out.insert(out.end(), data.begin(), data.end());
}

inline std::uint8_t byte_of(std::size_t value) { return static_cast<std::uint8_t>(value); }

/// DQT and SOF, by its marker, of a sample.
template <class Sample>
void put_picture(Bytes& out, std::uint8_t marker, const Sample& sample) {
  Bytes steps{0};
  for (unsigned k = 0; k < 64; ++k) steps.push_back(byte_of(3 + k));
  put_segment(out, 0xdb, steps);
  Bytes frame = {8,
                 byte_of(sample.height >> 8),
                 byte_of(sample.height),
                 byte_of(sample.width >> 8),
                 byte_of(sample.width),
                 byte_of(sample.sampling.size())};
  for (std::size_t i = 0; i < sample.sampling.size(); ++i)
    frame.insert(frame.end(), {byte_of(i + 1), sample.sampling[i], 0});
  put_segment(out, marker, frame);
}

/// DRI, if there are restarts.
inline void put_restart_interval(Bytes& out, unsigned interval) {
  if (interval) put_segment(out, 0xdd, {byte_of(interval >> 8), byte_of(interval)});
}

/// DQT, SOF0, the codes of T.81, Annex K, DRI and SOS.
inline Bytes jpeg_segments(const JpegSample& sample) {
  Bytes out, scan = {byte_of(sample.sampling.size())};
  put_picture(out, 0xc0, sample);
  for (std::size_t i = 0; i < sample.sampling.size(); ++i)
    scan.insert(scan.end(), {byte_of(i + 1), byte_of(i ? 0x11 : 0)});
  scan.insert(scan.end(), {0, 63, 0});
  constexpr std::size_t codes_at = 19, codes_size = 2 * 33 + 2 * 183;
  out.insert(out.end(), usual_jpeg_codes.begin() + codes_at,
             usual_jpeg_codes.begin() + codes_at + codes_size);
  put_restart_interval(out, sample.restart_interval);
  put_segment(out, 0xda, scan);
  return out;
}

/// Coefficients that fall with their frequency, DC that wanders: compressible as JPEG.
inline JpegMcu jpeg_mcu(std::mt19937& random, unsigned blocks, int& mean) {
  JpegMcu mcu{};
  mean += static_cast<int>(random() % 21) - 10 - mean / 16;
  for (unsigned i = 0; i < blocks; ++i) {
    mcu[i][0] = static_cast<std::int16_t>(mean + static_cast<int>(random() % 5));
    const unsigned last = random() % 4 ? 4 + random() % 16 : random() % 64;
    for (unsigned k = 1; k <= last; ++k) {
      const int range = static_cast<int>(60 / (k * k) + 2);
      const int value = static_cast<int>(random() % static_cast<unsigned>(2 * range + 1)) - range;
      if (k < 6 || random() % 3 == 0) mcu[i][jpeg_zigzag[k]] = static_cast<std::int16_t>(value);
    }
  }
  return mcu;
}

/// The segments and the scan up to EOI, without SOI.
inline Bytes jpeg_body(const JpegSample& sample) {
  Bytes out = jpeg_segments(sample);
  const JpegHeader header = *read_jpeg_header(out);
  std::mt19937 random(sample.seed);
  ScanWriter writer(header, sample.padding);
  int mean = 0;
  const std::uint64_t mcus = std::min(header.mcus(), sample.most_mcus);
  for (std::uint64_t i = 0; i < mcus; ++i)
    static_cast<void>(writer.write(jpeg_mcu(random, header.blocks_in_mcu(), mean), out));
  if (writer.place().bit) {
    out.push_back(writer.begun());
    if (out.back() == 0xff) out.push_back(0);
  }
  out.insert(out.end(), {0xff, 0xd9});
  return out;
}

/// SOI and an APP0 in front of that.
inline Bytes jpeg_file(const JpegSample& sample) {
  Bytes out = {0xff, 0xd8};
  put_segment(out, 0xe0, {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0});
  const Bytes body = jpeg_body(sample);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

/// From its DQT on: 16 by 8 pixels x * 12 + y * 5, grey, of quality 90 with codes of its own (cjpeg of
/// libjpeg-turbo 2.1.5).
inline Bytes small_jpeg() {
  return {255, 219, 0,   67,  0,  3,   2,   2,   3,   2,   2,   3,  3,  3,   3,   4,  3,   3,  4,  5,
          8,   5,   5,   4,   4,  5,   10,  7,   7,   6,   8,   12, 10, 12,  12,  11, 10,  11, 11, 13,
          14,  18,  16,  13,  14, 17,  14,  11,  11,  16,  22,  16, 17, 19,  20,  21, 21,  21, 12, 15,
          23,  24,  22,  20,  24, 18,  20,  21,  20,  255, 192, 0,  11, 8,   0,   8,  0,   16, 1,  1,
          17,  0,   255, 196, 0,  21,  0,   1,   1,   0,   0,   0,  0,  0,   0,   0,  0,   0,  0,  0,
          0,   0,   0,   8,   9,  255, 196, 0,   26,  16,  0,   0,  7,  0,   0,   0,  0,   0,  0,  0,
          0,   0,   0,   0,   0,  0,   0,   6,   7,   34,  52,  65, 81, 255, 218, 0,  8,   1,  1,  0,
          0,   63,  0,   36,  34, 69,  24,  236, 202, 20,  1,   18, 40, 199, 102, 80, 255, 217};
}

}  // namespace ssmz::codec::test
