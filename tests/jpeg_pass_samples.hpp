// SPDX-License-Identifier: Apache-2.0
// JPEG of several scans made in tests, by the codec's own writer; and a small one that libjpeg wrote.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "codec/jpeg/jpeg_script.hpp"
#include "codec/jpeg/pass_writer.hpp"
#include "tests/jpeg_samples.hpp"

namespace ssmz::codec::test {

struct PassSpec {
  std::vector<unsigned> components;
  unsigned first = 0, last = 63, before = 0, low = 0;
};
using PassScript = std::vector<PassSpec>;

/// One scan for each component.
inline PassScript sequential_script() { return {{{0}}, {{1}}, {{2}}}; }
/// libjpeg's own for three components.
inline PassScript usual_script() {
  return {{{0, 1, 2}, 0, 0, 0, 1}, {{0}, 1, 5, 0, 2},  {{2}, 1, 63, 0, 1},      {{1}, 1, 63, 0, 1},
          {{0}, 6, 63, 0, 2},      {{0}, 1, 63, 2, 1}, {{0, 1, 2}, 0, 0, 1, 0}, {{2}, 1, 63, 1, 0},
          {{1}, 1, 63, 1, 0},      {{0}, 1, 63, 1, 0}};
}
/// Of three components: many bits, DC apart, some of it before what it usually follows.
inline PassScript odd_script() {
  return {{{2}, 1, 63, 0, 1}, {{0}, 0, 0, 0, 3},   {{0}, 1, 20, 0, 3}, {{1, 2}, 0, 0, 0, 0},
          {{0}, 1, 20, 3, 2}, {{0}, 21, 63, 0, 0}, {{0}, 0, 0, 3, 2},  {{2}, 1, 63, 1, 0},
          {{0}, 1, 20, 2, 1}, {{0}, 0, 0, 2, 1},   {{0}, 3, 20, 1, 0}};
}

struct PassSample {
  unsigned width = 200, height = 150;
  std::vector<std::uint8_t> sampling = {0x22, 0x11, 0x11};  ///< Of each component, across * 16 + down.
  PassScript script = usual_script();
  bool progressive = true;
  unsigned restart_interval = 0;
  bool padding = true;
  unsigned seed = 1;
  unsigned most_run = 14;  ///< The code has no symbols for runs of 2^(most_run + 1) blocks or more.
};

/// DQT, SOF, a code of all symbols that have up to 8 bits, DRI: what stands in front of the first SOS.
inline Bytes pass_segments(const PassSample& sample) {
  Bytes out;
  put_picture(out, sample.progressive ? 0xc2 : 0xc0, sample);
  Bytes symbols;
  for (unsigned symbol = 0; symbol < 256; ++symbol)
    if (symbol % 16 || symbol == 0xf0 || symbol >> 4 <= sample.most_run) symbols.push_back(byte_of(symbol));
  for (const unsigned use : {0u, 0x10u}) {
    Bytes code(17, 0);
    code[0] = byte_of(use);
    // 255 have 8 bits, the rest 9.
    const std::size_t short_ones = std::min<std::size_t>(symbols.size(), 255);
    code[8] = byte_of(short_ones);
    code[9] = byte_of(symbols.size() - short_ones);
    code.insert(code.end(), symbols.begin(), symbols.end());
    put_segment(out, 0xc4, code);
  }
  put_restart_interval(out, sample.restart_interval);
  return out;
}

inline Bytes start_of_scan(const PassSpec& spec) {
  Bytes out, data = {byte_of(spec.components.size())};
  for (const unsigned component : spec.components) data.insert(data.end(), {byte_of(component + 1), 0});
  data.insert(data.end(), {byte_of(spec.first), byte_of(spec.last), byte_of(spec.before << 4 | spec.low)});
  put_segment(out, 0xda, data);
  return out;
}

/// Coefficients of jpeg_mcu() for the whole picture.
inline JpegCoefficients pass_coefficients(const JpegHeader& header, unsigned seed) {
  JpegCoefficients made(header);
  std::mt19937 random(seed);
  int mean = 0;
  for (std::uint64_t i = 0; i < header.mcus(); ++i) {
    const JpegMcu mcu = jpeg_mcu(random, header.blocks_in_mcu(), mean);
    std::size_t next = 0;
    visit_mcu(header, i, [&](unsigned c, std::uint32_t row, std::uint32_t column) {
      made.block(c, row, column) = mcu[next++];
      return true;
    });
  }
  return made;
}

/// The segments and all scans up to EOI, without SOI, of given coefficients.
inline Bytes pass_body(const PassSample& sample, const JpegCoefficients* given = nullptr) {
  Bytes out, segments = pass_segments(sample);
  JpegScript script;
  std::optional<JpegCoefficients> made;
  for (const PassSpec& spec : sample.script) {
    const Bytes start = start_of_scan(spec);
    segments.insert(segments.end(), start.begin(), start.end());
    EXPECT_TRUE(script.add(segments));
    if (!given) given = &made.emplace(pass_coefficients(script.picture(), sample.seed));
    out.insert(out.end(), segments.begin(), segments.end());
    PassWriter writer(script.picture(), script.scans().back(), sample.padding, out);
    EXPECT_TRUE(writer.write(*given, std::size_t{1} << 24));
    segments.clear();
  }
  out.insert(out.end(), {0xff, 0xd9});
  return out;
}

/// As small_jpeg(), progressive (cjpeg of libjpeg-turbo 2.1.5): six scans of the same coefficients.
inline Bytes small_progressive_jpeg() {
  return {255, 219, 0,   67,  0,   3,   2,   2,   3,  2,   2,   3,   3,   3,   3,   4,   3,   3,   4,   5,
          8,   5,   5,   4,   4,   5,   10,  7,   7,  6,   8,   12,  10,  12,  12,  11,  10,  11,  11,  13,
          14,  18,  16,  13,  14,  17,  14,  11,  11, 16,  22,  16,  17,  19,  20,  21,  21,  21,  12,  15,
          23,  24,  22,  20,  24,  18,  20,  21,  20, 255, 194, 0,   11,  8,   0,   8,   0,   16,  1,   1,
          17,  0,   255, 196, 0,   21,  0,   1,   1,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
          0,   0,   0,   7,   8,   255, 218, 0,   8,  1,   1,   0,   0,   0,   1,   35,  160, 63,  255, 196,
          0,   22,  16,  0,   3,   0,   0,   0,   0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
          4,   5,   255, 218, 0,   8,   1,   1,   0,  1,   5,   2,   136, 161, 17,  67,  255, 196, 0,   21,
          16,  1,   1,   0,   0,   0,   0,   0,   0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   2,   255,
          218, 0,   8,   1,   1,   0,   6,   63,  2,  148, 191, 255, 196, 0,   21,  16,  1,   1,   0,   0,
          0,   0,   0,   0,   0,   0,   0,   0,   0,  0,   0,   0,   0,   81,  255, 218, 0,   8,   1,   1,
          0,   1,   63,  33,  137, 19,  255, 218, 0,  8,   1,   1,   0,   0,   0,   16,  255, 0,   255, 196,
          0,   22,  16,  0,   3,   0,   0,   0,   0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
          65,  161, 255, 218, 0,   8,   1,   1,   0,  1,   63,  16,  146, 137, 40,  255, 217};
}

}  // namespace ssmz::codec::test
