// SPDX-License-Identifier: Apache-2.0
// Driving the online model from tokens and decisions.
#include "codec/text/ssm_input.hpp"

#include <algorithm>
#include <utility>

#include "codec/predict/logistic.hpp"
#include "codec/text/attribute_decisions.hpp"
#include "model/base/math.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned kind_count = stage_count * 3;
constexpr float least_probability = 1.0f / 65536.0f;  // no decision counts as more than 16 bits. FORMAT.
constexpr unsigned attribute_node_count = 16;
constexpr unsigned attribute_rows = 16;
constexpr unsigned spelled_rows = 4096;  // embeddings shared by the words that were spelled
// Embeddings shared by lexemes that begin with the same three letters, or end
// with the same three or two: what is learned of "-ing" serves words never
// seen: -0.14 % in the mix (enwik8-1M at -9), world192.txt 0.0 %. FORMAT.
constexpr unsigned letter_rows_log2 = 13;
constexpr std::size_t beginning = 3, ending = 3, short_ending = 2;
// And by lexemes whose distributional class begins with the same bits: -0.05 % in the mix (enwik8's first
// 60,000 bytes and alice29.txt's first 40,000 at -9); 12, 10, 7 and 5 bits the same. FORMAT.
constexpr unsigned fine_class_bits = 10, coarse_class_bits = 5;
constexpr std::uint32_t class_rows = (1u << fine_class_bits) + (1u << coarse_class_bits);

// One of the letter rows; `kind` keeps beginnings and endings apart.
std::uint32_t letter_row(std::string_view letters, std::uint32_t kind) {
  std::uint32_t hash = kind;
  for (const char c : letters) hash = (hash + static_cast<unsigned char>(c)) * 0x9E3779B1u;
  return hash >> (32 - letter_rows_log2);
}

}  // namespace

model::OnlineConfig SsmInput::config_of(const SsmOptions& options, std::size_t lexemes, std::size_t nodes) {
  model::OnlineConfig config = online_config();
  config.stack = options.stack;
  config.layers = options.layers;
  config.d_model = options.d_model;
  config.embedding_rows = lexemes + attribute_rows + spelled_rows + (1u << letter_rows_log2) + class_rows;
  config.head_nodes = nodes + attribute_node_count;
  config.chunk = 32;
  config.replay = options.replay;
  config.external_share = 0.5f;  // half the gradient from the final error; 0: +0.12 %
  config.threads = options.threads;
  config.seed = options.seed;
  return config;
}

std::uint64_t SsmInput::memory(const SsmOptions& options, std::size_t lexemes) {
  return OnlineLogit::memory(config_of(options, lexemes, lexemes), kind_count);  // a node fewer than leaves
}

SsmInput::SsmInput(const SsmOptions& options, const Vocabulary& vocabulary, const CodeTree& tree)
    : online_(config_of(options, static_cast<std::uint32_t>(vocabulary.size()), tree.inner_count()),
              kind_count),
      vocabulary_(&vocabulary),
      lexemes_(static_cast<std::uint32_t>(vocabulary.size())),
      attribute_nodes_(tree.inner_count()) {
  for (std::uint32_t node = 0; node < tree.inner_count(); ++node)
    online_.set_bias(node, stretch_table()[tree.prior(node) >> (16 - stretch_bits)]);
}

std::uint32_t SsmInput::node_of(const Position& at, std::uint32_t node) const noexcept {
  return at.stage == Stage::path ? node : attribute_nodes_ + attribute_decision(at.stage, at.taken.separator);
}

void SsmInput::predict(const Position& at, std::uint32_t node, float* out) {
  const unsigned depth = at.stage == Stage::path ? 1u + (at.taken.depth > 6) : 0u;
  online_.predict(node_of(at, node), static_cast<unsigned>(at.stage) * 3 + depth, out);
}

void SsmInput::learn(unsigned bit, float mixed) {
  if (online_.reads_surprise()) {
    constexpr float per_bit = 1.44269504f;
    surprise_ -= per_bit * model::log(std::max(bit != 0 ? mixed : 1.0f - mixed, least_probability));
  }
  online_.learn(bit, mixed);
}

void SsmInput::step(Token token) {
  const std::string_view letters = vocabulary_->spelling(token.lexeme);
  const auto from_end = [&](std::size_t count) {
    return letters.substr(letters.size() - std::min(letters.size(), count));
  };
  const std::uint32_t first = lexemes_ + attribute_rows + spelled_rows;
  const std::uint32_t first_class = first + (1u << letter_rows_log2);
  const std::uint32_t of_class = vocabulary_->distributional_class(token.lexeme);
  const std::uint32_t rows[] = {
      token.lexeme,
      attributes_of(token),
      first + letter_row(from_end(ending), 1),
      first + letter_row(letters.substr(0, beginning), 77),
      first + letter_row(from_end(short_ending), 1234),
      first_class + (of_class >> (class_bits - fine_class_bits)),
      first_class + (1u << fine_class_bits) + (of_class >> (class_bits - coarse_class_bits))};
  online_.step(rows, std::exchange(surprise_, 0.0f));
}

void SsmInput::step_spelled(Token first, std::uint64_t identity) {
  const std::uint32_t rows[] = {
      lexemes_ + attribute_rows + static_cast<std::uint32_t>(identity % spelled_rows), attributes_of(first)};
  online_.step(rows, std::exchange(surprise_, 0.0f));
}

std::uint32_t SsmInput::attributes_of(Token token) const noexcept {
  return lexemes_ + static_cast<unsigned>(token.separator) * 4 + static_cast<unsigned>(token.letter_case);
}

}  // namespace ssmz::codec
