// SPDX-License-Identifier: Apache-2.0
// Counts allocations where there may be none: the network's training, and models at work on a block.
//
//   ssmz-allocation-count
//
// Prints a line for each thing counted; exit status 1 if one allocates more than it may.
#include <cstdio>
#include <string>

#include "codec/block/block_coder.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"
#include "tests/faults/fault_inject.h"
#include "tests/test_data.hpp"

namespace {

bool failed = false;

/// Runs `body` and compares its allocations, those of its threads among them, with what it may make.
template <class Body>
void expect_at_most(long most, const std::string& what, const Body& body) {
  fault_arm("allocation", 0, 0);
  body();
  const long calls = fault_disarm();
  std::printf("%s\t%ld allocations, %ld at most\n", what.c_str(), calls, most);
  failed = failed || calls > most;
}

/// Tokens of four decisions.
void stream(ssmz::model::OnlineModel& model, std::uint32_t tokens) {
  const ssmz::model::ScopedFloatMode mode;
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (unsigned node = 1; node < 16; node = node * 2 + (t * 5 + node) % 2) {
      static_cast<void>(model.logit(node));
      model.record(node, (t * 5 + node) % 2);
    }
    const std::uint32_t rows[2] = {t % 16, 16 + t % 250};
    model.step({rows, 2}, 1.0f);
  }
}

/// The trainer, each chunk of which is trained and replayed: inline and by its worker.
void count_training() {
  for (const char* stack : {"s6:e32,n4 | mlp:32", "mamba3:n16 | swa:w64", "gdn:dk16 | mlp:32"}) {
    for (const int threads : {1, 2}) {
      ssmz::model::OnlineConfig config;
      config.layers = ssmz::model::all_layers();
      config.stack = stack;
      config.d_model = 32;
      config.embedding_rows = 300;
      config.head_nodes = 16;
      config.chunk = 16;
      config.replay_chunks = 7;
      config.threads = threads;
      auto made = ssmz::model::OnlineModel::create(config);
      if (!made.ok()) {
        std::printf("%s: not made\n", stack);
        failed = true;
        continue;
      }
      stream(*made.value(), 40 * 16);  // all rows have been touched, all earlier chunks are kept
      expect_at_most(0, "training " + std::string(stack) + ", threads: " + std::to_string(threads),
                     [&] { stream(*made.value(), 100 * 16); });
    }
  }
}

/// A block's buffers are made for it; what is coded symbol by symbol makes none.
void count_coding() {
  using ssmz::codec::BlockCoder;
  using ssmz::codec::BlockKind;
  constexpr long most = 40;
  const ssmz::test::Bytes text = ssmz::test::text_bytes(20000);
  const ssmz::test::Bytes records = ssmz::test::record_bytes(20000);
  const ssmz::Progress go_on = [](std::uint64_t) { return true; };
  for (const int level : {1, 5, 9}) {
    const auto parameters = ssmz::codec::parameters_for(level, 1u << 16, 0);
    const auto make = [&] { return BlockCoder::create(*parameters, ssmz::codec::Vocabulary::builtin(), 2); };
    for (const bool is_text : {true, false}) {
      const ssmz::test::Bytes& raw = is_text ? text : records;
      const BlockKind kind = is_text ? BlockKind::text : BlockKind::bytes;
      const auto encoder = make();
      const auto decoder = make();
      if (!encoder.ok() || !decoder.ok()) {
        failed = true;
        return;
      }
      for (const bool first : {true, false}) {
        ssmz::test::Bytes coded;
        ssmz::test::Bytes back;
        const auto encode = [&] { failed |= !encoder.value()->encode(kind, raw, coded, go_on).ok(); };
        const auto decode = [&] {
          failed |= !decoder.value()->decode(kind, coded, raw.size(), back, go_on).ok() || back != raw;
        };
        if (first) {
          encode();
          decode();
          continue;
        }
        const std::string at = std::string(is_text ? "text" : "bytes") + " at -" + std::to_string(level);
        expect_at_most(most, "encoding a block of " + at, encode);
        expect_at_most(most, "decoding a block of " + at, decode);
      }
    }
  }
}

}  // namespace

int main() {
  count_training();
  count_coding();
  return failed ? 1 : 0;
}
