// SPDX-License-Identifier: Apache-2.0
// Lists of contexts.
#include "codec/jpeg/coefficient_contexts.hpp"

#include <algorithm>
#include <cstdlib>

#include "codec/jpeg/coefficient_kinds.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t of_last = 0x40, of_dc = 0x41;  // as places behind the zigzag's

std::uint64_t field(int value, int bound) {
  return static_cast<std::uint64_t>(std::clamp(value, -bound, bound) + bound);
}

unsigned size_of(int value) { return static_cast<unsigned>(std::abs(value)); }

/// Contexts of one symbol: numbers of up to 48 bits, each told from those of other places in the list.
class Lister {
 public:
  Lister(SlotGroups& groups, std::uint64_t place, unsigned component)
      : groups_(groups), base_(place << 56 | std::uint64_t{std::min(component, 3u)} << 54) {
    groups_.begin();
  }
  void add(std::uint64_t words) { groups_.add(hash(words)); }
  /// What comes behind the sign is learned for each sign.
  void add_signed(std::uint64_t words) { groups_.add(hash(words), true); }
  [[nodiscard]] bool full() const { return groups_.full(); }

 private:
  [[nodiscard]] std::uint64_t hash(std::uint64_t words) const {
    return hash_mix(base_ | words, groups_.next() + 1);
  }
  SlotGroups& groups_;
  std::uint64_t base_;
};

}  // namespace

void CoefficientFeatures::finish() {
  around = bucket((13 * (size_of(above) + size_of(left)) + 6 * size_of(corner)) / 4);
  inside = bucket(2 * (size_of(inner[0]) + size_of(inner[1]) + size_of(inner[2])) + size_of(inner[3]) +
                  size_of(inner[4]));
}

void list_coefficient(const CoefficientFeatures& f, const Surroundings& s, SlotGroups& groups) {
  Lister list(groups, f.k, f.component);
  list.add(f.around << 8 | f.inside);
  list.add_signed(f.size << 8 | f.around);
  list.add(f.last << 8 | f.nonzeros);
  list.add_signed(field(f.inner[0], 3) << 16 | field(f.inner[1], 3) << 8 | field(f.inner[2], 2));
  list.add_signed(f.expected << 8 | f.inside / 2);
  list.add_signed(field(f.above, 4) << 8 | field(f.left, 4));
  list.add_signed(field(f.other, 4) << 8 | f.around / 2 << 4 | f.inside / 2);
  list.add(std::min(f.last - f.k, 15u) << 16 | f.around_nonzeros << 8 | f.nonzeros);
  if (list.full()) return;
  list.add_signed(field(f.before[0], 2) << 16 | field(f.before[1], 2) << 8 | field(f.before[2], 2));
  list.add_signed(f.size << 12 | f.around << 8 | f.inside << 4 | f.last / 8);
  list.add_signed(field(f.above, 6) << 8 | f.size);
  list.add_signed(field(f.left, 6) << 8 | f.size);
  list.add_signed(field(f.corner, 2) << 24 | field(f.right_above, 2) << 16 | field(f.above, 2) << 8 |
                  field(f.left, 2));
  list.add_signed(f.size << 16 | field(f.from_left / 4, 7) << 8 | field(f.from_above / 4, 7));
  list.add_signed(field(f.other, 8) << 12 | field(f.first, 2) << 8 | f.size);
  list.add(std::uint64_t{s.other->last} << 16 | s.other->nonzeros << 8 | f.inside);
  list.add_signed(field(f.inner[0], 6) << 16 | field(f.inner[3], 2) << 8 | f.size);
  list.add_signed(field(f.inner[1], 6) << 16 | field(f.inner[4], 2) << 8 | f.size);
  list.add_signed(field(f.left, 4) << 16 | field(f.left_left, 4) << 8 | f.size);
  list.add(std::uint64_t{s.above->last} << 16 | s.left->last << 8 | f.last);
  list.add_signed(f.expected << 8 | f.around);
  list.add((size_of(f.above) + size_of(f.left) + size_of(f.corner) + size_of(f.right_above)) << 8 | f.inside);
  list.add_signed(field(f.from_left, 40) << 8 | field(f.from_above, 8));
  list.add_signed(field(f.from_above, 40) << 8 | field(f.from_left, 8));
}

void list_last(const Surroundings& s, unsigned component, SlotGroups& groups) {
  Lister list(groups, of_last, component);
  const std::uint64_t a = s.above->last, l = s.left->last, d = s.corner->last, r = s.right_above->last;
  const std::uint64_t mean = (a + l) / 2, all = (a + l + d + r) / 4;
  const std::uint64_t nonzeros = (s.above->nonzeros + s.left->nonzeros) / 2u;
  const std::uint64_t other = s.other->last, other_nonzeros = s.other->nonzeros;
  list.add(a << 8 | l);
  list.add(mean);
  list.add(other << 8 | mean / 4);
  list.add(s.above->nonzeros / 2u << 8 | s.left->nonzeros / 2u);
  list.add(all << 8 | other_nonzeros / 4);
  list.add(nonzeros << 8 | mean / 8);
  list.add(other_nonzeros << 8 | s.first->last);
  list.add(a / 4 << 12 | l / 4 << 8 | d / 4 << 4 | r / 4);
  while (!list.full()) {
    list.add(l << 8 | r / 4);
    list.add(a << 8 | d / 4);
    list.add(l << 16 | s.left_left->last << 8 | a / 8);
    list.add(all << 8 | nonzeros);
  }
}

void list_dc(const DcFeatures& f, const Surroundings& s, SlotGroups& groups) {
  Lister list(groups, of_dc, f.component);
  list.add_signed(f.spread << 8 | field(f.fraction, 4));
  list.add_signed(field(f.apart, 40) << 8 | f.spread);
  list.add_signed(f.misses << 8 | f.spread);
  list.add(f.last << 8 | f.nonzeros);
  list.add_signed(field(s.other->dc_miss, 20) << 8 | f.spread);
  list.add_signed(field(s.above->dc_miss, 10) << 8 | field(s.left->dc_miss, 10));
  list.add_signed(field(f.fraction, 4) << 8 | field(f.apart, 10));
  list.add(f.nonzeros << 8 | f.misses);
  while (!list.full()) {
    list.add_signed(field(f.fraction, 4) << 16 | field(f.apart, 8) << 8 | f.spread);
    list.add_signed(field(f.fraction, 4) << 16 | field(s.other->dc_miss, 8) << 8 | f.misses);
    list.add_signed(field(s.first->dc_miss, 20) << 8 | field(s.other->dc_miss, 10));
    list.add(f.spread << 8 | f.last);
  }
}

}  // namespace ssmz::codec
