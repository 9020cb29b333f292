// SPDX-License-Identifier: Apache-2.0
// One row of the table of layers; the table has two parts, to keep files short.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "model/layers/layer_registry.hpp"

namespace ssmz::model {

template <class Real>
struct LayerKind {
  const char* name;
  const char* help;
  std::unique_ptr<Layer<Real>> (*make)(LayerOptions&, const LayerPlace&);
};

/// Notes a mistake unless `value` is a multiple of 16, as widths must be.
inline std::size_t whole_vectors(LayerOptions& options, std::size_t value, const char* what) {
  if (value % 16 == 0) return value;
  options.reject(std::string(what) + " must be a multiple of 16");
  return round_up16(value);
}

/// Takes the half-lives called "ladder", in tokens; those not in 0.1..1e6 are a mistake.
inline std::vector<float> take_half_lives(LayerOptions& options, std::vector<float> fallback) {
  std::vector<float> list = options.take_list("ladder", std::move(fallback));
  for (const float value : list) {
    if (value >= 0.1f && value <= 1e6f) continue;
    options.reject("half-lives must be in 0.1..1e6 tokens");
    return {};
  }
  return list;
}

/// The layers beyond the usual ones: fixed and rotating memories, hybrids, stores.
template <class Real>
std::span<const LayerKind<Real>> further_kinds();

}  // namespace ssmz::model
