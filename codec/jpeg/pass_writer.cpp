// SPDX-License-Identifier: Apache-2.0
// ITU-T T.81, Annex G, where it leaves a choice as libjpeg's jcphuff.c makes it.
#include "codec/jpeg/pass_writer.hpp"

#include <bit>
#include <cstdlib>

#include "codec/jpeg/sequential_block.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned run_symbols = 15;
constexpr std::size_t most_bits_of_run = 937;  // libjpeg's 1,000, less what a block can have more
constexpr unsigned sixteen_zeros = 0xf0;

// Runs that a code can tell, up to 2^15 - 1.
std::uint32_t longest_run(const JpegHuffman& code) {
  std::uint32_t longest = 1;
  for (unsigned bits = 0; bits < run_symbols; ++bits)
    if (code.code(bits << 4).length != 0) longest = (2u << bits) - 1;
  return longest;
}

}  // namespace

PassWriter::PassWriter(const JpegHeader& header, const JpegScan& scan, bool padding,
                       std::vector<std::uint8_t>& out)
    : header_(header), scan_(scan), padding_(padding), out_(out) {
  if (scan.ac[0]) longest_run_ = longest_run(*scan.ac[0]);
}

bool PassWriter::write(const JpegCoefficients& coefficients, std::size_t most) {
  const std::size_t start = out_.size();
  const bool good = visit_blocks(
                        header_, scan_, [this](std::uint64_t mcu) { return restart(mcu); },
                        [&](unsigned place, std::uint32_t row, std::uint32_t column) {
                          return write_block(place, coefficients.at(scan_.which[place], row, column)) &&
                                 out_.size() - start <= most;
                        }) &&
                    end_run();
  bits_.align(padding_, out_);
  if (good && out_.size() - start <= most) return true;
  out_.resize(start);
  return false;
}

bool PassWriter::restart(std::uint64_t mcu) {
  if (!restarts_before(mcu, scan_.restart_interval)) return true;
  if (!end_run()) return false;
  dc_ = {};
  bits_.put_restart(restart_marker(mcu, scan_.restart_interval), padding_, out_);
  return true;
}

bool PassWriter::write_block(unsigned place, const JpegBlock& block) {
  if (!header_.progressive)
    return write_sequential_block({*scan_.dc[place], *scan_.ac[place]}, bits_, dc_[place], block, out_);
  if (scan_.first != 0) return scan_.before == 0 ? first_ac(block) : refine_ac(block);
  if (scan_.before == 0) return first_dc(place, block);
  bits_.put(static_cast<std::uint32_t>(block[0] >> scan_.low & 1), 1, out_);
  return true;
}

bool PassWriter::first_dc(unsigned place, const JpegBlock& block) {
  const int value = block[0] >> scan_.low;
  const int difference = value - dc_[place];
  dc_[place] = static_cast<std::int16_t>(value);
  return bits_.put_value(*scan_.dc[place], 0, difference, out_);
}

bool PassWriter::first_ac(const JpegBlock& block) {
  unsigned zeros = 0;
  for (unsigned k = scan_.first; k <= scan_.last; ++k) {
    const int value = block[jpeg_zigzag[k]] / (1 << scan_.low);
    if (value == 0) {
      ++zeros;
      continue;
    }
    if (!end_run()) return false;
    for (; zeros >= 16; zeros -= 16)
      if (!bits_.put_symbol(*scan_.ac[0], sixteen_zeros, out_)) return false;
    if (!bits_.put_value(*scan_.ac[0], zeros, value, out_)) return false;
    zeros = 0;
  }
  return zeros == 0 || lengthen_run();
}

bool PassWriter::refine_ac(const JpegBlock& block) {
  const auto magnitude = [&](unsigned k) {
    return static_cast<unsigned>(std::abs(block[jpeg_zigzag[k]])) >> scan_.low;
  };
  unsigned last_new = 0;
  for (unsigned k = scan_.first; k <= scan_.last; ++k)
    if (magnitude(k) == 1) last_new = k;
  unsigned zeros = 0;
  for (unsigned k = scan_.first; k <= scan_.last; ++k) {
    const unsigned value = magnitude(k);
    if (value == 0) {
      ++zeros;
      continue;
    }
    for (; zeros >= 16 && k <= last_new; zeros -= 16) {
      if (!end_run() || !bits_.put_symbol(*scan_.ac[0], sixteen_zeros, out_)) return false;
      put_bits(of_block_);
    }
    if (value > 1) {
      of_block_.push_back(value & 1);
      continue;
    }
    if (!end_run() || !bits_.put_symbol(*scan_.ac[0], zeros << 4 | 1, out_)) return false;
    bits_.put(block[jpeg_zigzag[k]] > 0, 1, out_);
    put_bits(of_block_);
    zeros = 0;
  }
  if (zeros == 0 && of_block_.empty()) return true;
  of_run_.insert(of_run_.end(), of_block_.begin(), of_block_.end());
  of_block_.clear();
  return lengthen_run();
}

bool PassWriter::lengthen_run() {
  ++run_;
  return (run_ < longest_run_ && of_run_.size() <= most_bits_of_run) || end_run();
}

bool PassWriter::end_run() {
  if (run_ == 0) return true;
  const auto bits = static_cast<unsigned>(std::bit_width(run_)) - 1;
  if (!bits_.put_symbol(*scan_.ac[0], bits << 4, out_)) return false;
  bits_.put(run_ & ((1u << bits) - 1), bits, out_);
  run_ = 0;
  put_bits(of_run_);
  return true;
}

void PassWriter::put_bits(std::vector<bool>& bits) {
  for (const bool bit : bits) bits_.put(bit, 1, out_);
  bits.clear();
}

}  // namespace ssmz::codec
