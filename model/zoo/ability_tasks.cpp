// SPDX-License-Identifier: Apache-2.0
// Streams of the special-ability tests and the loop that trains on them.
#include "model/zoo/ability_tasks.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "model/base/math.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {
namespace {

constexpr std::uint32_t kKeys = 16, kNoise = 32, kMark = 48, kBlank = 49, kReset = 50;
constexpr std::size_t kAnswerBits = 4, kScored = 400, kPairAlphabet = 8, kShortCount = 31, kLongCount = 127;
constexpr int kNone = -1;

int as_answer(std::uint32_t value) { return static_cast<int>(value); }

/// `count` different numbers below 8 in random order.
std::vector<std::uint32_t> choose(std::size_t count, Random& random) {
  std::array<std::uint32_t, kPairAlphabet> all;
  std::iota(all.begin(), all.end(), 0u);
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(all[i], all[i + random.below(static_cast<std::uint32_t>(kPairAlphabet - i))]);
  }
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// Pairs, then questions; the first `again` keys are bound a second time before.
void append_recall(std::size_t pairs, std::size_t again, Random& random, std::vector<AbilityToken>& to) {
  const auto keys = choose(pairs, random);
  std::array<std::uint32_t, kPairAlphabet> value{};
  to.push_back({kReset, kNone});
  for (std::size_t i = 0; i < pairs + again; ++i) {
    const std::uint32_t key = keys[i % pairs];
    value[key] = random.below(kPairAlphabet);
    to.push_back({kKeys + key, kNone});
    to.push_back({value[key], kNone});
  }
  const auto order = choose(kPairAlphabet, random);
  for (const std::uint32_t key : order) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    to.push_back({kKeys + key, as_answer(value[key])});
  }
}

void append_selection(std::size_t count, Random& random, std::vector<AbilityToken>& to) {
  std::vector<std::uint32_t> data;
  to.push_back({kReset, kNone});
  for (std::size_t left = 16; left > 0; --left) {  // each place is data with the right probability
    if (random.below(static_cast<std::uint32_t>(left)) < count - data.size()) {
      data.push_back(random.below(8));
      to.push_back({data.back(), kNone});
    } else {
      to.push_back({kNoise + random.below(8), kNone});
    }
  }
  to.push_back({kMark, as_answer(data[0])});
  for (std::size_t i = 1; i < count; ++i) to.push_back({kBlank, as_answer(data[i])});
}

void append_delay(std::size_t delay, Random& random, std::vector<AbilityToken>& to) {
  const std::size_t before = to.size();
  for (std::size_t i = 0; i < 32; ++i) {
    to.push_back({random.below(8), kNone});
    if (before + i >= delay) to.back().answer = as_answer(to[before + i - delay].symbol);
  }
}

void append_count(std::size_t modulus, std::size_t length, Random& random, std::vector<AbilityToken>& to) {
  std::uint32_t sum = 0;
  to.push_back({kReset, kNone});
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint32_t digit = random.below(static_cast<std::uint32_t>(modulus));
    sum = (sum + digit) % static_cast<std::uint32_t>(modulus);
    to.push_back({kKeys + digit, as_answer(sum), i >= length / 4});
  }
}

void append_gap(std::size_t gap, Random& random, std::vector<AbilityToken>& to) {
  const std::uint32_t key = random.below(kPairAlphabet), value = random.below(kPairAlphabet);
  to.push_back({kReset, kNone});
  to.push_back({kKeys + key, kNone});
  to.push_back({value, kNone});
  for (std::size_t i = 0; i < gap; ++i) to.push_back({kNoise + random.below(16), kNone});
  to.push_back({kKeys + key, as_answer(value)});
}

/// Whole episodes as long as they fit into a chunk (at least one), then blanks up to whole chunks: so the
/// gradient sees all of each.
void append_chunk(std::string_view name, std::size_t number, std::size_t chunk, Random& random,
                  std::vector<AbilityToken>& to) {
  const std::size_t start = to.size();
  append_episode(name, number, kShortCount, random, to);
  const std::size_t episode = to.size() - start;
  while (to.size() - start + episode <= chunk) append_episode(name, number, kShortCount, random, to);
  while ((to.size() - start) % chunk != 0) to.push_back({kBlank, kNone});
}

/// Steps a model through tokens, trains it on the answers and counts the right ones.
class Learner {
 public:
  explicit Learner(OnlineModel& model) : model_(model) {}

  void feed(const AbilityToken& token, bool teach) {
    const std::uint32_t row = token.symbol;
    model_.step(std::span<const std::uint32_t>(&row, 1), surprise(token.symbol));
    if (token.answer == kNone) return;
    if (token.counted) right_.push_back(guess() == static_cast<std::uint32_t>(token.answer));
    if (!teach) return;
    std::uint32_t node = 1;
    for (std::size_t bit = kAnswerBits; bit-- > 0;) {
      const unsigned value = (static_cast<unsigned>(token.answer) >> bit) & 1u;
      model_.record(node, value);
      node = 2 * node + value;
    }
  }

  [[nodiscard]] std::size_t answers() const { return right_.size(); }
  /// Share of right ones among the last `count`.
  [[nodiscard]] float accuracy(std::size_t count) const {
    const std::size_t n = std::min(count, right_.size());
    if (n == 0) return 0.0f;
    const auto good = std::count(right_.end() - static_cast<std::ptrdiff_t>(n), right_.end(), true);
    return static_cast<float>(good) / static_cast<float>(n);
  }

 private:
  [[nodiscard]] std::uint32_t guess() const {
    std::uint32_t node = 1;
    while (node < kAbilityAnswers) node = 2 * node + (model_.logit(node) > 0.0f ? 1u : 0u);
    return node - kAbilityAnswers;
  }

  /// Bits of the symbol by its frequency so far.
  float surprise(std::uint32_t symbol) {
    counts_[symbol] += 1.0f;
    total_ += 1.0f;
    return (log(total_) - log(counts_[symbol])) * 1.44269504f;
  }

  OnlineModel& model_;
  std::array<float, kAbilitySymbols> counts_{};
  float total_ = 0.0f;
  std::vector<bool> right_;
};

}  // namespace

const std::vector<AbilityTask>& ability_tasks() {
  static const std::vector<AbilityTask> tasks = {
      {"recall", 4, 0.125f}, {"recall", 8, 0.125f}, {"rebind", 4, 0.125f},
      {"select", 4, 0.125f}, {"delay", 8, 0.125f},  {"delay", 64, 0.125f},
      {"count", 2, 0.5f},    {"count", 3, 0.333f},  {"gap", 1000, 0.125f}};
  return tasks;
}

void append_episode(std::string_view name, std::size_t number, std::size_t length, Random& random,
                    std::vector<AbilityToken>& to) {
  if (name == "recall") append_recall(number, 0, random, to);
  if (name == "rebind") append_recall(number, number / 2, random, to);
  if (name == "select") append_selection(number, random, to);
  if (name == "delay") append_delay(number, random, to);
  if (name == "count") append_count(number, length, random, to);
  if (name == "gap") append_gap(number, random, to);
}

Expected<AbilityScore> measure_ability(const std::string& stack, const AbilityTask& task,
                                       const AbilityLimits& limits) {
  OnlineConfig config;
  config.stack = stack;
  config.layers = all_layers();
  config.d_model = limits.width;
  config.embedding_rows = kAbilitySymbols;
  config.head_nodes = kAbilityAnswers;
  config.chunk = limits.chunk;
  config.replay = 0;
  config.learning_rate = limits.learning_rate;
  config.embedding_scale = 0.5f;
  config.seed = limits.seed;
  auto model = OnlineModel::create(config);
  if (!model.ok()) return model.failure();
  Learner learner(*model.value());
  Random random(limits.seed + 100);
  const bool gap = std::string_view(task.name) == "gap", delay = std::string_view(task.name) == "delay",
             count = std::string_view(task.name) == "count";
  std::vector<AbilityToken> tokens;
  std::size_t fed = 0;
  AbilityScore score;
  const std::size_t least = count ? limits.chunks : 0;  // exact counting goes on sharpening
  while (fed < limits.chunks * limits.chunk &&
         !(learner.answers() >= kScored && score.accuracy > 0.98f && fed >= least * limits.chunk)) {
    const std::size_t before = delay ? tokens.size() : 0;
    if (!delay) tokens.clear();
    append_chunk(task.name, gap ? 2 + random.below(20) : task.number, limits.chunk, random, tokens);
    for (std::size_t i = before; i < tokens.size(); ++i) learner.feed(tokens[i], true);
    fed += tokens.size() - before;
    score.accuracy = learner.accuracy(kScored);
  }
  score.chunks = fed / limits.chunk;
  if (!gap && !count) return score;
  const std::size_t before = learner.answers(), episodes = gap ? 32 : 4;
  for (std::size_t i = 0; i < episodes; ++i) {
    tokens.clear();
    append_episode(task.name, task.number, kLongCount, random, tokens);
    for (const AbilityToken& token : tokens) learner.feed(token, false);
  }
  score.accuracy = learner.accuracy(learner.answers() - before);
  return score;
}

}  // namespace ssmz::model
