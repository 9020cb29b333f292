// SPDX-License-Identifier: Apache-2.0
// The SSM's part in a decision: its logit, and what that logit has been worth, as inputs to the mixer.
#pragma once

#include <cstdint>
#include <string>

#include "codec/predict/online_logit.hpp"
#include "codec/predict/symbol_path.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// What a level gives the SSM. FORMAT.
struct SsmOptions {
  std::string stack;                                    ///< Layers as model::Stack reads them; empty: no SSM.
  model::LayerCatalogue layers = model::core_layers();  ///< What the stack may name.
  std::size_t d_model = 64;
  std::size_t replay = 1;  ///< Earlier chunks trained again after each chunk.
  int threads = 1;         ///< 2: training on a worker. Never changes a bit.
  std::uint64_t seed = 1;  ///< Of the first weights and of the choice of chunks to replay.
};

/// Online model over tokens with a logit for each node of the
/// code tree and each attribute decision. Not thread-safe.
class SsmInput {
 public:
  static constexpr unsigned inputs = OnlineLogit::inputs;

  /// Throws std::bad_alloc if memory is short.
  SsmInput(const SsmOptions& options, const Vocabulary& vocabulary, const CodeTree& tree);
  /// From here on it is only copied (OnlineLogit::freeze()).
  void freeze() { online_.freeze(); }
  [[nodiscard]] static model::OnlineConfig config_of(const SsmOptions& options, std::size_t lexemes,
                                                     std::size_t nodes);
  /// Bytes that it takes with a vocabulary of so many lexemes; 0 if the stack cannot be built.
  [[nodiscard]] static std::uint64_t memory(const SsmOptions& options, std::size_t lexemes);

  /// Loads into the cache what predict() of the same decision will need.
  void prefetch(const Position& at, std::uint32_t node) const noexcept {
    online_.prefetch(node_of(at, node));
  }
  /// Writes the inputs for the decision at `at`; `node` counts if the stage is the path.
  void predict(const Position& at, std::uint32_t node, float* out);
  /// `mixed`: the probability that was coded with.
  void learn(unsigned bit, float mixed);
  /// Consumes the token just coded.
  void step(Token token);
  /// Consumes a word that was spelled: its first token, and a hash of its letters.
  void step_spelled(Token first, std::uint64_t identity);

  /// Logit that the decision last predicted is 1.
  [[nodiscard]] float logit() const noexcept { return online_.logit(); }

 private:
  [[nodiscard]] std::uint32_t node_of(const Position& at, std::uint32_t node) const noexcept;
  [[nodiscard]] std::uint32_t attributes_of(Token token) const noexcept;

  OnlineLogit online_;  // kinds: by stage and depth
  const Vocabulary* vocabulary_;
  std::uint32_t lexemes_;
  std::uint32_t attribute_nodes_;  // id of the first node behind the tree's
  float surprise_ = 0.0f;  // bits of this token's decisions so far (not of letters), if the stack reads it
};

}  // namespace ssmz::codec
