// SPDX-License-Identifier: Apache-2.0
// Configuring the model, and the logits of a byte's bits.
#include "codec/predict/online_byte.hpp"

#include "model/base/math.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned bits_of_byte = 8;

model::OnlineConfig of_bytes(model::OnlineConfig config) {
  config.symbols = true;
  config.head_nodes = 256;
  return config;
}

}  // namespace

// Sums of nothing are possible where all else is certain.
float ByteDistribution::logit(unsigned value) const noexcept {
  constexpr float least = 1e-9f;
  return model::log((sums_[2 * value + 1] + least) / (sums_[2 * value] + least));
}

OnlineByte::OnlineByte(const model::OnlineConfig& config) : model_(of_bytes(config)), inputs_(bits_of_byte) {}

std::uint64_t OnlineByte::memory(const model::OnlineConfig& config) {
  const std::uint64_t needed = model::OnlineModel::memory_needed(of_bytes(config));
  return needed ? needed + LogitInputs::memory(bits_of_byte) : 0;
}

}  // namespace ssmz::codec
