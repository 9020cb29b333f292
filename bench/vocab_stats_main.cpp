// SPDX-License-Identifier: Apache-2.0
// What a vocabulary does to files: ssmz-vocab-stats VOCAB|builtin FILE... prints tokens, static unigram bits,
// speed.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {
namespace {

std::vector<std::uint8_t> read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

double static_bits(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
  double total = 0;
  for (LexemeId id = 0; id < vocabulary.size(); ++id) total += vocabulary.weight(id);
  double bits = 0;
  for (const Token& token : tokens) bits += std::log2(total / vocabulary.weight(token.lexeme));
  return bits;
}

// What an adaptive order-0 model, started at the prior, would pay for the lexemes.
double adaptive_bits(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
  double total = 0;
  std::vector<double> counts(vocabulary.size());
  for (LexemeId id = 0; id < vocabulary.size(); ++id) total += vocabulary.weight(id);
  for (LexemeId id = 0; id < vocabulary.size(); ++id) counts[id] = vocabulary.weight(id) / total * 3000;
  total = 3000;
  double bits = 0;
  for (const Token& token : tokens) {
    bits += std::log2(total / counts[token.lexeme]);
    counts[token.lexeme] += 1;
    total += 1;
  }
  return bits;
}

// Bits of separators and cases, adaptive under the previous token's.
double attribute_bits(const std::vector<Token>& tokens) {
  std::vector<double> counts(16 * 16, 0.1);
  std::vector<double> totals(16, 1.6);
  double bits = 0;
  unsigned previous = 0;
  for (const Token& token : tokens) {
    const unsigned now =
        static_cast<unsigned>(token.separator) * 4 + static_cast<unsigned>(token.letter_case);
    bits += std::log2(totals[previous] / counts[previous * 16 + now]);
    counts[previous * 16 + now] += 1;
    totals[previous] += 1;
    previous = now;
  }
  return bits;
}

int run(int argc, char** argv) {
  std::shared_ptr<const Vocabulary> vocabulary = Vocabulary::builtin();
  if (std::string(argv[1]) != "builtin") {
    auto parsed = Vocabulary::parse(read(argv[1]));
    if (!parsed.ok()) return std::fprintf(stderr, "%s\n", parsed.status().detail), 1;
    vocabulary = parsed.value();
  }
  if (!vocabulary) return std::fprintf(stderr, "the built-in vocabulary is damaged\n"), 1;
  const auto start = std::chrono::steady_clock::now();
  const Tokenizer tokenizer(vocabulary);
  const std::chrono::duration<double> built = std::chrono::steady_clock::now() - start;
  const CodeTree tree(*vocabulary);
  std::printf("%zu lexemes, hash %016llx, trie %.1f ms, depth %u\n", vocabulary->size(),
              static_cast<unsigned long long>(vocabulary->hash()), built.count() * 1e3, tree.max_depth());
  for (int i = 2; i < argc; ++i) {
    const std::vector<std::uint8_t> bytes = read(argv[i]);
    std::vector<Token> tokens;
    const auto begin = std::chrono::steady_clock::now();
    tokenizer.tokenize(bytes, tokens);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    std::vector<std::uint8_t> back;
    double depth = 0;
    for (const Token& token : tokens) {
      std::uint8_t buffer[max_token_bytes];
      back.insert(back.end(), buffer, buffer + spell(*vocabulary, token, buffer));
      depth += tree.path(token.lexeme).depth;
    }
    std::printf(
        "%-40s %9zu bytes %8zu tokens %5.2f decisions/byte, static %9.0f adaptive %9.0f attributes %8.0f "
        "bytes, %.0f MB/s%s\n",
        argv[i], bytes.size(), tokens.size(), depth / static_cast<double>(bytes.size()),
        static_bits(*vocabulary, tokens) / 8, adaptive_bits(*vocabulary, tokens) / 8,
        attribute_bits(tokens) / 8, static_cast<double>(bytes.size()) / spent.count() / 1e6,
        back == bytes ? "" : " DIFFERS");
  }
  return 0;
}

}  // namespace
}  // namespace ssmz::codec

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: ssmz-vocab-stats VOCABULARY|builtin FILE...\n");
    return 2;
  }
  return ssmz::codec::run(argc, argv);
}
