// SPDX-License-Identifier: Apache-2.0
// From an online model's distribution of the next byte to inputs of the mixer for each of its bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "codec/predict/online_logit.hpp"

namespace ssmz::codec {

/// The sums of a distribution of bytes over each node of their tree of bits, highest bit first.
class ByteDistribution {
 public:
  /// The probabilities of all 256 bytes, to be written before sum().
  [[nodiscard]] float* bytes() noexcept { return sums_.data() + bytes_at; }
  void sum() noexcept {
    for (unsigned node = bytes_at; --node > 0;) sums_[node] = sums_[2 * node] + sums_[2 * node + 1];
  }
  /// Logit of a 1 after the bits of `value`, which stand below a 1 in it: 1..255.
  [[nodiscard]] float logit(unsigned value) const noexcept;

 private:
  static constexpr unsigned bytes_at = 256;
  std::array<float, 2 * bytes_at> sums_{};
};

/// Not thread-safe; a copy goes on as this one would, on its own. Of each byte: step(), of each of its bits
/// predict() and learn(), then end().
class OnlineByte {
 public:
  static constexpr unsigned inputs = LogitInputs::count;

  /// A model of 256 symbols, whatever `config` says of its head. Throws std::bad_alloc if memory is short.
  explicit OnlineByte(const model::OnlineConfig& config);
  /// As OnlineLogit's.
  void freeze() { model_->freeze(); }
  [[nodiscard]] static std::uint64_t memory(const model::OnlineConfig& config);

  /// Reads what comes before the coming byte (model::OnlineModel::step()).
  void step(std::span<const std::uint32_t> embedding_rows) {
    model_->step(embedding_rows);
    model_->distribution(distribution_.bytes());
    distribution_.sum();
  }
  /// Writes the inputs for the bit after those of `value` (as ByteDistribution::logit()), which are `depth`.
  void predict(unsigned value, unsigned depth, float* out) noexcept {
    inputs_.predict(distribution_.logit(value), depth, out);
  }
  /// The bit that came.
  void learn(unsigned bit) noexcept { inputs_.learn(bit); }
  /// The byte that came.
  void end(std::uint8_t byte) { model_->record(byte, 1); }

 private:
  OwnedOnlineModel model_;
  LogitInputs inputs_;  // kinds: by depth
  ByteDistribution distribution_;
};

}  // namespace ssmz::codec
