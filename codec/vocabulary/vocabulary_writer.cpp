// SPDX-License-Identifier: Apache-2.0
// Front-codes the sorted spellings, quantises the weights, parts all into columns and seals the file.
#include "codec/vocabulary/vocabulary_writer.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/vocabulary/vocabulary_format.hpp"

namespace ssmz::codec {
namespace {

namespace format = vocabulary_format;

// Largest exponent whose weight is not above `weight`.
std::uint8_t quantise(std::uint64_t weight) {
  unsigned q = 255;
  while (q > 0 && format::weight_of(static_cast<std::uint8_t>(q)) > weight) --q;
  return static_cast<std::uint8_t>(q);
}

using Bytes = std::vector<std::uint8_t>;
using Drafts = std::vector<const LexemeDraft*>;

void append(const Bytes& column, Bytes& file) { file.insert(file.end(), column.begin(), column.end()); }

void append_spellings(const Drafts& sorted, Bytes& file) {
  Bytes shapes, lengths, suffixes;
  std::string_view previous;
  for (const LexemeDraft* draft : sorted) {
    const std::string_view spelling = draft->spelling;
    const auto mismatch = std::mismatch(spelling.begin(), spelling.end(), previous.begin(), previous.end());
    const auto common = static_cast<std::size_t>(mismatch.first - spelling.begin());
    const std::size_t shared = std::min<std::size_t>(common, format::max_shared);
    const std::string_view suffix = spelling.substr(shared);
    const bool is_short = suffix.size() <= format::max_short_suffix;
    shapes.push_back(static_cast<std::uint8_t>(shared << 4 | (is_short ? suffix.size() : 0)));
    if (!is_short) lengths.push_back(static_cast<std::uint8_t>(suffix.size()));
    suffixes.insert(suffixes.end(), suffix.begin(), suffix.end());
    previous = spelling;
  }
  for (const Bytes* column : {&shapes, &lengths, &suffixes}) append(*column, file);
}

void append_weights_and_classes(const Drafts& sorted, Bytes& file) {
  Bytes high, low;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const unsigned cls = sorted[i]->distributional_class;
    file.push_back(quantise(sorted[i]->weight));
    high.push_back(static_cast<std::uint8_t>(cls >> 4));
    if (i % 2 == 0) low.push_back(0);
    low.back() = static_cast<std::uint8_t>(low.back() | (cls & 15) << (i % 2 * 4));
  }
  append(high, file);
  append(low, file);
}

}  // namespace

std::vector<std::uint8_t> write_vocabulary(std::span<const LexemeDraft> lexemes,
                                           std::span<const std::uint8_t> bigrams) {
  Drafts sorted(lexemes.size());
  for (std::size_t i = 0; i < lexemes.size(); ++i) sorted[i] = &lexemes[i];
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->spelling < b->spelling; });

  Bytes file(format::magic.begin(), format::magic.end());
  append_little_endian(sorted.size(), 4, file);
  append_spellings(sorted, file);
  append_weights_and_classes(sorted, file);
  append_little_endian(bigrams.size(), format::bigram_size_bytes, file);
  file.insert(file.end(), bigrams.begin(), bigrams.end());
  append_little_endian(checksum(file), format::checksum_bytes, file);
  return file;
}

}  // namespace ssmz::codec
