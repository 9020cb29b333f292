// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of text, the most useful first: levels use a prefix. Ordered by what each was worth on
// parts of enwik8, world192.txt and bible.txt; 19 more that were worth nothing are gone.
#include "codec/text/text_contexts.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <span>

#include "codec/predict/context_lister.hpp"
#include "codec/text/text_keys.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t letter_salt = 2000;  // keeps the contexts of letters apart
constexpr std::string_view shared_word = "shared";

constexpr unsigned key_count = std::size(text_keys);

constexpr std::optional<TextContext> parse(std::string_view text) {
  TextContext context;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word == shared_word) {
      context.shared = true;
      continue;
    }
    unsigned key = 0;
    while (key < key_count && text_keys[key].name != word) ++key;
    if (key == key_count || context.count == context.keys.size()) return std::nullopt;
    context.keys[context.count++] = static_cast<std::uint8_t>(key);
  }
  return context;
}

// A line of a list. Does not compile if a key is not known.
struct Entry {
  std::string_view text;
  TextContext context;
  consteval Entry(const char* line) : text(line), context(parse(line).value()) {}
};

template <std::size_t n>
consteval std::uint8_t place(const Entry (&list)[n], std::string_view text) {
  for (unsigned i = 0; i < n; ++i)
    if (list[i].text == text) return static_cast<std::uint8_t>(i);
  throw "no such context";
}

constexpr Entry token_followers[] = {
    "lexeme1",
    "lexeme1 lexeme2",
    "token1 token2 token3",
    "word1 word2 joined",
    "lexeme1 lexeme2 lexeme3 lexeme4",
    "word1 word2 word3 joined",
    "parent word1 number",
    "lexeme1 lexeme2 lexeme3",
    "word1 joined",
    "lexeme2",
    "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5",
    "lexeme1 lexeme3",
    "word1 word2 word3 word4 joined",
    "tag lexeme1",
    "tag lexeme1 lexeme2",
    "word1 number bytes1",
    "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5 lexeme6",
    "lexeme2 lexeme3",
};

constexpr Entry letter_followers[] = {
    "lexeme1",
    "lexeme1 lexeme2",
    "lexeme1 lexeme2 lexeme3",
    "letters4",
    "letters3",
    "letters8",
    "lexeme1 parent",
    "lexeme1 word2",
    "lexeme1 word2 word3",
    "lexeme1 tag",
    "bytes3",
    "bytes5",
    "lexeme1 line_start",
};

constexpr Entry token_contexts[] = {
    // The first four, eight and twelve serve -1, -2 and -3. "markup", "parent" and "bytes3" instead of
    // "shared lexeme1", "word1 joined" and one more at -2: eleven texts -1.9 % in the mean (world192.txt's
    // first 100,000 -4.5, enwik8's 150,000 -2.6, progc -2.3, dickens -0.6, German -0.5). "key class1_6" as
    // well at -3: -0.7 %.
    "lexeme1",
    "lexeme1 lexeme2",
    "lexeme1 lexeme2 lexeme3",
    "shared nothing",
    "markup",
    "word1 word2 joined",
    "parent",
    "bytes3",
    "key class1_6",
    "lexeme2",
    "class1_12 class2_12",
    "lexeme1 lexeme2 lexeme3 lexeme4",
    "shared lexeme1",
    "word1 joined",
    "word1 word2 word3 joined",
    "shared lexeme1 lexeme2",
    "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5",
    "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5 lexeme6",
    "word1 word2 word3 word4 joined",
    // Markup, fields, classes, and what followed the last times.
    "bracket lexeme1",
    "tag lexeme1",
    "class1_6 class2_6 class3_6 class4_6 class5_6",
    "bytes1",
    "parent class1_6",
    "shared class1_12 class2_12",
    "last_other lexeme1",
    "shapes4",
    "line_start lexeme1",
    "parent lexeme1",
    "parent word1 number",
    "parent word1 word2 number",
    "parent item_start lexeme1",
    "word1 word2 number bytes1",
    "parent shapes4",
    "parent class1_8 class2_8",
    "lexeme1 after_lexeme earlier_after_lexeme",
    "after_lexeme after_lexemes after_tokens",
    // What the best levels have more.
    "column above",
    "last_other",
    "shapes8",
    "key",
    "shared word1",
    "class1_12",
    "shared window512",
    "above_byte bytes1",
    "bytes2",
    "capitalised lexeme1",
    "nothing",
    "word2 joined",
    "tag lexeme1 lexeme2",
    "last_number lexeme1",
    "parent items_since_parent",
    "item_start lexeme1 number",
    "shared window4096",
    "word1 last_number number",
    "last_number number last_other",
    "lexeme1 lexeme3 lexeme4",
    "word1 class2_6 class3_6",
    "topic lexeme1",
    "line_start tokens_in_line",
    "bytes4",
    "bracket bracket_distance tag",
    "last_other word1",
    "above",
    "parent lexeme1 lexeme2",
    "parent last_other lexeme1",
    "last_line_start first_in_line",
    // What pays on longer texts: all sixteen together -0.37 % on enwik8's first 600,000 bytes at -9 without
    // SSM,
    // -0.05 % on the first 100,000 bytes of texts.
    "content1 joined",
    "content1 word1 joined",
    "content1 content2",
    "content1 content2 lexeme1",
    "content2 lexeme1",
    "sentence lexeme1",
    "class1_12 class2_12 class3_12",
    "word1 word3 joined",
    "markup lexeme1",
    "markup shapes3",
    "key lexeme1",
    "key target",
    "target word1",
    "line_kind cell lexeme1",
    "cell cell_above",
    "cell_above lexeme1",
    // With the two windows above, at -9 without SSM, not trained for: alice29.txt's first 40,000 bytes -0.11
    // %,
    // enwik8's first 60,000 -0.54 %, world192.txt's first 30,000 -0.37 %.
    "class1_8 lexeme2",
    "word1 number bytes1",
    "shared other_window512",
    "shared paragraph",
    // These, and "parent", "key", "markup", "last_other", "parent class1_6" and "key class1_6" above, for
    // what
    // stands under a heading, behind a key, in a tag, whatever the newest token is. All at -9 without SSM,
    // not
    // trained for: 200,000 bytes of world192.txt from 1,000,000 on -1.32 % ("parent" alone -0.68 %), enwik8's
    // first 200,000 -0.71 %, 100,000 of news -0.53 %, progc -0.86 %, 100,000 of alice29.txt -0.09 %. Those
    // above
    // stand where levels with fewer contexts had bytes, shapes and words alone: -5 -2.6, -0.9, -0.6, -0.9,
    // -0.2 %,
    // -4 -4.8, -1.4, -0.9, -1.3, 0 %.
    "word2 word3 joined",
    "lexeme4",
    "tag",
    "lexeme3",
    "token1",
    "line_start",
    "item_start",
    "sentence",
    "capitalised",
    "bytes5",
    "parent tokens_in_line",
    "shared word1 word2",
    "markup class1_6",
    "last_number",
    "last_line_start",
    "bracket",
};

constexpr Entry letter_contexts[] = {
    // The word so far.
    "letters1 length",
    "letters2",
    "letters3",
    "lexeme1 class2_12",
    "letters1 form",
    "lexeme1",
    "lexeme1 lexeme2",
    "letters2 form length",
    "bytes5",
    "form length",
    "letters4",
    "letters3 length",
    "lexeme1 lexeme2 lexeme3",
    "bytes4",
    "letters5",
    "letters6",
    "lexeme1 parent",
    "letters3 form",
    "letters3_but_last length",
    "letters2 class2_6",
    "letters7",
    "lexeme1 form",
    "letters2 tag",
    "letters2 lexeme2",
    "letters3 lexeme2",
    "letters4 class2_6",
    "bytes6",
    "letters4_but_two",
    // And what surrounds it.
    "lexeme1 word2",
    "lexeme1 word2 word3",
    "lexeme1 lexeme3",
    "lexeme1 tag",
    "lexeme1 last_other",
    "lexeme1 line_start",
    "lexeme1 topic",
    "lexeme1 capitalised",
    "lexeme1 item_start",
    "lexeme1 above",
    "lexeme1 bracket class2_6",
    "lexeme1 shapes3",
    "lexeme1 last_number",
    "lexeme1 last_line_start",
    "lexeme1 items_since_parent",
    "letters2 parent",
    "letters2 shapes3",
    "letters2 above_byte",
    "nothing",
    "lexeme1 window512",
    "lexeme1 other_window512",
    "lexeme1 window4096",
    "lexeme1 paragraph",
    "lexeme1 last_spelled",
    "lexeme1 word2 word3 word4",
    "lexeme1 content1",
    "lexeme1 form word2",
    "lexeme1 markup",
    "lexeme1 key",
    "lexeme1 cell",
    "lexeme1 line_kind cell_above",
    "letters2 window512",
    "letters1 length last_spelled",
    "lexeme1 lexeme2 lexeme3 lexeme4",
    "lexeme1 sentence",
    "letters3 window4096",
    "lexeme1 class2_12 class3_12",
    "letters1 parent",
    "letters1 key",
    "letters1 tag",
    "letters1 markup",
    "letters2 last_other",
    "letters2 line_start",
    "letters2 item_start",
    "letters2 sentence",
    "letters2 capitalised",
    "letters2 key",
    "letters2 markup",
    "letters3 parent",
    "letters3 key",
    "letters3 markup",
    "letters2 last_number",
    "letters2 bracket",
};

// Of text made of rows, instead of contexts that serve prose. 60,000 to 80,000 bytes each of a table with
// commas, INSERTs of it, iso-codes' JSON and dpkg's log, at -9 without SSM: 4,759 -> 4,541, 1,599 -> 1,505,
// 3,675 -> 3,650, 1,663 -> 1,563; prose stays as it is.
struct Replacement {
  std::uint8_t token_place, letter_place;
  Entry context;
};
constexpr Replacement row_contexts[] = {
    {place(token_contexts, "class1_12 class2_12"), place(letter_contexts, "lexeme1 class2_12"),
     "row_field row_so_far"},
    {place(token_contexts, "class1_6 class2_6 class3_6 class4_6 class5_6"),
     place(letter_contexts, "letters2 class2_6"), "row_field row_expected"},
    {place(token_contexts, "shared class1_12 class2_12"), place(letter_contexts, "letters4 class2_6"),
     "row_field row_expected row_expected2"},
    {place(token_contexts, "parent class1_8 class2_8"), place(letter_contexts, "letters3 form"),
     "row_field row_step"},
    {place(token_contexts, "class1_12"), place(letter_contexts, "letters2 tag"),
     "row_field row_so_far row_last_field"},
    {place(token_contexts, "shared window512"), place(letter_contexts, "lexeme1 form"),
     "row_expected bytes3"},
    {place(token_contexts, "capitalised lexeme1"), place(letter_contexts, "letters4_but_two"),
     "row_field row_so_far row_first_field"},
    {place(token_contexts, "parent item_start lexeme1"), place(letter_contexts, "letters2 lexeme2"),
     "row_field row_so_far row_expected"},
    {place(token_contexts, "column above"), place(letter_contexts, "letters3_but_last length"),
     "row_field row_step row_expected row_expected2"},
    {place(token_contexts, "parent word1 word2 number"), place(letter_contexts, "lexeme1 capitalised"),
     "row_field row_last_field row_expected"},
    {place(token_contexts, "above_byte bytes1"), place(letter_contexts, "letters2 above_byte"),
     "row_field bytes2"},
};
// Levels with fewer contexts do without.
constexpr unsigned least_contexts_for_rows = 44;

template <std::size_t n>
consteval bool distinct(const Entry (&list)[n]) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (list[i].text == list[k].text) return false;
  return true;
}
static_assert(distinct(token_contexts) && distinct(letter_contexts));
static_assert(distinct(token_followers) && distinct(letter_followers));
static_assert(std::size(letter_contexts) <= std::size(token_contexts));
static_assert(std::size(letter_followers) <= std::size(token_followers));
static_assert(follower_of_lexeme == place(token_followers, "lexeme1"));
static_assert(follower_of_lexemes == place(token_followers, "lexeme1 lexeme2"));
static_assert(follower_of_tokens == place(token_followers, "token1 token2 token3"));

constexpr OrderPlaces token_orders = {
    {place(token_contexts, "lexeme1"), place(token_contexts, "lexeme1 lexeme2"),
     place(token_contexts, "lexeme1 lexeme2 lexeme3"),
     place(token_contexts, "lexeme1 lexeme2 lexeme3 lexeme4"),
     place(token_contexts, "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5"),
     place(token_contexts, "lexeme1 lexeme2 lexeme3 lexeme4 lexeme5 lexeme6")},
    {place(token_contexts, "word1 joined"), place(token_contexts, "word1 word2 joined"),
     place(token_contexts, "word1 word2 word3 joined"),
     place(token_contexts, "word1 word2 word3 word4 joined")}};

constexpr OrderPlaces letter_orders = {
    {place(letter_contexts, "letters1 length"), place(letter_contexts, "letters2"),
     place(letter_contexts, "letters3"), place(letter_contexts, "letters4"),
     place(letter_contexts, "letters5"), place(letter_contexts, "letters6")},
    {place(letter_contexts, "lexeme1"), place(letter_contexts, "lexeme1 lexeme2"),
     place(letter_contexts, "lexeme1 lexeme2 lexeme3"), place(letter_contexts, "lexeme1 parent")}};

constexpr TextContext nothing = parse("nothing").value();

// The first `count` of a list, of which places up to `end` are padded, and of what comes then.
std::vector<TextContext> first_of(std::span<const Entry> list, std::size_t end,
                                  std::span<const TextContext> more, unsigned count) {
  std::vector<TextContext> contexts;
  for (const Entry& entry : list) contexts.push_back(entry.context);
  contexts.resize(end, nothing);
  contexts.insert(contexts.end(), more.begin(), more.end());
  assert(count <= contexts.size());
  contexts.resize(count);
  return contexts;
}

std::vector<std::uint8_t> keys_of(std::span<const TextContext> contexts) {
  std::array<bool, key_count> used{};
  for (const TextContext& context : contexts)
    for (unsigned k = 0; k < context.count; ++k) used[context.keys[k]] = true;
  std::vector<std::uint8_t> keys;
  for (unsigned key = 0; key < key_count; ++key)
    if (used[key]) keys.push_back(static_cast<std::uint8_t>(key));
  return keys;
}

std::uint64_t hash_of(const TextContext& context, const std::uint64_t* values, std::uint64_t salt) {
  std::uint64_t hash = salt;
  for (unsigned k = 0; k < context.count; ++k) hash = hash_mix(hash, values[context.keys[k]]);
  return hash;
}

}  // namespace

std::optional<TextContext> parse_text_context(std::string_view text) noexcept { return parse(text); }
unsigned text_context_count() noexcept { return std::size(token_contexts); }
unsigned text_follower_count() noexcept { return std::size(token_followers); }
const OrderPlaces& order_places(bool letters) noexcept { return letters ? letter_orders : token_orders; }

TextContexts::TextContexts(unsigned contexts, unsigned followers, std::span<const TextContext> more)
    : values_(key_count) {
  const std::size_t own = contexts - more.size();
  tokens_.contexts = first_of(token_contexts, own, more, contexts);
  letters_.contexts = first_of(letter_contexts, own, more, contexts);
  tokens_.followers = first_of(token_followers, text_follower_count(), {}, followers);
  letters_.followers = first_of(letter_followers, text_follower_count(), {}, followers);
  const unsigned usual = contexts < least_contexts_for_rows ? 0 : std::size(row_contexts);
  for (Lists* const lists : {&tokens_, &letters_}) {
    lists->row_contexts = lists->contexts;
    for (const Replacement& row : std::span(row_contexts).first(usual)) {
      const std::uint8_t at = lists == &tokens_ ? row.token_place : row.letter_place;
      if (at < contexts) lists->row_contexts[at] = row.context.context;
    }
    lists->row_context_keys = keys_of(lists->row_contexts);
    lists->context_keys = keys_of(lists->contexts);
    lists->follower_keys = keys_of(lists->followers);
  }
}

void TextContexts::set(const TextState& state, ContextBank& bank, FollowerBank& followers) noexcept {
  const Lists& lists = state.spelling() ? letters_ : tokens_;
  assert(bank.count() == lists.contexts.size() && followers.count() == lists.followers.size());
  const std::uint64_t salt = state.spelling() ? letter_salt : 0;
  const TextView view{state, followers};
  for (const std::uint8_t key : lists.follower_keys) values_[key] = text_keys[key].value(view);
  for (unsigned i = 0; i < followers.count(); ++i)
    followers.set(i, hash_of(lists.followers[i], values_.data(), salt + i + 1));
  const bool rows = state.rows().active();
  const std::vector<TextContext>& contexts = rows ? lists.row_contexts : lists.contexts;
  for (const std::uint8_t key : rows ? lists.row_context_keys : lists.context_keys)
    values_[key] = text_keys[key].value(view);
  for (unsigned i = 0; i < bank.count(); ++i)
    bank.set(i, hash_of(contexts[i], values_.data(), salt + i + 1), contexts[i].shared);
}

}  // namespace ssmz::codec
