// SPDX-License-Identifier: Apache-2.0
// Blocks of text through the tokenizer and the text model.
#include "codec/text/text_content.hpp"

#include <algorithm>
#include <array>

#include "codec/base/log2.hpp"
#include "codec/bytes/byte_content.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

/// What separator and case of each token cost in sixteenths of a bit: their entropy of order 0.
class AttributeCosts {
 public:
  explicit AttributeCosts(std::span<const Token> tokens) {
    std::array<std::uint64_t, 16> counts{};
    for (const Token token : tokens) ++counts[index(token)];
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i]) costs_[i] = log2_sixteenths(tokens.size()) - log2_sixteenths(counts[i]);
  }
  [[nodiscard]] std::uint64_t of(Token token) const noexcept { return costs_[index(token)]; }

 private:
  static std::size_t index(Token token) noexcept {
    return static_cast<std::size_t>(token.separator) * 4 + static_cast<std::size_t>(token.letter_case);
  }
  std::array<std::uint64_t, 16> costs_{};
};

// Of what it is estimated to cost text takes less than bytes do: lexemes, classes and the SSM learn more than
// counts of bytes know. 30,000 bytes each at -5, as text and as bytes, and the ratio of the estimates: access
// log 2,244, 2,290 (1.22), log of packages 865, 922 (1.07), terminal session 4,934, 5,882 (1.05 to 1.47),
// JSON 1,511, 1,692 (1.1), XML 1,855, 2,018 (60,000 bytes; 1.25 to 1.39), GBK 10,947, 11,978 (0.9 to 1.8);
// base64 23,234, 22,778 (1.56), hexadecimal 10,217, 10,153 (1.59), PDF streams 5,997, 5,804 (1.65), a
// database 12,756, 11,240 (1.73), sorted numbers 3,800, 3,219 (1.8). At -4 it is the same; at -2, with few
// contexts, as text and as bytes: access log 2,597, 2,393, log 1,116, 1,022, JSON 1,752, 1,814, XML 1,478,
// 1,587, terminal 5,526, 6,093.
constexpr int least_level_that_learns = 4;
constexpr std::uint64_t learned_share = 11;
constexpr std::uint64_t fast_share = 14;
constexpr std::uint64_t whole_share = 16;

/// Printable records of one length without lines, as of dBase, whose fields stand in columns that only the
/// model of bytes knows: half of all bytes are those above them, but not whatever is taken for above. A table
/// of 147,032 bytes at -5 11,994 as text, 10,680 as bytes.
bool has_fixed_records(std::span<const std::uint8_t> segment) {
  constexpr std::size_t least = 16, most = 1024, compared = 2048;
  const auto printable = [](std::uint8_t byte) { return byte >= ' '; };
  if (segment.size() < most + compared || !std::ranges::all_of(segment, printable)) return false;
  std::size_t greatest = 0, sum = 0;
  for (std::size_t distance = least; distance < most; ++distance) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < compared; ++i) equal += segment[i] == segment[i + distance];
    greatest = std::max(greatest, equal);
    sum += equal;
  }
  return greatest * 2 >= compared && sum * 2 < greatest * (most - least);
}

class TextContent final : public ContentModel {
 public:
  explicit TextContent(const ContentEnvironment& environment)
      : vocabulary_(environment.vocabulary),
        tokenizer_(vocabulary_),
        model_(vocabulary_, environment.table, text_options(environment.parameters, environment.threads)) {}

  [[nodiscard]] bool copyable() const override { return true; }
  void freeze() override { model_.freeze(); }
  [[nodiscard]] std::unique_ptr<ContentModel> copy(const ContentEnvironment& environment) const override {
    auto made = std::make_unique<TextContent>(*this);
    made->model_.move_to(environment.table);
    return made;
  }

  Status encode(DecisionIo& io, std::span<const std::uint8_t> raw, const Progress& progress) override {
    std::vector<Token> tokens;
    tokens.reserve(raw.size() / 3);  // grown by doubling they take up to three times as much for a moment
    tokenizer_.tokenize(raw, tokens, recent_);
    std::size_t done = 0;
    std::uint8_t scratch[max_token_bytes];
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      model_.code(io, std::span<const Token>(tokens).subspan(i));
      done += spell(*vocabulary_, tokens[i], scratch);
      if (progress && i % progress_interval == 0 && !progress(done)) return {Code::cancelled};
    }
    return {};
  }

  Status decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                const Progress& progress) override {
    std::uint8_t spelling[max_token_bytes];
    std::size_t done = 0;
    for (std::size_t i = 0; done < raw_size || model_.spelling(); ++i) {
      const unsigned letters = model_.letters();
      const Token token = model_.code(io, {});
      const bool ends_word = token.separator == Separator::spelled && token.lexeme == vocabulary_->spelled();
      if (ends_word && letters < Segmenter::least_letters)
        return {Code::data_damaged, "spelled word of less than two letters"};  // no progress without bytes
      const std::size_t count = spell(*vocabulary_, token, spelling);
      if (count > raw_size - done) return {Code::data_damaged, "token passes the end of its block"};
      raw.insert(raw.end(), spelling, spelling + count);
      done += count;
      if (const Status status = may_go_on(io, i, done, progress); !status.ok()) return status;
    }
    if (model_.repeating()) return {Code::data_damaged, "repeat passes the end of its block"};
    return {};
  }

 private:
  std::shared_ptr<const Vocabulary> vocabulary_;
  Tokenizer tokenizer_;
  RecentRuns recent_;
  TextModel model_;
};

}  // namespace

int favour_text(std::uint8_t byte) noexcept {
  constexpr int not_text_weight = 16;
  const bool looks_like_text = byte >= 0x20 ? byte != 0x7F : byte == '\n' || byte == '\t' || byte == '\r';
  return looks_like_text ? 1 : -not_text_weight;
}

Estimate make_text_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level) {
  const bool learns = level >= least_level_that_learns;
  return
      [learns, tokenizer = Tokenizer(vocabulary), segmenter = &vocabulary->tables().segmenter(),
       tokens = std::vector<Token>(), recent = RecentRuns()](std::span<const std::uint8_t> segment) mutable {
        tokens.clear();
        tokenizer.tokenize(segment, tokens, recent);
        const AttributeCosts attributes(tokens);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
          const bool repeats = i > 0 && tokens[i].lexeme == tokens[i - 1].lexeme;
          sum += repeats ? repeat_cost : segmenter->prior_cost(tokens[i]) + attributes.of(tokens[i]);
        }
        if (!learns) return sum * fast_share / whole_share;
        return has_fixed_records(segment) ? 2 * sum : sum * learned_share / whole_share;
      };
}

std::unique_ptr<ContentModel> make_text_content(const ContentEnvironment& environment) {
  return std::make_unique<TextContent>(environment);
}

}  // namespace ssmz::codec
