// SPDX-License-Identifier: Apache-2.0
// Pictures of 8 or 16 bits a sample and one to four channels a pixel: photographs, scans, medical series.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "codec/block/content_model.hpp"
#include "codec/predict/least_squares.hpp"
#include "codec/samples/local_least_squares.hpp"
#include "codec/samples/sample_coder.hpp"
#include "codec/samples/sample_effort.hpp"

namespace ssmz::codec {

/// FORMAT. How the samples of a picture lie in a block.
struct PictureLayout {
  bool goes_on = false;         ///< Where the block of this layout before it ended, else it begins a row.
  unsigned sample_bytes = 1;    ///< 1 or 2.
  bool big_endian = false;      ///< Of samples of two bytes.
  unsigned channels = 1;        ///< Samples of a pixel, 1..4; they stand side by side.
  std::uint32_t row_bytes = 1;  ///< 1..max_row, a multiple of sample_bytes.
  bool is_signed = false;       ///< Samples of two bytes, in two's complement.

  static constexpr std::uint32_t max_row = 1u << 17;
  [[nodiscard]] std::uint64_t packed() const;
  [[nodiscard]] static PictureLayout of(std::uint64_t packed);
};
[[nodiscard]] bool valid_picture_layout(std::uint64_t layout);

[[nodiscard]] std::unique_ptr<ContentModel> make_picture_content(const ContentEnvironment& environment);
[[nodiscard]] std::uint64_t picture_memory(const ModelParameters& parameters, std::size_t lexemes);

/// Predicts each sample from its neighbours and the pixel's channels before it: gradients, and three least
/// squares predictors, blended by their errors close by; X. Wu, "An algorithmic study on lossless image
/// compression" (1996); B. Meyer and P. Tischer, "TMW" (1997). Not thread-safe.
class PictureModel {
 public:
  PictureModel(SlotTable& table, const PictureLayout& layout, const SampleEffort& effort);

  /// Bytes that a model takes beside the slot table.
  [[nodiscard]] static std::uint64_t memory(const PictureLayout& layout, const SampleEffort& effort);

  /// Whether a block of this layout may go on here.
  [[nodiscard]] bool fits(const PictureLayout& layout) const;
  void begin_picture();
  /// Codes a sample, 0..2^(8 sample_bytes) - 1.
  std::uint32_t code(DecisionIo& io, std::uint32_t sample);

  static constexpr unsigned context_count = 30;

 private:
  // What is blended. The coder reads the blend and, in this order, all but the last.
  enum Candidate : unsigned { wide, local, gradient, from_west, from_north, plane, close, west, candidates };
  static constexpr unsigned recalls = 3, lean_recalls = 1;
  static constexpr unsigned margin = 4;  // pixels beside a row
  static constexpr unsigned rows = 5;

  struct Channel {
    LeastSquares wide;
    LeastSquares close;
    LocalLeastSquares local;  // of the close one's inputs
  };

  static SampleCoder::Shape shape_of(const PictureLayout& layout, const SampleEffort& effort);
  void begin_row();
  void forecast();
  void blend();
  void recall();
  void list_contexts(ContextLister& list) const;
  void push(std::uint32_t sample);
  // `dx` pixels to the right and `dy` rows down of the coming sample, `other` channels further.
  [[nodiscard]] std::int32_t at(int dx, int dy, int other = 0) const {
    const std::size_t row = (row_ + rows - static_cast<unsigned>(-dy)) % rows;
    const auto x =
        static_cast<std::ptrdiff_t>(x_ + margin * channels_) + (dx * static_cast<int>(channels_) + other);
    return samples_[row * row_size_ + static_cast<std::size_t>(x)];
  }
  [[nodiscard]] std::int32_t error_at(int dx, int dy, int other = 0) const {
    const std::size_t row = parity_ ^ static_cast<unsigned>(-dy);
    const auto x =
        static_cast<std::ptrdiff_t>(x_ + margin * channels_) + (dx * static_cast<int>(channels_) + other);
    return errors_[row * row_size_ + static_cast<std::size_t>(x)];
  }

  PictureLayout layout_;
  std::uint32_t flip_;  // makes samples unsigned
  unsigned channels_;
  std::int32_t greatest_;
  unsigned row_samples_;
  std::size_t row_size_;  // with margins
  SampleCoder coder_;
  bool lean_;
  std::array<Recall, recalls> recalls_;
  std::vector<Channel> models_;        // [channel]
  std::vector<std::int32_t> samples_;  // [row][margin, x, margin]
  std::vector<std::int32_t> errors_;   // likewise, of two rows: of the blend
  std::vector<float> misses_;          // [row][x][candidate]: how far each was off
  unsigned row_ = 0;
  unsigned parity_ = 0;  // of the row, for the errors and misses of two
  unsigned x_ = 0;
  std::array<float, candidates> candidates_{};
  SampleForecast forecast_;
};

}  // namespace ssmz::codec
