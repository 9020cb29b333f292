// SPDX-License-Identifier: Apache-2.0
// Builds the code trees: leaves in a coherent order, each node split near the middle of its weight.
#include "codec/vocabulary/code_tree.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>
#include <vector>

#include "codec/base/ascii.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned depth_limit = 58;  // with five attributes 63 decisions: what ContextBank takes; path_bits
constexpr std::size_t class_count = 1u << 12;

/// How many leading bits or bytes two neighbouring leaves share: a split between strangers is better than
/// between kin.
unsigned kinship(const Vocabulary& vocabulary, TreeShape::Order order, LexemeId a, LexemeId b) {
  const std::string_view left = vocabulary.spelling(a);
  const std::string_view right = vocabulary.spelling(b);
  const auto mismatch = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto shared_bytes = static_cast<unsigned>(mismatch.first - left.begin());
  if (order == TreeShape::Order::lexicographic) return shared_bytes;
  const auto difference =
      static_cast<std::uint16_t>(vocabulary.distributional_class(a) ^ vocabulary.distributional_class(b));
  const auto shared_bits = static_cast<unsigned>(std::countl_zero(difference));
  return difference == 0 ? 16 + shared_bytes : shared_bits;
}

}  // namespace

struct CodeTree::Builder {
  const Vocabulary& vocabulary;
  TreeShape shape;
  CodeTree& tree;
  bool letters = false;  // building the tree of letters
  std::vector<LexemeId> leaves;
  std::vector<std::uint64_t> sums;     // sums[i]: weight of leaves[0..i)
  std::vector<std::uint8_t> kinships;  // kinships[i]: of leaves[i - 1] and leaves[i]
  std::vector<std::uint32_t> children;
  std::vector<std::uint16_t> priors;
  std::vector<PackedPath> paths;

  void build(bool word) {
    letters = false;
    collect(word);
    tree.roots_[word ? 1 : 0] = place_all();
  }

  void build_letters() {
    letters = true;
    collect_letters();
    tree.letter_root_ = place_all();
    tree.letter_nodes_ = static_cast<std::uint32_t>(priors.size());
  }

  std::uint32_t place_all() {
    const auto count = static_cast<std::uint32_t>(leaves.size());
    return count == 0 ? 0 : place(0, count, 0, 0);
  }

  // A letter weighs as often as it stands in the words of the vocabulary, the end as many as there are words.
  void collect_letters() {
    std::array<std::uint64_t, end_letter + 1> counts;
    counts.fill(1);
    for (LexemeId id = 0; id < vocabulary.size(); ++id) {
      if (!vocabulary.is_word(id)) continue;
      for (const char c : vocabulary.spelling(id)) ++counts[static_cast<std::uint8_t>(c)];
      ++counts[end_letter];
    }
    leaves.assign(1, vocabulary.spelled());
    sums.assign({0, counts[end_letter]});
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (!is_letter(static_cast<std::uint8_t>(byte))) continue;
      leaves.push_back(vocabulary.single(static_cast<std::uint8_t>(byte)));
      sums.push_back(sums.back() + counts[byte]);
    }
    kinships.assign(leaves.size(), 0);
  }

  void collect(bool word) {
    leaves.clear();
    for (LexemeId id = 0; id <= vocabulary.spelled(); ++id) {
      if (vocabulary.is_word(id) == word) leaves.push_back(id);
    }
    if (shape.order == TreeShape::Order::distributional) sort_by_class();
    sums.assign(1, 0);
    kinships.assign(1, 0);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      sums.push_back(sums.back() + vocabulary.weight(leaves[i]));
      if (i > 0) {
        kinships.push_back(
            static_cast<std::uint8_t>(kinship(vocabulary, shape.order, leaves[i - 1], leaves[i])));
      }
    }
  }

  // Ids are in order of spelling, so a stable sort by class leaves each class in order of spelling. Counting
  // is several times as fast as comparing: each process that compresses text builds a tree.
  void sort_by_class() {
    std::vector<std::uint32_t> starts(class_count + 1);
    for (const LexemeId id : leaves) ++starts[vocabulary.distributional_class(id) + 1u];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<LexemeId> sorted(leaves.size());
    for (const LexemeId id : leaves) sorted[starts[vocabulary.distributional_class(id)]++] = id;
    leaves.swap(sorted);
  }

  // Makes the subtree of leaves [low, high) reached by `bits` of `depth`; returns its child reference.
  std::uint32_t place(std::uint32_t low, std::uint32_t high, std::uint64_t bits, unsigned depth) {
    if (high - low == 1) {
      path_of(leaves[low]) = packed({bits, static_cast<std::uint8_t>(depth)});
      tree.max_depth_ = std::max(tree.max_depth_, depth);
      return leaf_flag | leaves[low];
    }
    const auto node = static_cast<std::uint32_t>(priors.size());
    const std::uint32_t middle = split(low, high, depth);
    priors.push_back(prior_of(sums[high] - sums[middle], sums[high] - sums[low]));
    children.resize(children.size() + 2);
    const std::uint32_t zero = place(low, middle, bits, depth + 1);
    const std::uint32_t one = place(middle, high, bits | std::uint64_t{1} << depth, depth + 1);
    children[2 * node] = zero;
    children[2 * node + 1] = one;
    return node;
  }

  PackedPath& path_of(LexemeId leaf) {
    if (!letters) return paths[leaf];
    const bool end = leaf == vocabulary.spelled();
    return tree.letter_paths_[end ? end_letter : static_cast<std::uint8_t>(vocabulary.spelling(leaf)[0])];
  }

  static std::uint16_t prior_of(std::uint64_t one, std::uint64_t both) {
    return static_cast<std::uint16_t>(std::clamp<std::uint64_t>(one * 65536 / both, 1, 65535));
  }

  // First leaf of the right half. Keeps enough depth in reserve that a plain halving still fits under the
  // limit.
  std::uint32_t split(std::uint32_t low, std::uint32_t high, unsigned depth) const {
    const std::uint32_t count = high - low;
    if (depth + static_cast<unsigned>(std::bit_width(count)) + 1 >= depth_limit) return low + count / 2;
    const std::uint64_t total = sums[high] - sums[low];
    const std::uint64_t slack = total * shape.slack / 64;
    const std::uint32_t nearest = nearest_middle(low, high, total);
    std::uint32_t best = nearest;
    std::uint64_t best_distance = distance(low, nearest, total);
    if (best_distance > 2 * slack) return nearest;
    // Only splits near the middle come into question.
    const auto first =
        std::lower_bound(sums.begin() + low + 1, sums.begin() + nearest, sums[low] + total / 2 - slack);
    for (auto i = static_cast<std::uint32_t>(first - sums.begin()); i < high; ++i) {
      const std::uint64_t off = distance(low, i, total);
      if (off > 2 * slack && i > nearest) break;
      if (off > 2 * slack) continue;
      if (kinships[i] < kinships[best] || (kinships[i] == kinships[best] && off < best_distance)) {
        best = i;
        best_distance = off;
      }
    }
    return best;
  }

  // Twice the weight between a split before leaf `i` and the middle.
  std::uint64_t distance(std::uint32_t low, std::uint32_t i, std::uint64_t total) const {
    const std::uint64_t twice_left = 2 * (sums[i] - sums[low]);
    return twice_left > total ? twice_left - total : total - twice_left;
  }

  std::uint32_t nearest_middle(std::uint32_t low, std::uint32_t high, std::uint64_t total) const {
    const auto first = sums.begin() + low + 1;
    const auto past = sums.begin() + high;
    const auto upper = std::lower_bound(first, past, sums[low] + total / 2);
    auto i = static_cast<std::uint32_t>(upper - sums.begin());
    if (i == high) return high - 1;
    if (i > low + 1 && distance(low, i - 1, total) <= distance(low, i, total)) --i;
    return i;
  }
};

CodeTree::CodeTree(const Vocabulary& vocabulary, TreeShape shape) {
  Builder builder{vocabulary, shape, *this, false, {}, {}, {}, {}, {}, {}};
  builder.paths.resize(vocabulary.size() + 1);
  builder.build_letters();
  builder.build(false);
  builder.build(true);
  children_ = Table(std::move(builder.children));
  priors_ = Table(std::move(builder.priors));
  paths_ = Table(std::move(builder.paths));
}

}  // namespace ssmz::codec
