// SPDX-License-Identifier: Apache-2.0
// Any bytes as a vocabulary file; what parses must tokenise and spell.
#include "codec/tokenizer.hpp"
#include "codec/vocabulary.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = ssmz::codec::Vocabulary::parse({data, size});
  if (!parsed.ok()) return 0;
  const ssmz::codec::Tokenizer tokenizer(parsed.value());
  std::vector<ssmz::codec::Token> tokens;
  tokenizer.tokenize({data, size}, tokens);
  ssmz::fuzz::Bytes spelled;
  std::uint8_t room[ssmz::codec::max_token_bytes];
  for (const ssmz::codec::Token token : tokens) {
    spelled.insert(spelled.end(), room, room + ssmz::codec::spell(*parsed.value(), token, room));
  }
  ssmz::fuzz::require(std::equal(spelled.begin(), spelled.end(), data, data + size),
                      "tokens spell other bytes");
  return 0;
}
