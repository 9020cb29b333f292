// SPDX-License-Identifier: Apache-2.0
// Finding, following and leaving chains of records.
#include "codec/bytes/record_chain.hpp"

#include <algorithm>
#include <optional>

#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned needed_score =
    32;                        // headers of known type that make a chain; 16 takes 17 % of a database for one
constexpr unsigned doubt = 3;  // of a type not seen lately; a known one takes 1 back
constexpr unsigned doubt_limit = 24;  // ends a chain
constexpr unsigned seen_log2 = 12;
constexpr unsigned least_length = 2;
constexpr unsigned longest_header = 16;

/// Where a header has its type and its length, both little endian. Headers of two single bytes are not looked
/// for: anything has chains of them.
struct Layout {
  std::uint8_t size;  // bytes of the header
  std::uint8_t type_at, type_size;
  std::uint8_t length_at, length_size;
  bool counts_header;  // the length includes the header
};

constexpr std::array<Layout, 4> layouts = {{
    {4, 0, 2, 2, 2, false},    // BIFF and many protocols
    {8, 0, 4, 4, 4, true},     // EMF
    {8, 0, 4, 4, 4, false},    // RIFF
    {16, 12, 4, 8, 4, false},  // pcap
}};

unsigned byte_at(const std::vector<std::uint8_t>& ring, std::uint64_t at) {
  return ring[at & (ring.size() - 1)];
}

std::uint32_t read(const std::vector<std::uint8_t>& ring, std::uint64_t at, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = size; i-- > 0;) value = value << 8 | byte_at(ring, at + i);
  return value;
}

/// Bytes of the record whose header starts at `start`, or none if no record has such a length.
std::optional<unsigned> size_of(const std::vector<std::uint8_t>& ring, std::uint64_t start,
                                const Layout& layout) {
  const std::uint32_t length = read(ring, start + layout.length_at, layout.length_size);
  const unsigned least = layout.counts_header ? layout.size + least_length : least_length;
  if (length < least || length >= RecordChain::max_record - longest_header) return std::nullopt;
  return layout.counts_header ? length : length + layout.size;
}

/// A type in 8 bits, not 0.
std::uint32_t type_code(const std::vector<std::uint8_t>& ring, std::uint64_t start, const Layout& layout) {
  const std::uint32_t type = read(ring, start + layout.type_at, layout.type_size);
  return static_cast<std::uint32_t>(hash_mix(type, 1) % 255u) + 1;
}

/// Moves `code` to the front of a list of codes (8 bits each,
/// newest lowest) or puts it there; true if it was in the list.
template <class List>
bool to_front(List& list, std::uint32_t code) {
  constexpr unsigned places = sizeof(List);
  unsigned at = 0;
  while (at < places - 1 && (list >> (8 * at) & 0xffu) != code) ++at;
  const bool found = (list >> (8 * at) & 0xffu) == code;
  const List keep = at == places - 1 ? 0 : ~List{0} << (8 * at) << 8;
  list = (list & keep) | ((list & ~keep) << 8 & ~keep) | code;
  return found;
}

}  // namespace

RecordChain::RecordChain() : links_(layouts.size() * max_record), seen_(std::size_t{2} << seen_log2) {}

std::uint64_t RecordChain::memory() noexcept {
  return layouts.size() * max_record * sizeof(Link) + (std::size_t{2} << seen_log2) * sizeof(Seen);
}

void RecordChain::push(const std::vector<std::uint8_t>& ring, std::uint64_t position) {
  for (unsigned layout = 0; layout < layouts.size(); ++layout) look(ring, position, layout);
  if (active_) advance(ring, position);
}

// Takes the header that ends here as a link of a chain; a chain that has held long enough is followed.
void RecordChain::look(const std::vector<std::uint8_t>& ring, std::uint64_t position, unsigned which) {
  const Layout& layout = layouts[which];
  if (position < layout.size) return;
  const std::uint64_t start = position - layout.size;
  const std::optional<unsigned> size = size_of(ring, start, layout);
  if (!size) return;
  Link* const links = links_.data() + std::size_t{which} * max_record;
  const Link& here = links[start % max_record];
  Link link{start + *size, 0, type_code(ring, start, layout), *size, false};
  if (here.at == start && start > 0) {
    std::uint32_t types = here.types;
    link.score = to_front(types, link.types) ? here.score + 1 : here.score / 2;
    link.types = types;
    link.varied = here.varied || (here.size != *size && here.score > 1);
  }
  Link& there = links[link.at % max_record];
  if (there.at != link.at || there.score <= link.score) there = link;
  if (active_ || link.score < needed_score || !link.varied) return;
  active_ = true;
  layout_ = which;
  doubts_ = 0;
  types_ = link.types;
  begin_record(start);
  offset_ = layout.size - 1u;  // advance() takes the header's last byte
}

void RecordChain::leave() {
  active_ = false;
  start_ = 0;
  found_ = {};
  like_ = {};
  earlier_types_ = 0;
  last_of_type_ = {};
}

void RecordChain::begin_record(std::uint64_t start) {
  for (unsigned k = 0; k < 2; ++k) {
    if (found_[k]) found_[k]->after = start;
    like_[k] = found_[k] ? followed_[k] : 0;
    found_[k] = nullptr;
  }
  like_[4] = 0;
  like_[2] = start_;
  like_[3] = start_;
  start_ = start;
  next_ = 0;
  offset_ = 0;
  type_ = 1;
  words_ = {};
}

// Looks the word up among those of earlier records.
void RecordChain::learn_word(unsigned k, std::uint32_t word) {
  words_[k] = word + 1;
  Seen& seen = seen_[(std::size_t{k} << seen_log2) + (hash_mix(word, layout_) >> (64 - seen_log2))];
  like_[k] = seen.at;
  if (k == 1) like_[4] = seen.before;
  followed_[k] = seen.after;
  seen = {start_, seen.at, 0};
  found_[k] = &seen;
}

void RecordChain::end_header(const std::vector<std::uint8_t>& ring) {
  const Layout& layout = layouts[layout_];
  const std::optional<unsigned> size = size_of(ring, start_, layout);
  const std::uint32_t code = type_code(ring, start_, layout);
  if (to_front(types_, code)) {
    doubts_ -= doubts_ > 0;
  } else {
    doubts_ += doubt;
  }
  if (!size || doubts_ > doubt_limit) return leave();
  type_ = static_cast<std::uint32_t>(hash_mix(code, *size) | 1u);
  if (last_of_type_[code]) like_[3] = last_of_type_[code];
  last_of_type_[code] = start_;
  earlier_types_ = earlier_types_ << 8 | code;
  next_ = start_ + *size;
}

void RecordChain::advance(const std::vector<std::uint8_t>& ring, std::uint64_t position) {
  const unsigned header = layouts[layout_].size;
  ++offset_;
  if (offset_ < header) {
    type_ = static_cast<std::uint32_t>(hash_mix(type_, byte_at(ring, position - 1)) | 1u);
    return;
  }
  if (offset_ == header) end_header(ring);
  if (!active_) return;
  if (offset_ == header + 2) learn_word(0, read(ring, position - 2, 2));
  if (offset_ == header + 4) learn_word(1, read(ring, position - 2, 2));
  if (position == next_) begin_record(next_);
}

}  // namespace ssmz::codec
