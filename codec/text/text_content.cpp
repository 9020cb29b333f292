// SPDX-License-Identifier: Apache-2.0
// Blocks of text through the tokenizer and the text model.
#include "codec/text/text_content.hpp"

#include "codec/levels/level_models.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/segmenter.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

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

std::unique_ptr<ContentModel> make_text_content(const ContentEnvironment& environment) {
  return std::make_unique<TextContent>(environment);
}

}  // namespace ssmz::codec
