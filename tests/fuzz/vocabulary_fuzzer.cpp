// SPDX-License-Identifier: Apache-2.0
// Any bytes as a vocabulary file, also with its checksum put right; what parses must tokenise and spell, and
// give a code tree whose paths lead to the lexemes.
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/fuzz/fuzz_mend.hpp"

namespace {

using ssmz::codec::CodeTree;
using ssmz::codec::Vocabulary;
using ssmz::fuzz::require;

void check_tree(const Vocabulary& vocabulary) {
  const CodeTree& tree = vocabulary.tables().tree();
  require(tree.max_depth() <= 60, "a path is too long");
  for (ssmz::codec::LexemeId id = 0; id < vocabulary.size(); ++id) {
    const CodeTree::Path path = tree.path(id);
    std::uint32_t node = tree.root(vocabulary.is_word(id));
    for (unsigned depth = 0; depth < path.depth; ++depth) {
      require((node & CodeTree::leaf_flag) == 0, "a path passes a leaf");
      node = tree.child(node, static_cast<unsigned>(path.bits >> depth & 1u));
    }
    require(node == (CodeTree::leaf_flag | id), "a path leads to another lexeme");
  }
}

void check_file(std::span<const std::uint8_t> file, std::span<const std::uint8_t> text) {
  const auto parsed = Vocabulary::parse(file);
  if (!parsed.ok()) return;
  check_tree(*parsed.value());
  const ssmz::codec::Tokenizer tokenizer(parsed.value());
  std::vector<ssmz::codec::Token> tokens;
  tokenizer.tokenize(text, tokens);
  ssmz::fuzz::Bytes spelled;
  std::uint8_t room[ssmz::codec::max_token_bytes];
  for (const ssmz::codec::Token token : tokens) {
    spelled.insert(spelled.end(), room, room + ssmz::codec::spell(*parsed.value(), token, room));
  }
  require(std::equal(spelled.begin(), spelled.end(), text.begin(), text.end()), "tokens spell other bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> file(data, size);
  check_file(file, file);
  check_file(ssmz::fuzz::with_vocabulary_checksum(file), file);
  return 0;
}
