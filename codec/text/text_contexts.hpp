// SPDX-License-Identifier: Apache-2.0
// The lists of n-gram contexts and of followers' contexts of text, each a line that names its keys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "codec/predict/context_bank.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/text/text_state.hpp"

namespace ssmz::codec {

/// A context: the keys it hashes, by their places in text_keys.
struct TextContext {
  std::array<std::uint8_t, 6> keys{};
  std::uint8_t count = 0;
  bool shared =
      false;  ///< By all separators and cases: what follows may stand anywhere in a line or sentence.
};

/// Reads a context as the lists write it: names of keys with a space between, "shared" before them if it is
/// so. nullopt: a key that is not known, or more than a context holds.
[[nodiscard]] std::optional<TextContext> parse_text_context(std::string_view text) noexcept;

/// Contexts in the list, of which levels use a prefix; the same of followers.
[[nodiscard]] unsigned text_context_count() noexcept;
[[nodiscard]] unsigned text_follower_count() noexcept;

/// Places of the contexts of 1 to 6 last lexemes and of 1 to 4 last words (of a spelled word: letters, and
/// the word so far with what came before).
struct OrderPlaces {
  std::array<std::uint8_t, 6> lexemes;
  std::array<std::uint8_t, 4> words;
};
[[nodiscard]] const OrderPlaces& order_places(bool letters) noexcept;

/// Sets the contexts of a text model. Not thread-safe.
class TextContexts {
 public:
  /// The first `contexts` of the list and, after all of it, of `more` (which serve letters too; for the lab);
  /// the first `followers`.
  TextContexts(unsigned contexts, unsigned followers, std::span<const TextContext> more = {});

  /// All contexts of the coming token, in banks with as many. FORMAT. Costs a hash for each.
  void set(const TextState& state, ContextBank& bank, FollowerBank& followers) noexcept;

 private:
  // The contexts of one kind of symbol, with the keys they are made of.
  struct Lists {
    std::vector<TextContext> contexts, followers;
    std::vector<TextContext> row_contexts;  // instead of `contexts` in text made of rows
    std::vector<std::uint8_t> context_keys, row_context_keys, follower_keys;
  };

  Lists tokens_, letters_;
  std::vector<std::uint64_t> values_;  // [key]: of the coming token
};

}  // namespace ssmz::codec
