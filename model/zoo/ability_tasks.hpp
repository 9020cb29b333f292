// SPDX-License-Identifier: Apache-2.0
// Synthetic streams that tell what a layer can and cannot do (LAYERS.md 0.7), and how well a stack learns
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/expected.hpp"
#include "model/base/random.hpp"

namespace ssmz::model {

/// Symbols 0..15 are what may have to be told; the others are keys, noise and marks.
inline constexpr std::uint32_t kAbilityAnswers = 16;
inline constexpr std::uint32_t kAbilitySymbols = 64;

/// One token, and what is to be predicted after it.
struct AbilityToken {
  std::uint32_t symbol;
  int answer;           ///< 0..15, or -1 if nothing is asked here.
  bool counted = true;  ///< Whether the answer enters the score (early, easy ones only teach).
};

/// A kind of stream. `recall n`: n pairs of key and value, then the keys in another order. `rebind`: 4 keys,
/// 2 of them bound again, the newest values asked. `select`: 4 data symbols among noise, then asked in order.
/// `delay k`: the symbol k tokens ago. `count m`: the running sum modulo m, asked all along, scored in the
/// second half. `gap n`: one pair, n tokens of noise, the key.
struct AbilityTask {
  const char* name;
  std::size_t number;
  float chance;  ///< Share of right answers without any memory.
};

/// All tasks of the table.
[[nodiscard]] const std::vector<AbilityTask>& ability_tasks();

/// Appends one episode (delay: a run of tokens) of the task called `name`; `length` is count's.
void append_episode(std::string_view name, std::size_t number, std::size_t length, Random& random,
                    std::vector<AbilityToken>& to);

struct AbilityLimits {
  std::size_t width = 32;
  std::size_t chunk = 64;
  std::size_t chunks =
      1500;  ///< Most that are trained; ends earlier once 98 % of the last 400 answers are right.
  float learning_rate = 3e-3f;
  std::uint64_t seed = 1;
};

struct AbilityScore {
  float accuracy =
      0.0f;  ///< Over the last 400 answers; of gap and count over long episodes it did not learn from.
  std::size_t chunks = 0;
};

/// Trains the stack online on the task. gap and count are learned on short episodes and scored on long
/// ones, with the state carried and without learning from their answers.
Expected<AbilityScore> measure_ability(const std::string& stack, const AbilityTask& task,
                                       const AbilityLimits& limits);

}  // namespace ssmz::model
