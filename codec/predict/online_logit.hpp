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

/// Not thread-safe; a copy goes on as this one would, on its own. Of each symbol: step(), and of each of its
/// decisions predict(), then learn().
class OnlineLogit {
 public:
  static constexpr unsigned inputs = 3;

  /// `kinds`: kinds of decision whose logits are judged apart. Throws std::bad_alloc if memory is short.
  OnlineLogit(const model::OnlineConfig& config, unsigned kinds);
  /// From here on it is only copied (model::OnlineModel::freeze()).
  void freeze() { model_->freeze(); }
  /// Bytes that it takes beside itself; 0 if the configuration cannot be built.
  [[nodiscard]] static std::uint64_t memory(const model::OnlineConfig& config, unsigned kinds);

  /// model::OnlineModel::set_head_bias().
  void set_bias(std::uint32_t node, float logit) { model_->set_head_bias(node, logit); }
  /// Loads into the cache what predict() of `node` will need.
  void prefetch(std::uint32_t node) const noexcept { model_->prefetch(node); }
  /// Writes the inputs for the decision `node`, which is of `kind`.
  void predict(std::uint32_t node, unsigned kind, float* out) noexcept;
  /// `mixed`: the probability of a 1 that was mixed from all.
  void learn(unsigned bit, float mixed);
  /// Consumes the symbol just coded (model::OnlineModel::step()).
  void step(std::span<const std::uint32_t> embedding_rows, float surprise = 0.0f) {
    model_->step(embedding_rows, surprise);
  }
  [[nodiscard]] bool reads_surprise() const noexcept { return model_->reads_surprise(); }

  /// Logit that the decision last predicted is 1, within +-10.
  [[nodiscard]] float logit() const noexcept { return logit_; }

 private:
  // Throws std::bad_alloc if memory is short.
  struct Model {
    std::unique_ptr<model::OnlineModel> own;
    Model() = default;
    Model(const Model& other);
    Model(Model&&) noexcept = default;
    Model& operator=(const Model& other) { return *this = Model(other); }
    Model& operator=(Model&&) noexcept = default;
    ~Model() = default;
    model::OnlineModel* operator->() const noexcept { return own.get(); }
  };

  Model model_;
  AdaptiveMap map_;  // [kind][bucket of the logit]
  std::size_t index_ = 0;
  std::uint32_t node_ = 0;
  float logit_ = 0.0f;
};

}  // namespace ssmz::codec
