// SPDX-License-Identifier: Apache-2.0
// Codes the bytes of JPEG that are no coefficients: segments in front of a scan, and what is behind it.
#pragma once

#include <cstdint>

#include "codec/jpeg/slot_groups.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/predict/decision_model.hpp"

namespace ssmz::codec {

/// Contexts of the last one to four bytes. It begins as one that has seen the codes of T.81, Annex K, which
/// most writers use. Not thread-safe. FORMAT.
class HeaderBytes {
 public:
  explicit HeaderBytes(SlotTable& table);
  [[nodiscard]] static std::uint64_t memory();

  /// A decoder ignores `byte` and gets it.
  std::uint8_t code(DecisionIo& io, std::uint8_t byte);
  /// What comes follows nothing.
  void forget() noexcept { last_ = 0; }

  void move_to(SlotTable& table) noexcept { model_.move_to(table); }
  void freeze() {
    groups_.freeze();
    model_.freeze();
  }

 private:
  void learn_usual_codes();

  SlotGroups groups_;
  DecisionModel model_;
  std::uint32_t last_ = 0;  // bytes, the latest lowest
};

}  // namespace ssmz::codec
