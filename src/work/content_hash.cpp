// SPDX-License-Identifier: Apache-2.0
// Calls xxHash, compiled into this file.
#include "src/work/content_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ssmz::cli {

struct ContentHash::State {
  XXH3_state_t state;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { reset(); }

ContentHash::~ContentHash() = default;

void ContentHash::reset() { XXH3_64bits_reset(&state_->state); }

void ContentHash::update(std::span<const std::uint8_t> bytes) {
  XXH3_64bits_update(&state_->state, bytes.data(), bytes.size());
}

std::uint64_t ContentHash::value() const { return XXH3_64bits_digest(&state_->state); }

}  // namespace ssmz::cli
