// SPDX-License-Identifier: Apache-2.0
// One row of the table of layers; the table has two parts, to keep files short.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "model/layer_registry.hpp"

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

/// The layers beyond the usual ones: fixed and rotating memories, hybrids, stores.
template <class Real>
std::span<const LayerKind<Real>> further_kinds();

}  // namespace ssmz::model
