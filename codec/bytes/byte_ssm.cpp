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

// 100,000 bytes each of obj2 and ooffice, 150,000 of osdb, with 92 contexts and a logit for each of a byte's
// decisions: without an SSM 24,326, 32,197, 37,962, width 64 24,229, 31,996, 37,635; 32 24,252, 32,027,
// 37,657. One layer, "gdn | mlp" or "s6 | mlp" instead of two of s6: all within 0.1 %. One distribution of
// the 256 bytes instead of such logits, of which a quarter of the error was the mix's: obj1, 40,000 bytes
// each of obj2 and ooffice, 36,000 each of a sqlite database and osdb, 24,000 of geo at -9 7,273, 12,246,
// 12,189, 4,047, 12,400, 10,759 -> 7,262, 12,229, 12,144, 4,036, 12,386, 10,755. With it, chunks of 8: -0.13,
// -0.07, -0.03, 0, +0.08, +0.01 %; what four or eight followers
// expect read as well: -0.05 % at best. Alone, a replayed chunk is 1 % worse, and width 128 no better (on
// osdb it diverges).
model::OnlineConfig config_of(const ByteSsmOptions& options) {
  model::OnlineConfig config = online_config();
  config.stack = "s6 | s6";
  config.d_model = options.d_model;
  config.embedding_rows = total_rows;
  config.chunk = 16;
  config.threads = options.threads;
  return config;
}

}  // namespace

ByteSsm::ByteSsm(const ByteSsmOptions& options) : online_(config_of(options)) {}

std::uint64_t ByteSsm::memory(const ByteSsmOptions& options) {
  return OnlineByte::memory(config_of(options));
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
