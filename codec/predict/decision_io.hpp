// SPDX-License-Identifier: Apache-2.0
// Where a model's decisions go to or come from: a range coder, or a meter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/predict/symbol_path.hpp"
#include "codec/range/range_decoder.hpp"
#include "codec/range/range_encoder.hpp"

namespace ssmz::codec {

/// One direction of coding. Models are written once for all: a call costs nothing beside a prediction.
class DecisionIo {
 public:
  virtual ~DecisionIo() = default;
  /// Codes a decision whose probability of a 1 is `p` / 2^22 and returns it. Decoders ignore `bit`; `at` says
  /// where in the symbol it stands, for meters.
  virtual unsigned code(bool bit, std::uint32_t p, const Position& at) = 0;
  /// Decoders: more was read than any encoder leaves out; the data are cut or damaged.
  [[nodiscard]] virtual bool exhausted() const { return false; }
};

/// Bits that nothing is known of, highest first.
inline unsigned code_plain(DecisionIo& io, unsigned value, unsigned bits) {
  unsigned is = 0;
  for (unsigned bit = bits; bit-- > 0;)
    is = 2 * is + io.code((value >> bit & 1) != 0, probability_one / 2, {});
  return is;
}

/// A bit that nothing is known of.
inline bool code_flag(DecisionIo& io, bool bit) { return code_plain(io, bit, 1) != 0; }

/// Appends to a vector.
class EncodeIo final : public DecisionIo {
 public:
  explicit EncodeIo(std::vector<std::uint8_t>& out) : coder_(out) {}
  unsigned code(bool bit, std::uint32_t p, const Position&) override {
    coder_.encode(bit, p);
    return bit;
  }
  /// Call once, behind the last decision.
  void finish() { coder_.finish(); }

 private:
  RangeEncoder coder_;
};

/// Reads a block's data; zeros behind its end.
class DecodeIo final : public DecisionIo {
 public:
  explicit DecodeIo(std::span<const std::uint8_t> in) : coder_(in) {}
  unsigned code(bool, std::uint32_t p, const Position&) override { return coder_.decode(p); }
  [[nodiscard]] bool exhausted() const override { return coder_.exhausted(); }
  /// After the last decision: the data end as EncodeIo::finish() ends them.
  [[nodiscard]] bool finished() const { return coder_.finished(); }

 private:
  RangeDecoder coder_;
};

}  // namespace ssmz::codec
