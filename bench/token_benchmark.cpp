// SPDX-License-Identifier: Apache-2.0
// Times the prediction and update of one token, and of one byte, at each level: the block coder on a text
// from the source tree.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "codec/block/block_coder.hpp"
#include "codec/levels/levels.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {
namespace {

constexpr std::size_t sample_bytes = 32768;

// A text that every checkout has.
std::vector<std::uint8_t> sample() {
  std::vector<std::uint8_t> bytes;
  for (const char* name : {"README.md", "codec/FORMAT.md", "CHANGELOG.md", "LICENSE"}) {
    std::ifstream in(std::string(SSMZ_SOURCE_DIR "/") + name, std::ios::binary);
    bytes.insert(bytes.end(), std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (bytes.size() > sample_bytes) bytes.resize(sample_bytes);
  return bytes;
}

// Encodes the sample with a fresh model again and again; making the model is not timed. Items are symbols:
// tokens of text, or bytes. Decoding takes the same steps.
void code_symbols(benchmark::State& state, BlockKind kind) {
  const std::vector<std::uint8_t> bytes = sample();
  const std::shared_ptr<const Vocabulary> vocabulary = Vocabulary::builtin();
  const auto parameters = parameters_for(static_cast<int>(state.range(0)), bytes.size(), 0);
  std::size_t symbols = bytes.size();
  if (kind == BlockKind::text) {
    std::vector<Token> tokens;
    Tokenizer(vocabulary).tokenize(bytes, tokens);
    symbols = tokens.size();
  }
  for (auto _ : state) {
    state.PauseTiming();
    auto coder = BlockCoder::create(*parameters, vocabulary);
    std::vector<std::uint8_t> coded;
    state.ResumeTiming();
    if (!coder.ok() || !coder.value()->encode(kind, bytes, coded, {}).ok())
      state.SkipWithError("encoding failed");
    benchmark::DoNotOptimize(coded.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(symbols));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void one_token(benchmark::State& state) { code_symbols(state, BlockKind::text); }
void one_byte(benchmark::State& state) { code_symbols(state, BlockKind::bytes); }
BENCHMARK(one_token)->DenseRange(min_level, max_level, 2)->Unit(benchmark::kMillisecond);
BENCHMARK(one_byte)->DenseRange(min_level, max_level, 2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ssmz::codec
