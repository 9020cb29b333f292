// SPDX-License-Identifier: Apache-2.0
// Pictures of one bit a pixel: fax pages, masks, scans.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/block/content_model.hpp"
#include "codec/predict/decision_model.hpp"

namespace ssmz::codec {

/// FORMAT. How a bilevel block lies: bit 0: it goes on where the block of this layout before it ended, else
/// it begins a row; above it the bytes of a row, 1..max_bilevel_row.
inline constexpr std::uint64_t max_bilevel_row = 1u << 16;
[[nodiscard]] bool valid_bilevel_layout(std::uint64_t layout);
[[nodiscard]] constexpr std::uint64_t bilevel_layout(std::uint64_t row_bytes, bool goes_on) {
  return row_bytes << 1 | (goes_on ? 1u : 0u);
}

[[nodiscard]] std::unique_ptr<ContentModel> make_bilevel_content(const ContentEnvironment& environment);
[[nodiscard]] std::uint64_t bilevel_memory(const ModelParameters& parameters, std::size_t lexemes);

/// Predicts each pixel from those to the left and in the rows above: templates from the nearest pixels (as
/// those of ITU-T T.82 and T.88) to whole letters, and where the colour changes (as ITU-T T.6 codes it).
/// Not thread-safe.
class BilevelModel {
 public:
  BilevelModel(SlotTable& table, unsigned contexts);

  /// Bytes that a model of rows of so many pixels takes beside the slot table.
  [[nodiscard]] static std::uint64_t memory(std::uint64_t width, unsigned contexts);

  void set_layout(std::uint64_t layout);
  /// Codes eight pixels, the first in the highest bit. `ahead`: they and those after them, nothing for a
  /// decoder.
  std::uint8_t code(DecisionIo& io, std::span<const std::uint8_t> ahead);
  /// Long repeats are none of this model's.
  [[nodiscard]] static constexpr bool repeating() noexcept { return false; }

  static constexpr unsigned context_count = 27;

  /// What is known at a pixel.
  struct Situation {
    /// [k]: pixels of the row k above; bit j is the pixel at x + right - j, of row 0 the pixel at x - 1 - j.
    std::array<std::uint64_t, 8> rows{};
    unsigned x = 0;
    unsigned run = 0;     ///< Pixels to the left of the same colour, at most 255.
    unsigned change = 0;  ///< How far to the right the row above changes its colour first, 0..right.
    unsigned next = 0;    ///< ... and changes it back.
    unsigned seen = 0;    ///< Share of contexts that have seen this, 0..15.
    std::array<unsigned, 3> runs{};  ///< The last complete runs of this row, newest first, at most 255.
  };
  static constexpr unsigned right = 24;  ///< Pixels to the right known of the rows above.

 private:
  bool code_pixel(DecisionIo& io, bool pixel);
  void begin_row();
  void find_changes();
  void set_contexts();
  void push(bool pixel);
  [[nodiscard]] bool above(unsigned k, unsigned x) const {
    return x < width_ && ring_[(row_ + ring_rows - k) % ring_rows * std::size_t{width_} + x] != 0;
  }

  static constexpr unsigned ring_rows = 8;
  DecisionModel model_;
  unsigned width_ = 8;
  unsigned row_ = 0;                // in the ring
  std::vector<std::uint8_t> ring_;  // [row][x]
  Situation now_;
};

}  // namespace ssmz::codec
