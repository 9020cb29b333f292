// SPDX-License-Identifier: Apache-2.0
// From an online model's logit to inputs of the mixer.
#include "codec/predict/online_logit.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned buckets = 1024;
constexpr float buckets_per_unit = 48.0f;
constexpr float middle = static_cast<float>(buckets) / 2.0f;  // the bucket where 0 begins
constexpr float logit_bound = 10.0f;
constexpr unsigned map_limit = 255;

}  // namespace

model::OnlineConfig online_config() {
  model::OnlineConfig config;
  config.replay = 0;
  config.beta1 = 0.0f;
  config.beta2 = 0.999f;
  config.row_counts = true;
  config.learning_rate = 3e-3f;
  config.embedding_rate = 20.0f;  // sparse rows see few updates
  config.head_rate = 2.0f;        // 4: +0.07 % (text)
  return config;
}

OwnedOnlineModel::OwnedOnlineModel(const model::OnlineConfig& config) {
  auto made = model::OnlineModel::create(config);
  if (!made.ok()) throw std::bad_alloc();
  own_ = std::move(made.value());
}

OwnedOnlineModel::OwnedOnlineModel(const OwnedOnlineModel& other) {
  auto made = other.own_->clone();
  if (!made.ok()) throw std::bad_alloc();
  own_ = std::move(made.value());
}

LogitInputs::LogitInputs(unsigned kinds) : map_(std::size_t{kinds} * buckets, map_limit) {
  for (std::size_t i = 0; i < map_.size(); ++i) {
    const float logit = (static_cast<float>(i % buckets) - (middle - 0.5f)) / buckets_per_unit;
    map_.set(i, static_cast<unsigned>(squash(logit) * 65535.0f));
  }
}

std::uint64_t LogitInputs::memory(unsigned kinds) {
  return AdaptiveMap::memory(std::size_t{kinds} * buckets);
}

void LogitInputs::predict(float logit, unsigned kind, float* out) noexcept {
  logit_ = std::clamp(logit, -logit_bound, logit_bound);
  const auto bucket = static_cast<unsigned>(logit_ * buckets_per_unit + middle);
  index_ = std::size_t{kind} * buckets + std::min(bucket, buckets - 1);
  const unsigned p = map_.probability(index_);
  out[0] = logit_;
  out[1] = stretch_table()[p >> (16 - stretch_bits)];
  out[2] = linear_input(p);
}

std::uint64_t OnlineLogit::memory(const model::OnlineConfig& config, unsigned kinds) {
  const std::uint64_t needed = model::OnlineModel::memory_needed(config);
  return needed ? needed + LogitInputs::memory(kinds) : 0;
}

}  // namespace ssmz::codec
