// SPDX-License-Identifier: Apache-2.0
// A small vocabulary and edits of bytes, so that the real model sets up in about a millisecond and mutations
// land where they matter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ssmz/ssmz.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::fuzz {

/// Some 250 lexemes.
inline const Vocabulary& tiny_vocabulary() {
  static const Vocabulary vocabulary = Vocabulary::parse(codec::samples::small_file()).value();
  return vocabulary;
}

/// Changes `bytes` as the input's next choices say: none to seven times a byte altered, bytes removed,
/// doubled or the end cut. True if anything may have changed.
inline bool edit(Input& input, Bytes& bytes) {
  const unsigned edits = input.choice() % 8u;
  for (unsigned i = 0; i < edits && !bytes.empty(); ++i) {
    const unsigned kind = input.choice();
    const unsigned high = input.choice();
    const std::size_t at = (std::size_t{high} * 256 + input.choice()) % bytes.size();
    const std::size_t count = std::min<std::size_t>(1 + kind / 8, bytes.size() - at);
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(count);
    switch (kind % 8) {
      case 0: bytes.erase(begin, end); break;
      case 1: {
        const Bytes part(begin, end);
        bytes.insert(bytes.end() - static_cast<std::ptrdiff_t>(bytes.size() - at), part.begin(), part.end());
        break;
      }
      case 2: bytes.resize(at); break;
      default: *begin = static_cast<std::uint8_t>(*begin ^ input.choice()); break;
    }
  }
  return edits > 0;
}

}  // namespace ssmz::fuzz
