// SPDX-License-Identifier: Apache-2.0
// Predicts and codes the quantised coefficients of JPEG scans.
#pragma once

#include <array>
#include <cstdint>

#include "codec/jpeg/block_rows.hpp"
#include "codec/jpeg/border_pixels.hpp"
#include "codec/jpeg/coefficient_contexts.hpp"
#include "codec/jpeg/jpeg_effort.hpp"
#include "codec/jpeg/slot_groups.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/predict/decision_model.hpp"

namespace ssmz::codec {

/// A block is coded from its last coefficient that is not 0 (told first) down to the first, DC last: so all
/// of higher frequencies are known, and what they leave open at the borders to the blocks above and to the
/// left says what a coefficient of the first row or column should be (D. R. Horn et al., "The Design,
/// Implementation, and Deployment of a System to Transparently Compress Hundreds of Petabytes of Image Files
/// for a File-Storage Service", 2017; I. Bauermeister and E. Steinbach, "Further lossless compression of JPEG
/// images", 2004). Not thread-safe. FORMAT.
class CoefficientModel {
 public:
  CoefficientModel(SlotTable& table, const JpegEffort& effort);
  [[nodiscard]] static std::uint64_t memory(const JpegEffort& effort);

  /// A scan begins.
  void begin(const JpegHeader& header);
  /// Codes MCU number `mcu` of the scan, the one after the last; a decoder gets it. False if the data of a
  /// decoder have ended.
  [[nodiscard]] bool code(DecisionIo& io, std::uint64_t mcu, JpegMcu& blocks);

  void move_to(SlotTable& table) noexcept { model_.move_to(table); }
  void freeze() {
    groups_.freeze();
    model_.freeze();
  }

 private:
  struct Situation {
    unsigned kind = 0;       // of decision
    unsigned place = 0;      // in the zigzag, or bits so far
    unsigned component = 0;  // 0, 1, 2 and more
    unsigned around = 0;     // buckets, 0..15
    unsigned inside = 0;
    unsigned expected = 0;
    unsigned last = 0;
  };
  struct Tables;
  bool code_block(DecisionIo& io, unsigned component, std::int64_t row, std::int64_t column,
                  JpegBlock& block);
  void code_last(DecisionIo& io, unsigned last);
  void code_coefficient(DecisionIo& io, unsigned k, JpegBlock& block);
  void code_dc(DecisionIo& io, JpegBlock& block);
  int code_value(DecisionIo& io, int value, bool may_be_zero, unsigned longest);
  unsigned code_bits(DecisionIo& io, unsigned magnitude, unsigned bits);
  void finish_block(const JpegBlock& block, KeptBlock& kept);
  unsigned decide(DecisionIo& io, bool bit, unsigned node, unsigned kind);
  void list(unsigned k, const JpegBlock& block);
  [[nodiscard]] int quarters(std::int64_t sum, unsigned frequency, unsigned n) const;
  [[nodiscard]] Surroundings surroundings(unsigned component, std::int64_t row, std::int64_t column) const;

  JpegEffort effort_;
  SlotGroups groups_;
  DecisionModel model_;
  BlockRows rows_;
  JpegHeader header_;
  // [component][frequency is not 0][n]: 2^26 through step and weight
  std::array<std::array<std::array<std::int32_t, 64>, 2>, JpegHeader::max_components> per_step_{};

  // The block in hand.
  Surroundings around_{};
  unsigned component_ = 0;
  unsigned last_ = 0, nonzeros_ = 0;
  BorderPixels borders_;
  Situation situation_;
  std::int16_t dc_miss_ = 0;
  bool expected_negative_ = false;
};

}  // namespace ssmz::codec
