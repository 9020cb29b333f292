// SPDX-License-Identifier: Apache-2.0
// Where a model is in one stream: a value, copied to fork it.
#pragma once

#include <cstdint>

#include "model/base/aligned.hpp"

namespace ssmz::model {

/// The state after some tokens. A copy goes on independently; nothing of the model is in it. Made by
/// Model::start() and moved on by a Runner of the same model.
struct Session {
  AlignedVector<float> state;   ///< StackSizes::state elements.
  AlignedVector<float> hidden;  ///< [d]: the normed output for the last token, zeros before the first.
  std::uint64_t position = 0;   ///< Tokens consumed.

  /// Bytes it takes.
  [[nodiscard]] std::uint64_t memory() const noexcept {
    return sizeof(Session) + (state.capacity() + hidden.capacity()) * sizeof(float);
  }
};

}  // namespace ssmz::model
