// SPDX-License-Identifier: Apache-2.0
// ITU-T T.81, Annex G: spectral selection and successive approximation.
#include "codec/jpeg/pass_reader.hpp"

#include <cstdlib>

#include "codec/jpeg/sequential_block.hpp"

namespace ssmz::codec {

bool PassReader::read(JpegCoefficients& coefficients) {
  const bool good = visit_blocks(
      header_, scan_, [this](std::uint64_t mcu) { return restart(mcu); },
      [&](unsigned place, std::uint32_t row, std::uint32_t column) {
        return read_block(place, coefficients.block(scan_.which[place], row, column));
      });
  return good && bits_.align(padding_);
}

bool PassReader::restart(std::uint64_t mcu) {
  if (!restarts_before(mcu, scan_.restart_interval)) return true;
  dc_ = {};
  empty_ = 0;
  return bits_.read_restart(restart_marker(mcu, scan_.restart_interval), padding_);
}

bool PassReader::read_block(unsigned place, JpegBlock& block) {
  if (!header_.progressive)
    return read_sequential_block({*scan_.dc[place], *scan_.ac[place]}, bits_, dc_[place], block);
  if (scan_.first == 0) return scan_.before == 0 ? first_dc(place, block) : refine_dc(block);
  return scan_.before == 0 ? first_ac(block) : refine_ac(block);
}

bool PassReader::first_dc(unsigned place, JpegBlock& block) {
  unsigned size = 0;
  int value = 0;
  if (!bits_.read_symbol(*scan_.dc[place], size) || size > longest_dc_bits) return false;
  if (!bits_.read_value(size, value)) return false;
  value += dc_[place];
  if (std::abs(value) > most_dc >> scan_.low) return false;
  dc_[place] = static_cast<std::int16_t>(value);
  block[0] = static_cast<std::int16_t>(value * (1 << scan_.low));
  return true;
}

bool PassReader::refine_dc(JpegBlock& block) {
  std::uint32_t bit = 0;
  if (!bits_.read_bits(1, bit)) return false;
  block[0] = static_cast<std::int16_t>(block[0] + (static_cast<int>(bit) << scan_.low));
  return true;
}

// A run of 2^size blocks, and more by that many bits, of which this is one.
bool PassReader::read_run(unsigned size) {
  std::uint32_t more = 0;
  if (!bits_.read_bits(size, more)) return false;
  empty_ = (1u << size) + more;
  return true;
}

bool PassReader::first_ac(JpegBlock& block) {
  for (unsigned k = scan_.first; empty_ == 0 && k <= scan_.last; ++k) {
    unsigned symbol = 0;
    int value = 0;
    if (!bits_.read_symbol(*scan_.ac[0], symbol)) return false;
    const unsigned run = symbol >> 4, size = symbol & 15;
    if (size == 0 && run < 15) {
      if (!read_run(run)) return false;
      break;
    }
    k += run;
    if (k > scan_.last || size + scan_.low > longest_ac_bits || !bits_.read_value(size, value)) return false;
    block[jpeg_zigzag[k]] = static_cast<std::int16_t>(value * (1 << scan_.low));
  }
  if (empty_ > 0) --empty_;
  return true;
}

// One more bit of a coefficient that is not 0.
bool PassReader::refine_known(std::int16_t& value) {
  std::uint32_t bit = 0;
  if (!bits_.read_bits(1, bit)) return false;
  const int more = static_cast<int>(bit) << scan_.low;
  value = static_cast<std::int16_t>(value < 0 ? value - more : value + more);
  return true;
}

bool PassReader::refine_ac(JpegBlock& block) {
  unsigned k = scan_.first;
  while (empty_ == 0 && k <= scan_.last) {
    unsigned symbol = 0;
    std::uint32_t positive = 0;
    if (!bits_.read_symbol(*scan_.ac[0], symbol)) return false;
    const unsigned size = symbol & 15;
    unsigned run = symbol >> 4;
    if (size > 1 || scan_.low >= longest_ac_bits) return false;
    if (size == 0 && run < 15) {
      if (!read_run(run)) return false;
      break;
    }
    if (size == 1 && !bits_.read_bits(1, positive)) return false;
    // So many that stay 0; all that are not 0 already have a bit each.
    for (; k <= scan_.last; ++k) {
      std::int16_t& value = block[jpeg_zigzag[k]];
      if (value != 0) {
        if (!refine_known(value)) return false;
      } else if (run-- == 0) {
        break;
      }
    }
    if (k > scan_.last) {
      if (size == 1) return false;
      break;
    }
    if (size == 1)
      block[jpeg_zigzag[k]] = static_cast<std::int16_t>(positive ? 1 << scan_.low : -(1 << scan_.low));
    ++k;
  }
  if (empty_ == 0) return true;
  for (; k <= scan_.last; ++k)
    if (std::int16_t& value = block[jpeg_zigzag[k]]; value != 0 && !refine_known(value)) return false;
  --empty_;
  return true;
}

void take_back_pass(const JpegScan& scan, bool progressive, JpegCoefficients& coefficients) {
  const bool first = !progressive || scan.before == 0;
  for (unsigned i = 0; i < scan.count; ++i)
    for (std::vector<JpegBlock>& row : coefficients.rows(scan.which[i]))
      for (JpegBlock& block : row)
        for (unsigned k = scan.first; k <= scan.last; ++k) {
          std::int16_t& value = block[jpeg_zigzag[k]];
          const int bits = 1 << scan.before;
          // DC are cut downwards, the others towards 0.
          const int cut = k == 0 ? value >> scan.before << scan.before : value / bits * bits;
          value = static_cast<std::int16_t>(first ? 0 : cut);
        }
}

}  // namespace ssmz::codec
