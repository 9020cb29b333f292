// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of bytes: orders, gaps, words, records. The first serve the fast levels.
#include "codec/byte_contexts.hpp"

#include <algorithm>

#include "codec/context_lister.hpp"

namespace ssmz::codec {
namespace {

using Lister = ContextLister;

constexpr std::uint64_t salt = 5000;  // apart from the text model's contexts in the common table

std::uint8_t low_byte(unsigned value) { return static_cast<std::uint8_t>(value); }

void set_followers(const ByteState& s, FollowerBank& followers) {
  unsigned n = 0;
  const auto add = [&](auto... words) {
    if (n < followers.count()) followers.set(n, hash_words(salt + 900 + n, words...));
    ++n;
  };
  const unsigned r = s.records().length(0);
  add(s.last(2));
  add(s.last(3));
  add(s.last(4));
  add(s.last(6));
  add(s.word(), s.back(1));
  add(r, s.back(r), s.back(1));
  add(r, s.back(r), s.back(r + 1), s.back(r - 1));
  add(s.last(8));
  add(s.last(5));
}

// Orders, and of records what pays most often: the byte above, and the byte above corrected by the left neighbour's change.
void list_orders(const ByteState& s, const MatchModel& match, Lister& list) {
  const unsigned r = s.records().length(0);
  const unsigned above = s.back(r);
  list.add(s.last(1));
  list.add(s.last(2));
  list.add(s.last(3));
  list.add(s.last(4));
  list.add(s.last(6));
  list.add(r, above, s.back(1));
  list.add(r, low_byte(above + s.back(1) - s.back(r + 1)), s.back(1));
  list.add(s.word(), s.back(1));
  list.add(r, above, s.position() % std::max(r, 1u));
  list.add(0);
  list.add(s.last(3) >> 8);
  list.add(match.expected_id(), std::min(match.length(), 15u));
  list.add(s.last(5));
  list.add(s.last(4) >> 16);
  list.add(s.back(4), s.position() % 4);
  list.add(s.kinds());
}

void list_records(const ByteState& s, Lister& list) {
  const std::uint64_t r = s.records().length(0);
  const std::uint64_t q = s.records().length(1);
  const std::uint64_t column = r ? s.position() % r : s.position() % 4;
  const unsigned above = s.back(r);
  list.add(r, column, above, s.back(1));
  list.add(r, above, s.back(2 * r));
  list.add(r, column);
  list.add(r, column, s.back(1));
  list.add(r, above, s.back(1), s.back(r + 1));
  list.add(r, low_byte(above + s.back(1) - s.back(r + 1)));
  list.add(r, low_byte(2 * above - s.back(2 * r)));
  list.add(r, above, s.back(r - 1), s.back(1));
  list.add(r, above, s.back(r - 1), s.back(r - 2));
  list.add(r, s.last(2), above, s.back(r - 1));
  list.add(r, s.last(4), column);
  list.add(q, s.back(q));
  list.add(q, s.back(q), s.back(1));
  list.add(q, s.back(q), s.back(q - 1), s.back(q + 1));
  list.add(q, q ? s.position() % q : 0, s.back(1));
  list.add(r, q, above, s.back(q));
}

// Bytes with gaps, coarse bytes, numbers, distances.
void list_gaps(const ByteState& s, Lister& list) {
  list.add(s.last(7));
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(s.back(11), s.back(12), s.last(2));
  list.add(s.back(12), s.back(13), s.last(1));
  list.add(s.last(8));
  list.add(s.back(2));
  list.add(s.back(3));
  list.add(s.last(4) >> 8);
  list.add(s.back(1), s.back(3));
  list.add(s.back(1), s.back(4));
  list.add(s.back(4), s.back(8));
  list.add(s.last(4) & 0xf0f0f0f0u);
  list.add(s.last(3) & 0xe0e0e0u, s.position() % 4);
  list.add(s.kinds() & 0xffffu, s.back(1));
  list.add(s.word(), s.last_word());
  list.add(s.position() % 2, s.back(2), s.back(4));
  list.add(std::min<std::uint64_t>(s.since(1), 255), s.back(1));
  list.add(std::min<std::uint64_t>(s.since(0), 255), s.back(1));
  list.add(s.last(6) >> 16, s.kinds() & 0xffu);
  list.add(s.last(8) >> 32, s.kinds() & 0xffffu);
  list.add(low_byte(2 * s.back(4) - s.back(8)), s.position() % 4);
  list.add(low_byte(2 * s.back(2) - s.back(4)), s.position() % 2);
}

// What the last times followed in the contexts that now come.
void list_followed(const ByteState& s, const MatchModel& match, const FollowerBank& followers, Lister& list) {
  list.add(match.expected_id(), s.back(1));
  list.add(followers.latest(0), followers.earlier(0), s.back(1));
  list.add(followers.latest(1), followers.earlier(1), s.back(1));
  list.add(followers.latest(1), followers.latest(2), followers.latest(3));
  list.add(followers.latest(5), followers.latest(6), followers.latest(0));
}

}  // namespace

void set_byte_contexts(const ByteState& state, const MatchModel& match, ContextBank& bank, FollowerBank& followers) {
  set_followers(state, followers);
  Lister list(bank, salt);
  list_orders(state, match, list);
  list_records(state, list);
  list_gaps(state, list);
  list_followed(state, match, followers, list);
}

}  // namespace ssmz::codec
