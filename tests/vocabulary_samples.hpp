// SPDX-License-Identifier: Apache-2.0
// Small vocabularies that the tests of vocabulary, tokenizer and code tree share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/vocabulary/vocabulary.hpp"
#include "codec/vocabulary/vocabulary_writer.hpp"

namespace ssmz::codec::samples {

/// What every vocabulary must hold.
inline std::vector<LexemeDraft> single_bytes() {
  std::vector<LexemeDraft> drafts;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (byte < 'A' || byte > 'Z')
      drafts.push_back({std::string(1, static_cast<char>(byte)), 1 + byte % 7, 0});
  }
  return drafts;
}

/// Single bytes and a few words, signs, white space and shapes that mix them.
inline std::vector<std::uint8_t> small_file() {
  std::vector<LexemeDraft> drafts = single_bytes();
  std::uint16_t cls = 1;
  for (const char* spelling :
       {"the",   "then",     "he",          "mc",   "donald",
        "hello", "\xc3\xa9", "caf\xc3\xa9", "]]",   "[[",
        "''",    "&quot;",   "  ",          "    ", "\n",
        "\n\n",  "\r\n",     "\t\t",        "o'",   "a long lexeme with blanks in it"}) {
    if (spelling[1] == '\0') continue;
    drafts.push_back({spelling, 500u + cls, cls});
    cls = static_cast<std::uint16_t>(cls * 3 % 4096);
  }
  return write_vocabulary(drafts);
}

inline std::shared_ptr<const Vocabulary> small_vocabulary() {
  return Vocabulary::parse(small_file()).value();
}

/// Id of a spelling, or size() if it is not there.
inline LexemeId find(const Vocabulary& vocabulary, std::string_view spelling) {
  LexemeId id = 0;
  while (id < vocabulary.size() && vocabulary.spelling(id) != spelling) ++id;
  return id;
}

}  // namespace ssmz::codec::samples
