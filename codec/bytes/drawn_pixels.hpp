// SPDX-License-Identifier: Apache-2.0
// The pixels around the coming byte of a drawing.
#pragma once

#include <array>
#include <cstdint>

#include "codec/base/hash.hpp"
#include "codec/block/drawing_layout.hpp"

namespace ssmz::codec {

/// Looked up once a byte. Of rows before the block, and beside a row, it takes what stands there.
class DrawnPixels {
 public:
  /// By where they stand: west, north, south of none.
  enum Neighbour : unsigned { w, n, nw, ne, ww, nn, nne, nnw, nee, nww, www, wwww, nnn, neighbours };

  /// What comes from `position` on lies so.
  void set_layout(const DrawingLayout& layout, std::uint64_t position) noexcept {
    if (!layout.goes_on || layout.row_bytes != row_ || layout.channels != channels_) begin_ = position;
    row_ = layout.row_bytes;
    channels_ = layout.channels;
  }

  /// `back(k)`: the k-th last byte of the content.
  template <class Back>
  void look(std::uint64_t position, const Back& back) noexcept {
    constexpr std::array<std::array<int, 2>, neighbours> places = {{{1, 0},
                                                                    {0, 1},
                                                                    {1, 1},
                                                                    {-1, 1},
                                                                    {2, 0},
                                                                    {0, 2},
                                                                    {-1, 2},
                                                                    {1, 2},
                                                                    {-2, 1},
                                                                    {2, 1},
                                                                    {3, 0},
                                                                    {4, 0},
                                                                    {0, 3}}};
    column_ = static_cast<unsigned>((position - begin_) % row_);
    channel_ = column_ % channels_;
    here_ = channel_;
    for (unsigned k = channel_; k > 0; --k) here_ = here_ << 8 | back(k);
    for (unsigned i = 0; i < neighbours; ++i) {
      const auto [left, up] = places[i];
      // Above 0 unless, in a row of few pixels, it would lie ahead.
      const std::int64_t first = channel_ + std::int64_t{left} * channels_ + std::int64_t{up} * row_;
      std::uint32_t pixel = 0;
      for (unsigned k = 0; k < channels_; ++k) {
        const std::int64_t at = first - k;
        pixel = pixel << 8 | (at > 0 ? back(static_cast<std::uint64_t>(at)) : 0u);
      }
      pixels_[i] = pixel;
      samples_[i] = static_cast<std::uint8_t>(pixel >> 8 * (channels_ - 1 - channel_));
    }
  }

  [[nodiscard]] unsigned column() const noexcept { return column_; }  ///< Of the coming byte, in its row.
  [[nodiscard]] unsigned channel() const noexcept { return channel_; }
  /// Channel, and the pixel's bytes before it.
  [[nodiscard]] std::uint32_t here() const noexcept { return here_; }
  [[nodiscard]] std::uint32_t pixel(Neighbour of) const noexcept { return pixels_[of]; }
  /// The neighbour's byte of the coming byte's channel.
  [[nodiscard]] unsigned sample(Neighbour of) const noexcept { return samples_[of]; }
  /// Which neighbours are alike: below alike_count.
  [[nodiscard]] unsigned alike() const noexcept {
    const auto same = [this](Neighbour a, Neighbour b) { return pixels_[a] == pixels_[b] ? 1u : 0u; };
    return same(w, n) | same(n, ne) << 1 | same(w, nw) << 2 | same(n, nw) << 3 | same(w, ww) << 4 |
           same(n, nn) << 5;
  }
  static constexpr unsigned alike_count = 64;
  /// Hashes of two, of four and of six neighbours, the nearest first.
  [[nodiscard]] std::array<std::uint64_t, 3> surroundings() const noexcept {
    const std::uint64_t two = hash_words(here_, pixels_[w], pixels_[n]);
    const std::uint64_t four = hash_words(two, pixels_[nw], pixels_[ne]);
    return {two, four, hash_words(four, pixels_[ww], pixels_[nn])};
  }

 private:
  std::uint32_t row_ = 1;
  unsigned channels_ = 1, channel_ = 0, column_ = 0;
  std::uint64_t begin_ = 0;
  std::uint32_t here_ = 0;
  std::array<std::uint32_t, neighbours> pixels_{};
  std::array<std::uint8_t, neighbours> samples_{};
};

}  // namespace ssmz::codec
