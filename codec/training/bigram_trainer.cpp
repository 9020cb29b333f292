// SPDX-License-Identifier: Apache-2.0
// Bigrams of lexemes as shifts of the code tree's logits: pruned by what a shift saves against what it takes.
#include "codec/training/bigram_trainer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "codec/vocabulary/bigram_format.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

namespace format = bigram_format;

constexpr std::size_t stretch_tokens = 16384;  // about 64 KiB
constexpr unsigned unit = 16;                  // a first occurrence in a text of weight 1
// Occurrences, in units, as the base foresees them, that are added to those counted: one of the heaviest
// texts.
constexpr double smoothing = 100.0;
constexpr double symbol_bits = 4.5;  // what a node takes in the file, about
constexpr unsigned searches = 14;    // halvings of the price of a bit

struct Bigram {
  std::uint64_t key;  // context (lexeme, joined), place of the next lexeme among the leaves
  std::uint32_t weight;
};

// The leaves below a node are a range of places.
struct Leaves {
  std::vector<std::uint32_t> places;   // [lexeme]
  std::vector<std::uint32_t> middles;  // [node]: the first place of its right half
};

std::uint32_t number_leaves(const CodeTree& tree, std::uint32_t node, std::uint32_t next, Leaves& leaves) {
  if (node & CodeTree::leaf_flag) {
    leaves.places[node & ~CodeTree::leaf_flag] = next;
    return next + 1;
  }
  leaves.middles[node] = number_leaves(tree, tree.child(node, 0), next, leaves);
  return number_leaves(tree, tree.child(node, 1), leaves.middles[node], leaves);
}

struct Draft {
  std::uint8_t symbol = 0;
  std::uint8_t code = 0;
  std::uint32_t second = 0;  // as in BigramPrior
};

using Counted = std::span<const Bigram>;

double weight_of(Counted counted) {
  double sum = 0.0;
  for (const Bigram& bigram : counted) sum += bigram.weight;
  return sum;
}

std::uint32_t place_of(const Bigram& bigram) { return static_cast<std::uint32_t>(bigram.key); }

double log2_of_odds(double logit, unsigned bit) { return -std::log2(1.0 + std::exp(bit ? -logit : logit)); }

// The nodes that one root of one context keeps, in preorder.
class Pruner {
 public:
  Pruner(const CodeTree& tree, const Leaves& leaves, double price)
      : tree_(tree), leaves_(leaves), price_(price * symbol_bits) {}

  /// `base`: drafts of the context's class, for a lexeme; its root is draft `at`, or npos.
  std::vector<Draft> run(Counted counted, bool word, const std::vector<Draft>* base) {
    drafts_.clear();
    base_ = base;
    const std::uint32_t root = tree_.root(word);
    if (!(root & CodeTree::leaf_flag)) place(root, counted, base != nullptr && !base->empty() ? 0 : none, 0);
    return std::move(drafts_);
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  [[nodiscard]] std::size_t base_child(std::size_t at, unsigned bit) const {
    if (at == none) return none;
    const unsigned children = (*base_)[at].symbol & 3u;
    if (!(children >> bit & 1u)) return none;
    return format::child_of(at, children, (*base_)[at].second, bit);
  }

  // What the subtree saves beyond its price; drops it if that is nothing.
  double place(std::uint32_t node, Counted counted, std::size_t base, unsigned depth) {
    if (counted.empty()) return 0.0;
    const std::size_t at = drafts_.size();
    drafts_.emplace_back();
    const auto middle = std::partition_point(
        counted.begin(), counted.end(), [&](const Bigram& b) { return place_of(b) < leaves_.middles[node]; });
    const Counted halves[2] = {Counted(counted.begin(), middle), Counted(middle, counted.end())};
    const double prior = tree_.prior(node) / 65536.0;
    double logit = std::log(prior / (1.0 - prior));
    if (base != none) logit += format::shifts[(*base_)[base].symbol / 4];
    auto [shift, gain] = best_shift(logit, weight_of(halves[0]), weight_of(halves[1]));
    unsigned children = 0;
    for (unsigned bit = 0; bit < 2; ++bit) {
      const std::uint32_t child = tree_.child(node, bit);
      if (child & CodeTree::leaf_flag) continue;
      const std::size_t below = drafts_.size();
      const double saved = place(child, halves[bit], base_child(base, bit), depth + 1);
      if (saved <= 0.0) continue;
      gain += saved;
      children |= 1u << bit;
      drafts_[at].second = static_cast<std::uint32_t>(below);
    }
    drafts_[at].symbol = static_cast<std::uint8_t>(format::symbol_of(shift, children));
    drafts_[at].code = static_cast<std::uint8_t>(format::code_of(base_ != nullptr, depth));
    if (gain > price_) return gain - price_;
    drafts_.resize(at);
    return 0.0;
  }

  static std::pair<unsigned, double> best_shift(double logit, double zeros, double ones) {
    const double p = 1.0 / (1.0 + std::exp(-logit));
    const double smoothed = (ones + smoothing * p) / (zeros + ones + smoothing);
    const double wanted = std::log(smoothed / (1.0 - smoothed)) - logit;
    unsigned best = 0;
    for (unsigned i = 1; i < format::shifts.size(); ++i)
      if (std::abs(format::shifts[i] - wanted) < std::abs(format::shifts[best] - wanted)) best = i;
    const double moved = logit + format::shifts[best];
    const double gain = zeros * (log2_of_odds(moved, 0) - log2_of_odds(logit, 0)) +
                        ones * (log2_of_odds(moved, 1) - log2_of_odds(logit, 1));
    return {best, gain};
  }

  const CodeTree& tree_;
  const Leaves& leaves_;
  double price_;
  const std::vector<Draft>* base_ = nullptr;
  std::vector<Draft> drafts_;
};

class BitWriter {
 public:
  void put(unsigned value, unsigned count) {
    for (unsigned i = count; i-- > 0;) {
      if (filled_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> i & 1u) << (7 - filled_));
      filled_ = (filled_ + 1) % 8;
    }
  }
  void put_gamma(std::uint64_t value) {
    unsigned length = 0;
    while (value >> (length + 1)) ++length;
    put(0, length);
    put(static_cast<unsigned>(value), length + 1);
  }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  unsigned filled_ = 0;
};

// Lengths of a Huffman code, none longer than longest_code: rare symbols count for more until that is so.
std::array<std::uint8_t, format::symbol_count> code_lengths(
    const std::array<std::uint64_t, format::symbol_count>& counts) {
  for (std::uint64_t least = 1;; least *= 2) {
    struct Node {
      std::uint64_t count;
      int left, right;
    };
    std::vector<Node> nodes;
    std::vector<int> open, symbols;
    for (unsigned i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      symbols.push_back(static_cast<int>(i));
      open.push_back(static_cast<int>(nodes.size()));
      nodes.push_back({std::max(counts[i], least), -1, -1});
    }
    std::array<std::uint8_t, format::symbol_count> lengths{};
    if (symbols.size() == 1) lengths[static_cast<unsigned>(symbols[0])] = 1;
    if (symbols.size() < 2) return lengths;
    while (open.size() > 1) {
      std::stable_sort(open.begin(), open.end(), [&](int a, int b) {
        return nodes[static_cast<unsigned>(a)].count > nodes[static_cast<unsigned>(b)].count;
      });
      const int a = open.back(), b = open[open.size() - 2];
      open.resize(open.size() - 2);
      open.push_back(static_cast<int>(nodes.size()));
      nodes.push_back({nodes[static_cast<unsigned>(a)].count + nodes[static_cast<unsigned>(b)].count, a, b});
    }
    std::vector<unsigned> depths(nodes.size());
    unsigned deepest = 0;
    for (std::size_t i = nodes.size(); i-- > symbols.size();) {
      depths[static_cast<unsigned>(nodes[i].left)] = depths[static_cast<unsigned>(nodes[i].right)] =
          depths[i] + 1;
    }
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      lengths[static_cast<unsigned>(symbols[i])] = static_cast<std::uint8_t>(std::min(depths[i], 255u));
      deepest = std::max(deepest, depths[i]);
    }
    if (deepest <= format::longest_code) return lengths;
  }
}

class Trainer {
 public:
  explicit Trainer(std::shared_ptr<const Vocabulary> vocabulary)
      : shared_(std::move(vocabulary)), vocabulary_(*shared_), tree_(vocabulary_.tables().tree()) {
    leaves_.places.resize(vocabulary_.size() + 1);
    leaves_.middles.resize(tree_.inner_count());
    first_word_ = number_leaves(tree_, tree_.root(false), 0, leaves_);
    number_leaves(tree_, tree_.root(true), first_word_, leaves_);
  }

  Status count(std::span<const CorpusText> corpus, const TrainingProgress& progress) {
    const Tokenizer tokenizer(shared_);
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < corpus.size(); ++i) {
      if (progress && !progress("bigrams", double(i) / double(corpus.size()))) return {Code::cancelled};
      tokens.clear();
      tokenizer.tokenize(corpus[i].bytes, tokens);
      add(tokens, corpus[i].weight);
    }
    merge(bigrams_);
    by_class_ = bigrams_;
    for (Bigram& bigram : by_class_) {
      const std::uint64_t context = bigram.key >> 32;
      const std::uint64_t cls =
          format::class_context(vocabulary_.distributional_class(static_cast<LexemeId>(context / 2)));
      bigram.key = (cls * 2 + context % 2) << 32 | place_of(bigram);
    }
    merge(by_class_);
    return {};
  }

  // The cheapest price of a bit at which all fits.
  std::vector<std::uint8_t> fit(std::size_t size) {
    double low = std::log(1e-1), high = std::log(1e7);
    std::vector<std::uint8_t> best = write(std::exp(high));
    if (best.size() > size) return {};
    for (unsigned i = 0; i < searches; ++i) {
      const double middle = (low + high) / 2;
      std::vector<std::uint8_t> written = write(std::exp(middle));
      if (written.size() <= size) {
        best = std::move(written);
        high = middle;
      } else {
        low = middle;
      }
    }
    return best;
  }

 private:
  struct Context {
    std::uint64_t number = 0;
    std::array<std::vector<Draft>, format::roots_per_context> roots;
  };

  void add(std::span<const Token> tokens, std::uint32_t weight) {
    LexemeId last = vocabulary_.spelled();
    bool first = true;
    std::vector<Bigram> stretch;
    const auto flush = [&] {
      std::sort(stretch.begin(), stretch.end(),
                [](const Bigram& a, const Bigram& b) { return a.key < b.key; });
      for (std::size_t i = 0, times = 0; i < stretch.size(); ++i) {
        times = i > 0 && stretch[i].key == stretch[i - 1].key ? times + 1 : 1;
        const auto share = static_cast<std::uint32_t>(unit / times);
        if (share > 0) bigrams_.push_back({stretch[i].key, share * weight});
      }
      stretch.clear();
    };
    for (const Token& token : tokens) {
      if (token.separator == Separator::spelled) continue;
      const std::uint64_t context = std::uint64_t{last} * 2 + (token.separator == Separator::none);
      if (!first) stretch.push_back({context << 32 | leaves_.places[token.lexeme], 0});
      if (stretch.size() == stretch_tokens) flush();
      first = false;
      last = token.lexeme;
    }
    flush();
    if (bigrams_.size() > merge_at_) {
      merge(bigrams_);
      merge_at_ = bigrams_.size() * 2 + (std::size_t{1} << 22);
    }
  }

  static void merge(std::vector<Bigram>& bigrams) {
    std::sort(bigrams.begin(), bigrams.end(), [](const Bigram& a, const Bigram& b) { return a.key < b.key; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < bigrams.size(); ++i) {
      if (kept > 0 && bigrams[kept - 1].key == bigrams[i].key) {
        const std::uint64_t sum = std::uint64_t{bigrams[kept - 1].weight} + bigrams[i].weight;
        bigrams[kept - 1].weight = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, 0xffffffffu));
      } else {
        bigrams[kept++] = bigrams[i];
      }
    }
    bigrams.resize(kept);
  }

  // The drafts of all contexts of sorted `bigrams` that keep any; `bases` of the classes for lexemes.
  std::vector<Context> prune(const std::vector<Bigram>& bigrams, double price,
                             const std::vector<Context>* bases) const {
    Pruner pruner(tree_, leaves_, price);
    std::vector<Context> kept;
    for (std::size_t i = 0; i < bigrams.size();) {
      const std::uint64_t number = bigrams[i].key >> 33;
      Context context{number, {}};
      bool any = false;
      while (i < bigrams.size() && bigrams[i].key >> 33 == number) {
        const bool joined = bigrams[i].key >> 32 & 1u;
        const bool word = place_of(bigrams[i]) >= first_word_;
        const std::size_t start = i;
        while (i < bigrams.size() && bigrams[i].key >> 32 == bigrams[start].key >> 32 &&
               (place_of(bigrams[i]) >= first_word_) == word)
          ++i;
        const unsigned root = format::root_of(joined, word);
        const std::vector<Draft>* base = nullptr;
        if (bases) {
          const unsigned cls = vocabulary_.distributional_class(static_cast<LexemeId>(number));
          base = &(*bases)[format::class_context(cls)].roots[root];
        }
        context.roots[root] = pruner.run(Counted(&bigrams[start], i - start), word, base);
        any |= !context.roots[root].empty();
      }
      if (any) kept.push_back(std::move(context));
    }
    return kept;
  }

  std::vector<std::uint8_t> write(double price) const {
    std::vector<Context> classes(format::class_contexts);
    for (Context& context : prune(by_class_, price, nullptr)) {
      const std::uint64_t number = context.number;
      classes[number] = std::move(context);
    }
    const std::vector<Context> lexemes = prune(bigrams_, price, &classes);
    std::array<std::array<std::uint64_t, format::symbol_count>, format::code_count> counts{};
    for (const auto* contexts : {static_cast<const std::vector<Context>*>(&classes), &lexemes})
      for (const Context& context : *contexts)
        for (const auto& root : context.roots)
          for (const Draft& draft : root) ++counts[draft.code][draft.symbol];
    std::vector<std::uint8_t> lengths;
    std::array<std::array<std::uint16_t, format::symbol_count>, format::code_count> codes{};
    for (unsigned code = 0; code < format::code_count; ++code) {
      const auto own = code_lengths(counts[code]);
      format::assign_codes(own, codes[code]);
      lengths.insert(lengths.end(), own.begin(), own.end());
    }
    BitWriter bits;
    for (std::size_t i = 0; i < lengths.size(); i += 2)
      bits.put(lengths[i] | unsigned{lengths[i + 1]} << 4, 8);
    const auto put = [&](const Context& context) {
      for (const auto& root : context.roots) {
        bits.put(root.empty() ? 0u : 1u, 1);
        for (const Draft& draft : root)
          bits.put(codes[draft.code][draft.symbol],
                   lengths[std::size_t{draft.code} * format::symbol_count + draft.symbol]);
      }
    };
    for (const Context& context : classes) put(context);
    std::uint64_t next = 0;
    for (const Context& context : lexemes) {
      bits.put_gamma(context.number + 1 - next);
      next = context.number + 1;
      put(context);
    }
    bits.put_gamma(vocabulary_.size() + 2 - next);
    return std::move(bits.bytes());
  }

  std::shared_ptr<const Vocabulary> shared_;
  const Vocabulary& vocabulary_;
  const CodeTree& tree_;
  Leaves leaves_;
  std::uint32_t first_word_ = 0;
  std::vector<Bigram> bigrams_, by_class_;  // in order of key, once merged
  std::size_t merge_at_ = std::size_t{1} << 23;
};

}  // namespace

Result<std::vector<std::uint8_t>> train_bigrams(std::shared_ptr<const Vocabulary> vocabulary,
                                                std::size_t size, std::span<const CorpusText> corpus,
                                                const TrainingProgress& progress) {
  Trainer trainer(std::move(vocabulary));
  if (Status status = trainer.count(corpus, progress); !status.ok()) return status;
  return trainer.fit(size);
}

}  // namespace ssmz::codec
