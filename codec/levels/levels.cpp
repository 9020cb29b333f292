// SPDX-License-Identifier: Apache-2.0
// The grid of levels.
#include "codec/levels/levels.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "codec/levels/level_grid.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t MiB = 1u << 20;

// One line a level, in LevelSettings' order: contexts, followers, matches, sets, finals, APMs and so on.
// GRID.md has the measurements that chose them.
// clang-format off
constexpr std::array<LevelSettings, 9> grid = {{
    // text                       mixers                    bytes                              table           SSM               copies, frame
    //c   f  m   s  n  a  chains  rk    rate  text    bytes   c   f  m   s  n  a    sq  tr  as  ss  in lg  mx   8      stack   w  r  re  MiB
    { 4,  0, 1,  2, 0, 0,  false,  0, 0.044f, 0.02f, 0.005f,  7,  0, 1,  2, 0, 0,    0, 70, 75,  0,  5, 5, 26,  6,        "", 16, 0, 24,  64},
    { 8,  1, 1,  3, 0, 1,  false,  0, 0.035f, 0.02f, 0.002f, 10,  2, 1,  4, 1, 1,    0, 70, 85,  0,  5, 5, 26, 12,        "", 16, 0, 24,  64},
    {12,  2, 1,  5, 1, 1,  false,  4, 0.028f, 0.02f, 0.002f, 16,  2, 2,  6, 3, 1,    5, 60, 93,  0,  6, 6, 28,  8,        "", 16, 0, 24,  64},
    {22,  7, 3, 10, 2, 2,  false,  2,  0.02f, 0.01f, 0.002f, 21,  4, 2,  8, 3, 2,    3,  0, 95,  0,  7, 6, 28,  8,        "", 16, 0, 24,  64},
    {45, 12, 3, 14, 5, 3,   true,  2,  0.02f, 0.01f, 0.002f, 32, 13, 2, 10, 4, 3,    3,  0, 98,  0,  8, 7, 28,  6, "s6", 32, 0, 24,  64},
    {54, 12, 3, 16, 5, 3,   true,  2,  0.02f, 0.01f, 0.002f, 54, 17, 3, 14, 4, 3, 1.5f,  0,  0, 32,  8, 8, 29, 10, "s6", 32, 0, 26,  64},
    {67, 12, 3, 18, 5, 3,   true,  4,  0.02f, 0.01f, 0.002f, 82, 17, 3, 16, 4, 3, 1.5f,  0,  0, 32,  8, 8, 29, 12, "s6", 64, 0, 26,  64},
    {103,18, 4, 30, 5, 3,   true,  8,  0.02f, 0.01f, 0.002f, 92, 17, 3, 19, 4, 3, 1.5f,  0,  0, 32,  8, 8, 30,  8, "s6", 32, 0, 26, 128},
    {103,18, 4, 30, 5, 3,   true,  8,  0.02f, 0.01f, 0.002f, 92, 17, 3, 19, 4, 3, 1.5f,  0,  0, 48,  8, 8, 30,  8, "s6 | s6", 64, 0, 26, 128},
}};
// clang-format on

}  // namespace

const LevelSettings& settings_for(int level) noexcept {
  return grid[static_cast<std::size_t>(std::clamp(level, min_level, max_level) - min_level)];
}

std::optional<ModelParameters> parameters_for(int level, std::optional<std::uint64_t> size,
                                              std::uint64_t memory_limit,
                                              const std::optional<SsmChoice>& ssm) {
  if (level < min_level || level > max_level) return std::nullopt;
  ModelParameters parameters;
  parameters.level = static_cast<std::uint8_t>(level);
  parameters.ssm = ssm;
  if (ssm && memory_limit == 0) memory_limit = greatest_memory_needed();
  unsigned bits = settings_for(level).table_log2;
  if (size) {
    // From -4 on 128 to 256 bytes for each byte of input. Twice and four times as many: -0.01 % at most
    // (enwik8-1M, alice29.txt, kennedy.xls at -5, enwik8-1M at -9). With fewer contexts fewer are enough: at
    // -1 16 to 32, enwik8's first 400,000 bytes 82,690 -> 82,736 in 0.95 of the time and 36 instead of 90 MB.
    // -4 and -5 have half as many above 128 MB: enwik8-1M 188,331 -> 188,333 and 181,340 -> 181,385 in some
    // 0.9 of the time; obj2 and trans at -5 with half as many 44,267 -> 44,357, 10,226 -> 10,231.
    const auto width = static_cast<unsigned>(std::bit_width(*size));
    const LevelSettings& settings = settings_for(level);
    const unsigned wanted =
        std::min(width + settings.input_log2, std::max(width + settings.large_log2, large_table_log2));
    bits = std::clamp(wanted, least_table_log2, bits);
  }
  for (; bits >= least_table_log2; --bits) {
    parameters.table_log2 = static_cast<std::uint8_t>(bits);
    if (memory_limit == 0 || memory_needed(parameters) <= memory_limit) return parameters;
  }
  return std::nullopt;
}

bool valid(const ModelParameters& parameters, std::optional<std::uint64_t> size) {
  const std::optional<ModelParameters> greatest = parameters_for(parameters.level, size, 0);
  if (!greatest || parameters.table_log2 < least_table_log2 || parameters.table_log2 > greatest->table_log2)
    return false;
  return !parameters.ssm || valid(*parameters.ssm);
}

bool valid(const SsmChoice& ssm) {
  return !ssm.stack.empty() && ssm.stack.size() <= max_stack_text && valid_ssm_width(ssm.width) &&
         ssm.replay <= most_replay &&
         std::all_of(ssm.stack.begin(), ssm.stack.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::uint64_t greatest_memory_needed() {
  std::uint64_t greatest = 0;
  for (int level = min_level; level <= max_level; ++level)
    greatest = std::max(greatest, memory_needed(*parameters_for(level, std::nullopt, 0)));
  return greatest;
}

bool of_known_size(const ModelParameters& parameters) {
  return parameters.table_log2 < settings_for(parameters.level).table_log2;
}

std::uint64_t copy_reach(const ModelParameters& parameters) {
  const LevelSettings& level = settings_for(parameters.level);
  if (!of_known_size(parameters)) return std::uint64_t{1} << level.reach_log2;
  const unsigned input = parameters.table_log2 < large_table_log2 ? level.input_log2 : level.large_log2;
  return std::uint64_t{1} << std::min(parameters.table_log2 - input, level.reach_log2);
}

std::uint64_t default_frame_size(int level) { return settings_for(level).frame_mib * MiB; }

}  // namespace ssmz::codec
