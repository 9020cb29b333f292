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
// What chose them: text at -1, 200,000 bytes of enwik8, user time on a busy machine: {12, 2, 1, 5, 1, 1}
// 38,038 in 1.06 s, {6, 2, 1, 2, 0, 0} 39,735 in 0.73, {5, 2, 1, 2, 0, 0} 39,807 in 0.60, {4, 1, 1, 2, 0, 0}
// 39,861 in 0.62, {4, 1, 1, 1, 0, 0} 40,565 in 0.69, {3, 1, 1, 2, 0, 0} 43,437 in 0.55. Bytes at -1, 100,000
// of a program and 150,000 of a table: {16, 2, 1, 14, 4, 1} 26,322 in 1.65 s and 2,439 in 1.69, {16, 2, 1,
// 6, 1, 1} 27,039 in 1.21 and 2,980 in 1.22, {12, 2, 1, 5, 0, 0} 27,989 in 0.76 and 3,078 in 0.97, {10, 2,
// 1, 4, 0, 1} 28,915 in 0.84 and 3,289 in 0.89. The table of -5, 2^29 * 9/8 and 2^28 bytes: enwik8's first 3
// MB 545,960 and 546,012, world192.txt 268,835 and 268,915. -5, enwik8's first 200,000 bytes, user time of
// one thread on a busy machine: {44, 13, 4, 14} with a width of 64 35,513 in 7.4 s, {54, 16, 4, 16} with 32
// 35,414 in 6.3; -6: {54, 18, 4, 16} with 64 35,375 in 8.0, {60, 18, 4, 18} with 32 35,344 in 6.5. For -5's
// time: of 48, 14, 4, 14 and rank 4, 45 contexts, 12 followers, 3 matches and rank 2 are left; rank 2 +0.05
// %, followers and matches nothing, 12 sets +0.25 %, 44 contexts +0.1 %. -4: 22 contexts are 96 inputs, a
// multiple of 16; 23 -0.07 % on 450,000 bytes of seven texts. First rates: few inputs want long steps. -1 at
// 0.02, 0.028, 0.04, 0.056: enwik8's first 200,000 bytes 39,827, 39,769, 39,733, -, 100,000 of obj2 28,446,
// 28,261, 28,112, 28,039, 200,000 of kennedy.xls 3,081, 3,036, 3,021, 3,060; -2 at 0.02, 0.028, 0.04 38,998,
// 38,932, 38,905, bytes 26,795, -, 26,600, kennedy.xls 2,880, -, 2,958; -3 37,757, 37,714, 37,708 and
// 25,658, 25,540, -; -4 36,491, 36,469, 36,491, trans 10,735, 10,758, 10,824. Steps of bytes by how much the
// inputs say: at -9 with 92 contexts 100,000 bytes each of obj2, ooffice and a sqlite database 24,406,
// 32,249, 6,868 -> 24,416, 32,229, 6,817, 200,000 of kennedy.xls 2,008 -> 1,890 (3: 24,425, 32,246, 6,859,
// 1,923); at -5 with 3 24,976, 33,030, 7,442, 1,936 -> 24,929, 32,940, 7,427, 1,895; at -3 with 5 25,986,
// 34,071, 8,145, 2,095 -> 25,851, 33,931, 8,093, 2,096; at -2 with 3 kennedy.xls +2 %. Trees of bytes by
// frequencies: bytes/byte_tree.cpp has what they cost at -1; at -5, 60,000 bytes of kennedy.xls 1,208 ->
// 1,228, 50,000 each of numbers, hexadecimal, UTF-16 12,611, 21,305, 7,608 -> 12,599, 21,362, 7,642, numbers
// and hexadecimal in 0.75 and 0.86 of the time: not taken. Least error at -1, 0.002, 0.005, 0.01: 100,000
// bytes each of obj2, a program for arm64 and a sqlite database, 200,000 each of kennedy.xls and git, geo
// together 153,692, 153,612, 153,593, kennedy.xls alone 3,653, 3,654, 3,673. Of text, 0.002, 0.005, 0.01,
// 0.02: 450,000 bytes of seven texts of five languages at -1 -, 117,293, 117,289, 117,321, at -3 110,792,
// 110,776, 110,770, 110,781, at -4 105,987, 105,973, 105,977, 106,017, at -5 102,288, -, 102,248, - in 0.985
// of the instructions, at -9 without SSM 100,636, -, 100,608, -. -8 is -9 with SSMs half as wide, of one
// layer, and one SSM of bytes instead of two. One layer instead of two, enwik8's first 500,000 bytes: -5
// 90,537 -> 90,567 in 0.87 to 0.95 of the time, -6 90,154 -> 90,182 in 0.92, -7 89,862 -> 89,878 in 0.9; -6
// with {54, 18, 4, 16} and rank 4 90,187, {54, 12, 3, 14} and rank 2 90,278, {50, 12, 3, 16} and 4 90,358.
// Half the table at -3: enwik8-1M 190,639 -> 190,645, kennedy.xls 8,961 -> 8,960, obj2 45,930 -> 45,980; a
// quarter: 190,689. At -4 without SSM's room: 186,049, 186,063, 186,179; obj2 45,932, 45,941, 46,040; -5
// 180,415, 180,604. Least error of text 0.01, 0.02, 0.04: e04 at -1 82,269, 82,281, 82,413, at -2 78,063,
// 78,067, 78,106, at -3 76,389, 76,391, 76,454. Questions of bytes from 90, 93 hundredths on at -1: ten files
// of bench/EXPERIMENTS.md +0.65, +0.39 % in the mean in 0.64, 0.66 of the decisions; from 90, 95 on at -2
// +0.89, +0.42 % in 0.64, 0.69. Bytes at -1 to -5 for their time, without first values, 25,000 bytes each of
// six files at -5 of then 48, 17, 3, 14, 4, 3: followers 9, 4 +0.25, +0.41 %, 2 matches +0.02, 2 finals
// +0.45, 1 APM +0.14, 10 sets +0.60, 8 of them in their order now with 3 finals and 2 APMs +0.48 %; questions
// from 95 on, 40,000 bytes each of eight files, at -5, -4, -3 +0.49, +0.46, +0.48 % in 0.77, 0.77, 0.83 of
// the decisions; at -1 from 80, 75, 65, 50 instead of 93, 100,000 each of eleven, +0.34, +0.43, +0.63, +1.06
// % in 0.91, 0.89, 0.86, 0.84; which contexts and sets are the first: bytes/byte_contexts.cpp,
// byte_selectors.cpp.
// clang-format off
constexpr std::array<LevelSettings, 9> grid = {{
    // text                       mixers                    bytes                              table           SSM               copies, frame
    //c   f  m   s  n  a  chains  rk    rate  text    bytes   c   f  m   s  n  a    sq  tr  as  ss  in lg  mx   8      stack   w  r  re  MiB
    { 4,  0, 1,  2, 0, 0,  false,  0, 0.044f, 0.02f, 0.005f,  7,  0, 1,  2, 0, 0,    0, 70, 75,  0,  5, 5, 26,  8,        "", 16, 0, 24,  64},
    { 8,  1, 1,  3, 0, 1,  false,  0, 0.035f, 0.02f, 0.002f, 10,  2, 1,  4, 1, 1,    0, 70, 85,  0,  5, 5, 26, 12,        "", 16, 0, 24,  64},
    {12,  2, 1,  5, 1, 1,  false,  4, 0.028f, 0.02f, 0.002f, 16,  2, 2,  6, 3, 1,    5, 60, 93,  0,  6, 6, 28,  8,        "", 16, 0, 24,  64},
    {22,  7, 3, 10, 2, 2,  false,  2,  0.02f, 0.01f, 0.002f, 21,  4, 2,  8, 3, 2,    3,  0, 95,  0,  7, 6, 28,  8,        "", 16, 0, 24,  64},
    {45, 12, 3, 14, 5, 3,   true,  2,  0.02f, 0.01f, 0.002f, 26,  4, 2,  8, 3, 2,    3,  0, 97,  0,  8, 7, 28,  8, "s6", 32, 0, 24,  64},
    {54, 12, 3, 16, 5, 3,   true,  2,  0.02f, 0.01f, 0.002f, 54, 17, 3, 14, 4, 3, 1.5f,  0,  0, 32,  8, 8, 29, 10, "s6", 32, 0, 26,  64},
    {67, 12, 3, 18, 5, 3,   true,  4,  0.02f, 0.01f, 0.002f, 82, 17, 3, 16, 4, 3, 1.5f,  0,  0, 32,  8, 8, 29, 12, "s6", 64, 0, 26,  64},
    {103,18, 4, 30, 5, 3,   true,  8,  0.02f, 0.01f, 0.002f, 92, 17, 3, 19, 4, 3, 1.5f,  0,  0, 32,  8, 8, 30,  8, "s6", 32, 0, 26, 128},
    {103,18, 4, 30, 5, 3,   true,  8,  0.02f, 0.01f, 0.002f, 92, 17, 3, 19, 4, 3, 1.5f,  0,  0, 64,  8, 8, 30,  8, "s6 | s6", 64, 0, 26, 128},
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
