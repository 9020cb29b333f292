// SPDX-License-Identifier: Apache-2.0
// Suffixes of the bytes written twice are in the order of rotations.
#include "codec/bzip2/rotations.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace ssmz::codec {
namespace {

using Index = std::int32_t;
constexpr Index none = -1;

/// Induced sorting of all suffixes of `text`, whose last symbol is 0 and occurs once; symbols are below
/// `symbols`.
template <class Symbol>
class SuffixSorter {
 public:
  SuffixSorter(std::span<const Symbol> text, std::size_t symbols)
      : text_(text), smaller_(text.size()), counts_(symbols), ends_(symbols) {
    for (const Symbol symbol : text) ++counts_[static_cast<std::size_t>(symbol)];
    // Whether a suffix is smaller than the next one.
    smaller_.back() = true;
    for (std::size_t i = text.size() - 1; i-- > 0;)
      smaller_[i] = text[i] < text[i + 1] || (text[i] == text[i + 1] && smaller_[i + 1]);
  }

  std::vector<Index> sort() {
    const std::vector<Index> valleys = valleys_in_text();
    induce(valleys);
    const std::vector<Index> sorted = sorted_valleys();
    // Names by the order of the pieces from one valley to the next; equal ones have one name.
    std::vector<Index> names(text_.size(), none);
    Index name = none;
    for (std::size_t k = 0; k < sorted.size(); ++k) {
      if (k == 0 || !same_piece(sorted[k - 1], sorted[k])) ++name;
      names[static_cast<std::size_t>(sorted[k])] = name;
    }
    std::vector<Index> order = sorted;
    if (static_cast<std::size_t>(name) + 1 < sorted.size()) {
      std::vector<Index> pieces;
      for (const Index at : valleys) pieces.push_back(names[static_cast<std::size_t>(at)]);
      const std::vector<Index> inner = SuffixSorter<Index>(pieces, static_cast<std::size_t>(name) + 1).sort();
      for (std::size_t k = 0; k < inner.size(); ++k) order[k] = valleys[static_cast<std::size_t>(inner[k])];
    }
    induce(order);
    return std::move(sorted_);
  }

 private:
  [[nodiscard]] bool is_valley(std::size_t at) const { return at > 0 && smaller_[at] && !smaller_[at - 1]; }

  std::vector<Index> valleys_in_text() const {
    std::vector<Index> valleys;
    for (std::size_t i = 1; i < text_.size(); ++i)
      if (is_valley(i)) valleys.push_back(static_cast<Index>(i));
    return valleys;
  }

  std::vector<Index> sorted_valleys() const {
    std::vector<Index> valleys;
    for (const Index at : sorted_)
      if (at != none && is_valley(static_cast<std::size_t>(at))) valleys.push_back(at);
    return valleys;
  }

  [[nodiscard]] bool same_piece(Index a, Index b) const {
    const auto last = static_cast<Index>(text_.size() - 1);
    if (a == last || b == last) return false;
    for (std::size_t i = static_cast<std::size_t>(a), k = static_cast<std::size_t>(b), n = 0;;
         ++i, ++k, ++n) {
      if (text_[i] != text_[k] || smaller_[i] != smaller_[k]) return false;
      if (n > 0 && (is_valley(i) || is_valley(k))) return is_valley(i) && is_valley(k);
    }
  }

  void set_ends(bool beginnings) {
    Index sum = 0;
    for (std::size_t symbol = 0; symbol < counts_.size(); ++symbol) {
      ends_[symbol] = beginnings ? sum : sum + counts_[symbol];
      sum += counts_[symbol];
    }
  }
  Index& end_of(Index at) { return ends_[static_cast<std::size_t>(text_[static_cast<std::size_t>(at)])]; }
  void put(Index place, Index at) { sorted_[static_cast<std::size_t>(place)] = at; }

  /// From the order of valleys, taken as it is given, that of all suffixes.
  void induce(const std::vector<Index>& valleys) {
    sorted_.assign(text_.size(), none);
    set_ends(false);
    for (std::size_t k = valleys.size(); k-- > 0;) put(--end_of(valleys[k]), valleys[k]);
    set_ends(true);
    for (std::size_t k = 0; k < sorted_.size(); ++k) {
      const Index before = sorted_[k] - 1;
      if (before >= 0 && !smaller_[static_cast<std::size_t>(before)]) put(end_of(before)++, before);
    }
    set_ends(false);
    for (std::size_t k = sorted_.size(); k-- > 0;) {
      const Index before = sorted_[k] - 1;
      if (before >= 0 && smaller_[static_cast<std::size_t>(before)]) put(--end_of(before), before);
    }
  }

  std::span<const Symbol> text_;
  std::vector<bool> smaller_;
  std::vector<Index> counts_, ends_, sorted_;
};

}  // namespace

SortedRotations sort_rotations(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t symbols = 257;
  std::vector<std::uint16_t> twice;
  twice.reserve(2 * bytes.size() + 1);
  for (unsigned i = 0; i < 2; ++i)
    for (const std::uint8_t byte : bytes) twice.push_back(static_cast<std::uint16_t>(byte + 1));
  twice.push_back(0);
  SortedRotations rotations;
  rotations.last.reserve(bytes.size());
  for (const Index at : SuffixSorter<std::uint16_t>(twice, symbols).sort()) {
    const auto begin = static_cast<std::size_t>(at);
    if (begin >= bytes.size()) continue;
    if (begin == 0) rotations.first = static_cast<std::uint32_t>(rotations.last.size());
    rotations.last.push_back(begin == 0 ? bytes.back() : bytes[begin - 1]);
  }
  return rotations;
}

std::optional<std::vector<std::uint8_t>> unsort_rotations(std::span<const std::uint8_t> last,
                                                          std::uint32_t first) {
  if (first >= last.size()) return std::nullopt;
  std::array<std::uint32_t, 256> places{};
  for (const std::uint8_t byte : last) ++places[byte];
  std::exclusive_scan(places.begin(), places.end(), places.begin(), 0u);
  std::vector<std::uint32_t> next(last.size());  // the rotation that begins one byte later
  for (std::size_t i = 0; i < last.size(); ++i) next[places[last[i]]++] = static_cast<std::uint32_t>(i);
  std::vector<std::uint8_t> bytes(last.size());
  std::uint32_t at = first;
  for (std::uint8_t& byte : bytes) {
    at = next[at];
    byte = last[at];
  }
  return bytes;
}

}  // namespace ssmz::codec
