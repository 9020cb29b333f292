// SPDX-License-Identifier: Apache-2.0
// Codes numbers of 8, 16 or 24 bits that several predictors expect: the difference to their blend, bit by
// bit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/context_lister.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/predict/decision_model.hpp"
#include "codec/predict/logistic_mass.hpp"
#include "codec/predict/symbol_walk.hpp"
#include "codec/samples/recall.hpp"

namespace ssmz::codec {

/// What a model of pictures or sound says of the coming sample.
struct SampleForecast {
  static constexpr unsigned max_predictors = 8, max_recalls = 4;
  std::int32_t centre = 0;                          ///< The blend, 0..2^bits - 1.
  std::array<float, max_predictors> predictions{};  ///< The blend, then predictors, the most telling first.
  std::array<Recalled, max_recalls> recalled{};     ///< What contexts remember, the most telling first.
  unsigned energy = 0;                              ///< Bucket of the errors around, 0..15.
  unsigned last_error = 0;                          ///< Bucket of the last error that tells much, 0..15.
  unsigned channel = 0;                             ///< 0..3.
  unsigned spread = 0;                              ///< Bucket of how far the predictors are apart, 0..7.
};

/// Not thread-safe.
class SampleCoder {
 public:
  /// What a coder is made of.
  struct Shape {
    unsigned bits = 8;  ///< Of a sample, 8, 16 or 24.
    unsigned contexts = 0;
    unsigned predictors = 0;
    unsigned recalls = 0;
    bool lean = false;  ///< SampleEffort's.
  };

  /// `salt` keeps models apart that share the table.
  SampleCoder(SlotTable& table, const Shape& shape, std::uint64_t salt);

  /// Bytes that one of this shape takes beside the slot table and itself.
  [[nodiscard]] static std::uint64_t memory(const Shape& shape);

  /// Codes a sample, 0..2^bits - 1 (ignored by a decoder), and returns it. `list(lister)` names its contexts.
  template <class List>
  std::uint32_t code(DecisionIo& io, std::uint32_t sample, const SampleForecast& forecast, List&& list);

  /// 0..15, two steps a doubling: for errors up to 90.
  [[nodiscard]] static unsigned bucket(std::uint32_t error) noexcept;

 private:
  struct Situation {
    unsigned node = 1;  // the bits so far, see node_of()
    unsigned depth = 0;
    unsigned seen = 0;
    unsigned recalled = 0;  // of the first two: how much each is trusted, and its bit
    const SampleForecast* forecast = nullptr;
  };
  struct Tables;
  // A predictor's distribution of what comes: logistic around its prediction, as wide as its errors were.
  struct Interval {
    float centre = 0.0f;            // of residuals
    float per_unit = 1.0f;          // 1 / width
    LogisticMass low{0.0f, 1.0f};   // of the lower end of what is left
    LogisticMass high{1.0f, 0.0f};  // of the upper end
    LogisticMass middle{0.5f, 0.5f};
  };

  void begin(const SampleForecast& forecast);
  void fill_inputs();
  void fill_recalled(float* inputs);
  [[nodiscard]] std::size_t recall_entry(unsigned k) const noexcept;
  [[nodiscard]] unsigned recalled_state() const noexcept;
  [[nodiscard]] DecisionContexts choose();
  void narrow(unsigned bit);
  void end(std::uint32_t sample);
  [[nodiscard]] unsigned node_of() const noexcept;
  [[nodiscard]] float& width(unsigned predictor) {
    return widths_[(std::size_t{predictor} * 4 + forecast_.channel) * 16 + forecast_.energy];
  }
  unsigned decide(DecisionIo& io, bool bit, bool last);

  Shape shape_;
  std::uint64_t salt_;
  DecisionModel model_;
  SampleForecast forecast_;
  std::array<Interval, SampleForecast::max_predictors> intervals_{};
  static constexpr unsigned widths_per_predictor = 4 * 16;
  std::vector<float> widths_;                                // [predictor][channel 4][energy 16]: mean error
  AdaptiveMap recall_map_;                                   // [recall][trust][depth]: whether it is right
  std::array<int, SampleForecast::max_recalls> expected_{};  // the coming bit; -1: unknown, or was wrong
  Position at_;
  unsigned value_ = 1;  // bits so far below a 1
  unsigned depth_ = 0;
  std::uint32_t from_ = 0, to_ = 0;  // residuals + 2^(bits - 1) that are still possible
};

template <class List>
std::uint32_t SampleCoder::code(DecisionIo& io, std::uint32_t sample, const SampleForecast& forecast,
                                List&& list) {
  begin(forecast);
  SymbolWalk(model_).begin([&] {
    ContextLister lister(model_.contexts(), salt_);
    list(lister);
  });
  const std::uint32_t half = 1u << (shape_.bits - 1), mask = 2 * half - 1;
  const std::uint32_t residual = (sample - static_cast<std::uint32_t>(forecast.centre) + half) & mask;
  for (unsigned i = 0; i < shape_.bits; ++i)
    narrow(decide(io, (residual >> (shape_.bits - 1 - i) & 1u) != 0, i + 1 == shape_.bits));
  const std::uint32_t coded = (value_ - half + static_cast<std::uint32_t>(forecast.centre)) & mask;
  end(coded);
  return coded;
}

}  // namespace ssmz::codec
