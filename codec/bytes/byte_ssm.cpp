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
constexpr std::uint32_t expected_rows = byte_rows + 1;  // and one for nothing
constexpr std::uint32_t last_at = 0, expected_at = last_at + byte_rows,
                        place_at = expected_at + expected_rows,
                        own_at = place_at + byte_places;  // from here on each kind has its own

// Of records.
constexpr std::uint32_t pair_rows = 4096;  // of the last two bytes
constexpr std::uint32_t before_at = own_at, above_at = before_at + byte_rows,
                        column_at = above_at + byte_rows, pair_at = column_at + byte_rows,
                        record_rows = pair_at + pair_rows;

// Of followers.
constexpr std::uint32_t triple_rows = 4096;  // of the last three bytes
constexpr std::uint32_t third_at = own_at, fourth_at = third_at + byte_rows,
                        followers_at = fourth_at + byte_rows, triple_at = followers_at + 4 * expected_rows,
                        follower_rows = triple_at + triple_rows;

// 100,000 bytes each of obj2 and ooffice, 150,000 of osdb, with 92 contexts and a logit for each of a byte's
// decisions: without an SSM 24,326, 32,197, 37,962, width 64 24,229, 31,996, 37,635; 32 24,252, 32,027,
// 37,657. One layer, "gdn | mlp" or "s6 | mlp" instead of two of s6: all within 0.1 %. One distribution of
// the 256 bytes instead of such logits, of which a quarter of the error was the mix's: obj1, 40,000 bytes
// each of obj2 and ooffice, 36,000 each of a sqlite database and osdb, 24,000 of geo at -9 7,273, 12,246,
// 12,189, 4,047, 12,400, 10,759 -> 7,262, 12,229, 12,144, 4,036, 12,386, 10,755. With it, chunks of 8: -0.13,
// -0.07, -0.03, 0, +0.08, +0.01 %; what four or eight followers
// expect read as well: -0.05 % at best. Alone, a replayed chunk is 1 % worse, and width 128 no better (on
// osdb it diverges).
// A second one beside it at -9, of followers, with 4,096 rows of pairs instead of 16,384: the same files ->
// 7,242, 12,208, 12,106, 4,015, 12,371. Its layers "gdn | mlp", or chunks of 16: +0.08 %. Rows of pairs there
// as well, 8,192 rows of pairs here: +0.03 %; 2,048 rows of pairs and 1,024 of triples: +0.09 %.
model::OnlineConfig config_of(const ByteSsmOptions& options, ByteSsmReads reads) {
  model::OnlineConfig config = online_config();
  config.stack = "s6 | s6";
  config.d_model = options.d_model;
  config.embedding_rows = reads == ByteSsmReads::records ? record_rows : follower_rows;
  config.chunk = reads == ByteSsmReads::records ? 16 : 8;
  config.seed = reads == ByteSsmReads::records ? 1 : 7;
  config.threads = options.threads;
  return config;
}

}  // namespace

ByteSsm::ByteSsm(const ByteSsmOptions& options, ByteSsmReads reads)
    : reads_(reads), online_(config_of(options, reads)) {}

std::uint64_t ByteSsm::memory(const ByteSsmOptions& options, ByteSsmReads reads) {
  return OnlineByte::memory(config_of(options, reads));
}

void ByteSsm::step(const ByteSurroundings& around) {
  const auto byte = [&](unsigned k) {
    return static_cast<std::uint32_t>(around.last >> 8 * (k - 1) & 0xffu);
  };
  const auto hashed = [&](unsigned n, std::uint32_t rows) {
    const std::uint64_t bytes = around.last & ((std::uint64_t{1} << 8 * n) - 1);
    return static_cast<std::uint32_t>(hash_mix(bytes, n - 1) % rows);
  };
  const auto expected = [](std::uint32_t id) { return std::min(id, expected_rows - 1); };
  std::array<std::uint32_t, 10> rows = {last_at + byte(1), expected_at + expected(around.expected),
                                        place_at + around.place};
  std::size_t count = 3;
  const auto read = [&](std::uint32_t row) { rows[count++] = row; };
  if (reads_ == ByteSsmReads::records) {
    read(before_at + byte(2));
    read(above_at + around.above);
    read(column_at + std::min(around.column, byte_rows - 1));
    read(pair_at + hashed(2, pair_rows));
  } else {
    read(third_at + byte(3));
    read(fourth_at + byte(4));
    for (std::uint32_t i = 0; i < around.followers.size(); ++i)
      read(followers_at + i * expected_rows + expected(around.followers[i]));
    read(triple_at + hashed(3, triple_rows));
  }
  online_.step(std::span(rows).first(count));
}

}  // namespace ssmz::codec
