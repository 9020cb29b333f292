// SPDX-License-Identifier: Apache-2.0
// The online model of bytes: what it reads, how it learns.
#include "codec/bytes/byte_ssm.hpp"

#include <algorithm>

#include "codec/base/hash.hpp"
#include "codec/bytes/byte_selectors.hpp"

namespace ssmz::codec {
namespace {

// Embedding rows, one behind the other; what is hashed shares rows. FORMAT. By last byte alone the mix gains
// a third as much.
constexpr std::uint32_t byte_rows = 256;
constexpr std::uint32_t expected_rows = byte_rows + 1;
constexpr std::uint32_t pair_rows = 16384;  // of the last two bytes
constexpr std::uint32_t last_at = 0, before_at = last_at + byte_rows, above_at = before_at + byte_rows,
                        column_at = above_at + byte_rows, expected_at = column_at + byte_rows,
                        place_at = expected_at + expected_rows, pair_at = place_at + byte_places,
                        total_rows = pair_at + pair_rows;
constexpr std::uint32_t head_nodes = 255;
constexpr unsigned decisions = 8;

// 100,000 bytes each of obj2 and ooffice, 150,000 of osdb, with 92 contexts: without an SSM 24,326, 32,197,
// 37,962, width 64 24,229, 31,996, 37,635; 32 24,252, 32,027, 37,657; with a replayed chunk 24,224, 31,971,
// 37,568. One layer, "gdn | mlp" or "s6 | mlp" instead of two of s6, chunks of 8, twice the head's rate, half
// or twice the rate, a second moment of 0.9999: all within 0.1 %. Error from the mix alone instead of a
// quarter of it diverges; half of it is 3 % worse alone, and the same in the mix.
model::OnlineConfig config_of(const ByteSsmOptions& options) {
  model::OnlineConfig config = online_config();
  config.stack = "s6 | s6";
  config.d_model = options.d_model;
  config.embedding_rows = total_rows;
  config.head_nodes = head_nodes;
  config.chunk = 16;
  config.external_share = 0.25f;
  config.threads = options.threads;
  return config;
}

}  // namespace

ByteSsm::ByteSsm(const ByteSsmOptions& options) : online_(config_of(options), decisions) {}

std::uint64_t ByteSsm::memory(const ByteSsmOptions& options) {
  return OnlineLogit::memory(config_of(options), decisions);
}

void ByteSsm::step(const ByteSurroundings& around) {
  const auto pair = static_cast<std::uint32_t>(hash_mix(around.last & 0xffffu, 1) % pair_rows);
  const std::uint32_t rows[] = {last_at + static_cast<std::uint32_t>(around.last & 0xffu),
                                before_at + static_cast<std::uint32_t>(around.last >> 8 & 0xffu),
                                above_at + around.above,
                                column_at + std::min(around.column, byte_rows - 1),
                                expected_at + std::min(around.expected, expected_rows - 1),
                                place_at + around.place,
                                pair_at + pair};
  online_.step(rows);
}

}  // namespace ssmz::codec
