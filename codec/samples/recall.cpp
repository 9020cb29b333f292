// SPDX-License-Identifier: Apache-2.0
// One entry for each hash, known by its other bits.
#include "codec/samples/recall.hpp"

#include <algorithm>

namespace ssmz::codec {

Recalled Recall::find(std::uint64_t hash) noexcept {
  at_ = static_cast<std::size_t>(hash >> (64 - table_log2));
  check_ = static_cast<std::uint32_t>(hash);
  const Entry& entry = table_[at_];
  if (!entry.used || entry.check != check_) return {};
  return {entry.sample, entry.trust};
}

void Recall::update(std::uint32_t sample) noexcept {
  Entry& entry = table_[at_];
  const auto value = static_cast<std::uint16_t>(sample);
  if (!entry.used || entry.check != check_) {
    entry = {check_, value, 0, true};
  } else if (entry.sample == value) {
    entry.trust = static_cast<std::uint8_t>(std::min<unsigned>(entry.trust + 1u, Recalled::max_trust));
  } else if (entry.trust < 2) {
    entry.sample = value;
    entry.trust = 0;
  } else {
    entry.trust /= 4;
  }
}

}  // namespace ssmz::codec
