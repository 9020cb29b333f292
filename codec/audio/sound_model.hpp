// SPDX-License-Identifier: Apache-2.0
// Sound of 8 to 32 bits a sample and one to eight channels.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "codec/audio/sample_grain.hpp"
#include "codec/audio/sample_scale.hpp"
#include "codec/audio/sound_layout.hpp"
#include "codec/block/content_model.hpp"
#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/least_squares.hpp"
#include "codec/samples/lms.hpp"
#include "codec/samples/sample_coder.hpp"
#include "codec/samples/sample_effort.hpp"

namespace ssmz::codec {

[[nodiscard]] std::unique_ptr<ContentModel> make_sound_content(const ContentEnvironment& environment);
[[nodiscard]] std::uint64_t sound_memory(const ModelParameters& parameters, std::size_t lexemes);

/// Least squares over the last samples of this channel and the one before it, then three normalised least
/// mean squares filters, each on what the ones before it left; T. Liebchen and Y. A. Reznik, "MPEG-4 ALS"
/// (2004) and the RLS-LMS mode of its successors. Not thread-safe.
class SoundModel {
 public:
  SoundModel(SlotTable& table, const SoundLayout& layout, const SampleEffort& effort);

  /// Bytes that a model takes beside the slot table.
  [[nodiscard]] static std::uint64_t memory(const SoundLayout& layout, const SampleEffort& effort);

  [[nodiscard]] bool fits(const SoundLayout& layout) const;
  void begin_picture();  // the sound begins
  /// Codes a sample as it stands in the file, of SoundLayout::sample_bytes.
  std::uint32_t code(DecisionIo& io, std::uint32_t sample);

  static constexpr unsigned context_count = 20;

 private:
  // What is blended: the sums of the stages up to one, and the line through the last two. The coder reads the
  // blend and then these in this order.
  enum Candidate : unsigned { cascade, squares, long_filter, middle_filter, line, candidates };
  static constexpr unsigned predictors = 1 + candidates, lean_predictors = 1 + squares + 1;
  static constexpr unsigned own = 24;    // last samples of the channel
  static constexpr unsigned other = 12;  // ... and of the one before it, this moment's first

  struct LmsShape {
    unsigned order;
    float rate;
  };
  static constexpr std::array<LmsShape, 3> filter_shapes{{{256, 0.002f}, {32, 0.005f}, {16, 0.008f}}};
  static constexpr unsigned inputs_of(unsigned channels) { return own + (channels > 1 ? other : 0u); }
  static LmsFilter filter(unsigned i) { return {filter_shapes[i].order, filter_shapes[i].rate}; }

  struct Channel {
    Channel(unsigned inputs, unsigned interval)
        : close(inputs, 0.998, 1.0, interval), filters{{filter(0), filter(1), filter(2)}} {}
    LeastSquares close;
    std::array<LmsFilter, 3> filters;
    std::array<double, own> last{};          // sounds, newest first, around 0
    std::array<float, candidates> misses{};  // mean errors, of heads like those below
    std::array<float, 3> means{};            // of the error: fast, slower, slow
    std::array<std::int32_t, 2> errors{};    // the last two
    std::uint32_t last_float = 0;            // that was coded whole
  };

  static SampleCoder::Shape shape_of(const SoundLayout& layout, const SampleEffort& effort);
  void forecast();
  void list_contexts(ContextLister& list) const;
  [[nodiscard]] unsigned size_of(float error) const;
  [[nodiscard]] std::uint64_t level(std::int32_t difference) const;
  std::uint32_t code_rest(DecisionIo& io, std::uint32_t rest, unsigned bits);
  void push(std::uint32_t head);

  SoundLayout layout_;
  SampleScale scale_;
  SampleGrain grain_;
  float most_;     // the greatest head
  unsigned fine_;  // low bits of a sample that say nothing of how large an error is
  SampleCoder coder_;
  unsigned interval_;
  std::vector<Channel> channels_;
  unsigned channel_ = 0;
  std::array<float, 4> stages_{};  // predictions: least squares, then of each filter what was left
  std::array<float, candidates> candidates_{};
  SampleForecast forecast_;
  std::int32_t expected_ = 0;  // the blend as a whole number, of what is multiples a multiple
  AdaptiveMap rest_map_;  // [bits from the head on, whether a lower one is 1], then those of whole floats
};

}  // namespace ssmz::codec
