// SPDX-License-Identifier: Apache-2.0
// Reads the bigram section: code lengths, then for each context the nodes it has something to say of.
#include "codec/vocabulary/bigram_prior.hpp"

#include <array>
#include <utility>
#include <vector>

#include "codec/vocabulary/bigram_format.hpp"

namespace ssmz::codec {
namespace {

namespace format = bigram_format;

// Bits of a byte string, each byte's most significant first; zeros behind its end.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] unsigned peek(unsigned count) const noexcept {
    unsigned value = 0;
    const std::size_t byte = at_ / 8;
    for (std::size_t i = byte; i < byte + 3; ++i) value = value << 8 | (i < bytes_.size() ? bytes_[i] : 0u);
    return value >> (24 - at_ % 8 - count) & ((1u << count) - 1);
  }
  void skip(unsigned count) noexcept { at_ += count; }
  unsigned take() noexcept {
    const unsigned bit = peek(1);
    skip(1);
    return bit;
  }
  [[nodiscard]] bool past_end() const noexcept { return at_ > bytes_.size() * 8; }
  /// Nothing is left but the last byte's padding of zeros.
  [[nodiscard]] bool at_end() const noexcept {
    return !past_end() && (at_ + 7) / 8 == bytes_.size() && (at_ % 8 == 0 || peek(8 - at_ % 8) == 0);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

Status damaged(const char* detail) { return {Code::vocabulary_damaged, detail}; }

}  // namespace

class BigramPrior::Reader {
 public:
  Reader(BigramPrior& prior, std::span<const std::uint8_t> section, const CodeTree& tree)
      : prior_(prior), tree_(tree), section_(section), bits_(section) {}

  Status run() {
    nodes_.assign(1, static_cast<std::uint8_t>(format::symbol_of(no_shift, 0)));
    roots_.resize(format::roots_per_context);
    lexeme_contexts_.resize(prior_.vocabulary_->size() + 1);
    const Status status = section_.empty() ? Status{} : read_section();
    nodes_.shrink_to_fit();
    prior_.nodes_ = Table(std::move(nodes_));
    prior_.roots_ = Table(std::move(roots_));
    prior_.lexeme_contexts_ = Table(std::move(lexeme_contexts_));
    return status;
  }

 private:
  static constexpr std::uint16_t no_symbol = 0xffff;
  static constexpr unsigned no_shift = format::shifts.size() / 2;
  static_assert(format::shifts[no_shift] == 0.0f);

  Status read_section() {
    if (section_.size() < format::lengths_bytes) return damaged("bigram section cut off");
    if (!read_codes()) return damaged("bigram section's codes overlap");
    bits_ = BitReader(section_.subspan(format::lengths_bytes));
    for (unsigned i = 0; i < format::class_contexts; ++i)
      if (!read_context(false)) return damaged("bigram section does not fit the vocabulary");
    if (!read_lexemes()) return damaged("bigram section does not fit the vocabulary");
    return bits_.at_end() ? Status{} : damaged("bigram section ends late");
  }

  bool read_codes() {
    for (unsigned code = 0; code < format::code_count; ++code) {
      std::array<std::uint8_t, format::symbol_count> lengths{};
      for (unsigned i = 0; i < format::symbol_count; ++i) {
        const std::size_t at = std::size_t{code} * format::symbol_count + i;
        lengths[i] = section_[at / 2] >> (at % 2 ? 4 : 0) & 15u;
        if (lengths[i] > format::longest_code) return false;
      }
      std::array<std::uint16_t, format::symbol_count> codes{};
      if (!format::assign_codes(lengths, codes)) return false;
      lookup_[code].assign(std::size_t{1} << format::longest_code, no_symbol);
      for (unsigned i = 0; i < format::symbol_count; ++i) {
        if (lengths[i] == 0) continue;
        const unsigned spare = format::longest_code - lengths[i];
        for (unsigned k = 0; k < 1u << spare; ++k)
          lookup_[code][(unsigned{codes[i]} << spare) + k] = static_cast<std::uint16_t>(i | lengths[i] << 8u);
      }
    }
    return true;
  }

  // Contexts of lexemes stand in order, each after the distance to the one before (Elias' gamma code); a
  // distance that leads past the vocabulary ends them.
  bool read_lexemes() {
    for (std::uint64_t next = 0;;) {
      unsigned length = 0;
      while (bits_.take() == 0)
        if (++length > 20 || bits_.past_end()) return false;
      std::uint64_t distance = 1;
      for (unsigned i = 0; i < length; ++i) distance = distance * 2 + bits_.take();
      next += distance;
      if (bits_.past_end()) return false;
      if (next > lexeme_contexts_.size()) return next == lexeme_contexts_.size() + 1;
      lexeme_contexts_[next - 1] = static_cast<std::uint32_t>(roots_.size() / format::roots_per_context);
      if (!read_context(true)) return false;
    }
  }

  bool read_context(bool lexeme) {
    for (unsigned root = 0; root < format::roots_per_context; ++root) {
      if (bits_.take() == 0) {
        roots_.push_back(0);
        continue;
      }
      const std::uint32_t node = tree_.root((root & 1u) != 0);
      roots_.push_back(static_cast<Place>(nodes_.size()));
      if (node & CodeTree::leaf_flag || !read_node(node, lexeme, 0)) return false;
    }
    return !bits_.past_end();
  }

  // No deeper than the code tree is.
  bool read_node(std::uint32_t node, bool lexeme, unsigned depth) {
    const std::uint16_t found = lookup_[format::code_of(lexeme, depth)][bits_.peek(format::longest_code)];
    if (found == no_symbol) return false;
    bits_.skip(found >> 8u);
    if (bits_.past_end()) return false;
    const unsigned symbol = found & 0xffu;
    const std::size_t at = nodes_.size();
    const bool both = (symbol & both_children) == both_children;
    nodes_.resize(at + 1 + (both ? second_bytes : 0));
    nodes_[at] = static_cast<std::uint8_t>(symbol);
    for (unsigned bit = 0; bit < 2; ++bit) {
      if (!(symbol >> bit & 1u)) continue;
      const std::uint32_t child = tree_.child(node, bit);
      if (child & CodeTree::leaf_flag) return false;
      if (both && bit == 1)
        for (unsigned k = 0; k < second_bytes; ++k)
          nodes_[at + 1 + k] = static_cast<std::uint8_t>((nodes_.size() - at) >> (8 * k));
      if (!read_node(child, lexeme, depth + 1)) return false;
    }
    return true;
  }

  BigramPrior& prior_;
  std::vector<std::uint8_t> nodes_;
  std::vector<Place> roots_;
  std::vector<std::uint32_t> lexeme_contexts_;
  const CodeTree& tree_;
  std::span<const std::uint8_t> section_;
  BitReader bits_;
  std::array<std::vector<std::uint16_t>, format::code_count> lookup_;  // symbol, length << 8
};

Result<BigramPrior> BigramPrior::read(std::span<const std::uint8_t> section, const Vocabulary& vocabulary,
                                      const CodeTree& tree) {
  BigramPrior prior;
  prior.vocabulary_ = &vocabulary;
  if (Status status = Reader(prior, section, tree).run(); !status.ok()) return status;
  return prior;
}

BigramPrior::Place BigramPrior::class_root(LexemeId last, bool joined, bool word) const noexcept {
  const unsigned context = 1u + format::class_context(vocabulary_->distributional_class(last));
  const std::size_t at = std::size_t{context} * format::roots_per_context + format::root_of(joined, word);
  return at < roots_.size() ? roots_[at] : 0;
}

BigramPrior::Place BigramPrior::lexeme_root(LexemeId last, bool joined, bool word) const noexcept {
  return roots_[std::size_t{lexeme_contexts_[last]} * format::roots_per_context +
                format::root_of(joined, word)];
}

}  // namespace ssmz::codec
