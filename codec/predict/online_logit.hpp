// SPDX-License-Identifier: Apache-2.0
// A model that learns online, as inputs to the mixer: its logit, and what such logits have been worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codec/predict/adaptive_map.hpp"
#include "model/online/online_model.hpp"

namespace ssmz::codec {

/// How the models that learn online within the codec do: the rest of a configuration is its owner's. No
/// momentum, a long second moment of each row's own updates, against 0.9 and 0.99 with embedding rate 10:
/// -0.14 % in the mix on enwik8's first 500 kB, -0.2 % on 4 MB, both at -5; the SSM alone -5 %. FORMAT.
[[nodiscard]] model::OnlineConfig online_config();

/// An online model that a copy of its owner has a copy of. Copying throws std::bad_alloc if memory is short.
class OwnedOnlineModel {
 public:
  explicit OwnedOnlineModel(const model::OnlineConfig& config);
  OwnedOnlineModel(const OwnedOnlineModel& other);
  OwnedOnlineModel(OwnedOnlineModel&&) noexcept = default;
  OwnedOnlineModel& operator=(const OwnedOnlineModel& other) { return *this = OwnedOnlineModel(other); }
  OwnedOnlineModel& operator=(OwnedOnlineModel&&) noexcept = default;
  ~OwnedOnlineModel() = default;
  model::OnlineModel* operator->() const noexcept { return own_.get(); }

 private:
  std::unique_ptr<model::OnlineModel> own_;
};

/// What logits have been worth: a logit as inputs of the mixer.
class LogitInputs {
 public:
  static constexpr unsigned count = 3;

  /// `kinds`: kinds of decision whose logits are judged apart.
  explicit LogitInputs(unsigned kinds);
  /// Bytes that it takes beside itself.
  [[nodiscard]] static std::uint64_t memory(unsigned kinds);

  /// Writes the inputs for a decision of `kind` which has this logit.
  void predict(float logit, unsigned kind, float* out) noexcept;
  /// The bit that came.
  void learn(unsigned bit) noexcept { map_.update(index_, bit); }
  /// The logit last given, within +-10.
  [[nodiscard]] float logit() const noexcept { return logit_; }

 private:
  AdaptiveMap map_;  // [kind][bucket of the logit]
  std::size_t index_ = 0;
  float logit_ = 0.0f;
};

/// Not thread-safe; a copy goes on as this one would, on its own. Of each symbol: step(), and of each of its
/// decisions predict(), then learn().
class OnlineLogit {
 public:
  static constexpr unsigned inputs = LogitInputs::count;

  /// `kinds`: as LogitInputs has them. Throws std::bad_alloc if memory is short.
  OnlineLogit(const model::OnlineConfig& config, unsigned kinds) : model_(config), inputs_(kinds) {}
  /// From here on it is only copied (model::OnlineModel::freeze()).
  void freeze() { model_->freeze(); }
  /// Bytes that it takes beside itself; 0 if the configuration cannot be built.
  [[nodiscard]] static std::uint64_t memory(const model::OnlineConfig& config, unsigned kinds);

  /// model::OnlineModel::set_head_bias().
  void set_bias(std::uint32_t node, float logit) { model_->set_head_bias(node, logit); }
  /// Loads into the cache what predict() of `node` will need.
  void prefetch(std::uint32_t node) const noexcept { model_->prefetch(node); }
  /// Writes the inputs for the decision `node`, which is of `kind`.
  void predict(std::uint32_t node, unsigned kind, float* out) noexcept {
    node_ = node;
    inputs_.predict(model_->logit(node), kind, out);
  }
  /// `mixed`: the probability of a 1 that was mixed from all.
  void learn(unsigned bit, float mixed) {
    inputs_.learn(bit);
    model_->record(node_, bit, 1.0f, mixed - static_cast<float>(bit));
  }
  /// Consumes the symbol just coded (model::OnlineModel::step()).
  void step(std::span<const std::uint32_t> embedding_rows, float surprise = 0.0f) {
    model_->step(embedding_rows, surprise);
  }
  [[nodiscard]] bool reads_surprise() const noexcept { return model_->reads_surprise(); }

  /// Logit that the decision last predicted is 1, within +-10.
  [[nodiscard]] float logit() const noexcept { return inputs_.logit(); }

 private:
  OwnedOnlineModel model_;
  LogitInputs inputs_;
  std::uint32_t node_ = 0;
};

}  // namespace ssmz::codec
