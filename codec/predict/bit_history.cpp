// SPDX-License-Identifier: Apache-2.0
// Generates the bit-history states by exploring all histories from the empty one.
#include "codec/predict/bit_history.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ssmz::codec {
namespace {

constexpr int full_order = 4;  // histories this short keep the order of their bits
// Most of the larger count beside a smaller count of 0, 1, 2,
// 3, 4. Wider than {40, 24, 9, 6, 5} by 0.07 % (enwik8-1M).
constexpr int bounds[] = {48, 32, 14, 8, 6};

struct History {
  int zeros = 0;
  int ones = 0;
  int order = 0;  // the bits, first one highest, while zeros + ones <= full_order; then only the last bit

  [[nodiscard]] constexpr int total() const { return zeros + ones; }
  auto operator<=>(const History&) const = default;
};

constexpr History after(History from, int bit) {
  int same = bit ? from.ones : from.zeros;
  int other = bit ? from.zeros : from.ones;
  const bool exact = from.total() < full_order;
  if (!exact && other > 2) other = other / 2 + 1;
  if (other > 4) other = 4;
  ++same;
  if (same > bounds[std::min(same, other)] && same > other) same = bounds[other];
  if (same == other && same > 4) same = 4;
  if (other > same) other = std::min(other, bounds[std::min(same, 4)]);
  History to;
  to.zeros = bit ? other : same;
  to.ones = bit ? same : other;
  if (exact) {
    to.order = from.order * 2 + bit;
  } else {
    to.order = (to.zeros && to.ones) ? bit : 0;
  }
  return to;
}

/// The histories that are, each with its number.
class Histories {
 public:
  [[nodiscard]] constexpr unsigned size() const { return size_; }
  constexpr const History& operator[](unsigned i) const { return all_[i]; }

  [[nodiscard]] constexpr unsigned number_of(const History& history) const {
    unsigned i = 0;
    while (i < size_ && all_[i] != history) ++i;
    return i;
  }
  constexpr void add(const History& history) {
    if (size_ < all_.size() && number_of(history) == size_) all_[size_++] = history;
  }
  /// By how much was seen; among equals the order stays.
  constexpr void order() {
    for (unsigned i = 1; i < size_; ++i) {
      for (unsigned j = i; j > 0 && all_[j].total() < all_[j - 1].total(); --j)
        std::swap(all_[j], all_[j - 1]);
    }
  }

 private:
  std::array<History, 256> all_{};
  unsigned size_ = 0;
};

constexpr BitHistory generate() noexcept {
  Histories found;
  found.add({});
  for (unsigned i = 0; i < found.size(); ++i) {
    for (int bit = 0; bit < 2; ++bit) found.add(after(found[i], bit));
  }
  found.order();
  BitHistory table{};
  table.count = found.size();
  for (unsigned i = 0; i < found.size(); ++i) {
    for (int bit = 0; bit < 2; ++bit)
      table.states[i].next[bit] = static_cast<std::uint8_t>(found.number_of(after(found[i], bit)));
    table.states[i].zeros = static_cast<std::uint8_t>(found[i].zeros);
    table.states[i].ones = static_cast<std::uint8_t>(found[i].ones);
  }
  return table;
}

}  // namespace

const BitHistory& bit_history() noexcept {
  static constexpr BitHistory table = generate();
  return table;
}

}  // namespace ssmz::codec
