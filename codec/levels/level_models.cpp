// SPDX-License-Identifier: Apache-2.0
// From a level and a table size to the options of each model.
#include "codec/levels/level_models.hpp"

#include <algorithm>

#include "codec/levels/level_grid.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::codec {
namespace {

// The level's own SSM begins behind so many tokens: before, it has little to say (progc at -5 +0.03 %,
// alice29.txt's first 20,000 bytes +0.05 %) and takes half of a short input's time and memory (1 kB at -5).
// Layers that are asked for begin at once. FORMAT.
constexpr unsigned tokens_before_own_ssm = 512;

// Of bytes likewise. FORMAT.
constexpr unsigned bytes_before_ssm = 1024;

constexpr unsigned drawing_history_log2 = 20, drawing_ask = 95;

struct SideSizes {
  unsigned history_log2;
  unsigned followers_log2;
  unsigned match_log2;
};

// Tables beside the slot table follow its size: matches reach over all of an input that it is sized for.
SideSizes side_sizes(const ModelParameters& parameters) {
  const unsigned bits = parameters.table_log2;
  const unsigned symbols = std::clamp(bits - settings_for(parameters.level).input_log2, 12u, 22u);
  return {symbols, std::clamp(bits - 8, 12u, 22u), std::max(symbols - 2, 10u)};
}

SsmChoice own_ssm(const LevelSettings& level) { return {level.ssm_stack, level.ssm_width, level.ssm_replay}; }

SsmChoice wished_ssm(int level, std::string_view stack, std::uint64_t width) {
  SsmChoice ssm = own_ssm(settings_for(level));
  if (!stack.empty()) ssm = {model::normal_stack_text(stack), usual_ssm_width, ssm.replay};
  if (width != 0) ssm.width = width;
  return ssm;
}

/// Parses the layers; no memory of the model's is taken.
model::Expected<std::uint64_t> ssm_requirement(const ModelParameters& parameters) {
  const TextModelOptions options = text_options(parameters, 1);
  return model::OnlineModel::requirement(SsmInput::config_of(options.ssm, usual_lexemes, usual_lexemes));
}

}  // namespace

TextModelOptions text_options(const ModelParameters& parameters, unsigned threads) {
  const SideSizes sizes = side_sizes(parameters);
  const LevelSettings& level = settings_for(parameters.level);
  const SsmChoice ssm = parameters.ssm.value_or(own_ssm(level));
  return {.contexts = level.text_contexts,
          .follower_contexts = level.followers,
          .matches = level.matches,
          .sets = level.text_sets,
          .finals = level.text_finals,
          .apms = level.text_apms,
          .chains = level.text_chains,
          .scaled_steps = level.text_chains,  // below, at -1, they gain nothing
          .preconditioner_rank = level.preconditioner,
          .mixer_rate = level.mixer_rate,
          .least_error = level.text_least_error,
          .finals_read_extra = parameters.level > 5,
          .recency = parameters.level >= 8,
          .wraps = parameters.level >= 4,
          .skip_bigrams = parameters.level >= 4,
          .history_log2 = sizes.history_log2,
          .follower_slots_log2 = sizes.followers_log2,
          .match_table_log2 = sizes.match_log2,
          .ssm = {.stack = ssm.stack,
                  .layers = model::all_layers(),
                  .d_model = ssm.width,
                  .replay = ssm.replay,
                  .threads = threads > 1 ? 2 : 1},
          .room_for_ssm = !ssm.stack.empty(),
          .tokens_before_ssm = parameters.ssm ? 0 : tokens_before_own_ssm};
}

ByteModelOptions byte_options(const ModelParameters& parameters, unsigned threads) {
  const SideSizes sizes = side_sizes(parameters);
  const LevelSettings& level = settings_for(parameters.level);
  return {.contexts = level.byte_contexts,
          .follower_contexts = level.byte_followers,
          .matches = level.byte_matches,
          .sets = level.byte_sets,
          .finals = level.byte_finals,
          .apms = level.byte_apms,
          .preconditioner_rank = level.preconditioner,
          .second_network = parameters.level >= 8,
          .mixer_rate = level.mixer_rate,
          .least_error = level.byte_least_error,
          .usual_square = level.byte_usual_square,
          .tree_tenths = level.byte_tree,
          .ask_from = level.byte_ask * 65536 / 100,
          .history_log2 = sizes.history_log2,
          .follower_slots_log2 = sizes.followers_log2 - 2,
          .match_table_log2 = sizes.match_log2,
          .ssm = {.d_model = level.byte_ssm_width, .threads = threads > 1 ? 2 : 1},
          .second_ssm = parameters.level == 9,
          .floats = parameters.level >= 8,
          .bytes_before_ssm = bytes_before_ssm};
}

// Drawings are short and nearly all certain: few tables, no APMs (they would gain 0.3 %), and questions at
// all levels. At -5 asked from 98, 97, 95 hundredths on: 1, 0.997, 0.995 of the bytes.
ByteModelOptions drawing_options(const ModelParameters& parameters) {
  ByteModelOptions options = byte_options(parameters, 1);
  options.drawing = true;
  options.follower_contexts = options.apms = 0;
  if (parameters.level > 3) options.ask_from = drawing_ask * 65536 / 100;
  options.history_log2 = std::min(options.history_log2, drawing_history_log2);
  options.match_table_log2 = std::min(options.match_table_log2, drawing_history_log2 - 2);
  options.ssm = {};
  options.second_network = options.second_ssm = options.floats = false;
  return options;
}

std::uint64_t table_bytes(const ModelParameters& parameters) {
  return (std::uint64_t{1} << parameters.table_log2) / 8 * settings_for(parameters.level).table_eighths;
}

std::uint64_t text_memory(const ModelParameters& parameters, std::size_t lexemes) {
  return TextModel::memory(text_options(parameters, 1), lexemes);
}

bool buildable(const ModelParameters& parameters) {
  return !parameters.ssm || ssm_requirement(parameters).ok();
}

std::string ssm_problem(int level, std::string_view stack, std::uint64_t width) {
  if (stack.empty() && width == 0) return {};
  if (level < min_level || level > max_level) return "there is no such level";
  if (stack.size() > max_stack_text) return "the layers' text is longer than 255 bytes";
  const SsmChoice ssm = wished_ssm(level, stack, width);
  if (ssm.stack.empty()) return "the level has no layers to widen";
  if (!valid_ssm_width(ssm.width)) return "the width must be a multiple of 16 in 16..1024";
  if (!valid(ssm))
    return "the layers' text is longer than 255 bytes or has characters that are not printable";
  const auto needed =
      ssm_requirement({.level = static_cast<std::uint8_t>(level), .table_log2 = 24, .ssm = ssm});
  return needed.ok() ? std::string() : needed.failure().message;
}

std::string ssm_layers() { return model::layer_help(model::all_layers()); }

std::optional<SsmChoice> ssm_choice(int level, std::string_view stack, std::uint64_t width) {
  if (stack.empty() && width == 0) return std::nullopt;
  SsmChoice ssm = wished_ssm(level, stack, width);
  if (ssm == own_ssm(settings_for(level))) return std::nullopt;
  return ssm;
}

std::uint64_t byte_memory(const ModelParameters& parameters, std::size_t) {
  return ByteModel::memory(byte_options(parameters, 1));
}

std::uint64_t drawing_memory(const ModelParameters& parameters, std::size_t) {
  return ByteModel::memory(drawing_options(parameters));
}

}  // namespace ssmz::codec
