// SPDX-License-Identifier: Apache-2.0
// Finds the nearest name, and knows those of other compressors.
#include "src/options/suggestion.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

namespace {

struct ForeignOption {
  std::string_view name;
  std::string_view answer;
};

/// Options of xz, zstd, gzip and brotli that people try here.
constexpr std::array<ForeignOption, 18> foreign_options = {{
    {"--ultra", "-9 is the smallest level, and needs no such leave"},
    {"--extreme", "-9 is the smallest level"},
    {"-e", "-9 is the smallest level"},
    {"--quality", "levels are -1 to -9"},
    {"--level", "levels are -1 to -9"},
    {"--format", "there is one format, .ssmz"},
    {"-F", "there is one format, .ssmz"},
    {"--check", "the check is XXH3; --no-check leaves it out"},
    {"-C", "the check is XXH3; --no-check leaves it out"},
    {"--long", "models see the whole of a frame; --frame-size sets its size"},
    {"--block-size", "see --frame-size"},
    {"--train", "see `ssmz train-prime`"},
    {"--filelist", "see --files"},
    {"--output-dir-flat", "see --output-dir"},
    {"--no-name", "names are not kept in archives"},
    {"--rsyncable", "frames are coded on their own; see --frame-size"},
    {"--adapt", "the level is fixed for a run"},
    {"--memlimit-decompress", "see --memory"},
}};

/// Least number of letters to insert, drop, change or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

/// How far a name may be from what was written: a third of it at most, or everything resembles everything.
std::size_t tolerance(std::string_view name) { return std::clamp<std::size_t>(name.size() / 3, 1, 3); }

}  // namespace

std::string suggestion(std::span<const OptionSpelling> table, std::string_view name) {
  for (const ForeignOption& foreign : foreign_options) {
    if (foreign.name == name) return std::string(foreign.answer);
  }
  if (!name.starts_with("--")) return {};
  const std::string_view wanted = name.substr(2);
  std::string_view best;
  std::size_t least = tolerance(wanted) + 1;
  for (const OptionSpelling& row : table) {
    for (std::size_t start = 0; start < row.names.size();) {
      const std::size_t end = std::min(row.names.find('|', start), row.names.size());
      const std::string_view known = row.names.substr(start, end - start);
      // A beginning is as good as a slip of one letter.
      const std::size_t far = wanted.size() > 2 && known.starts_with(wanted) ? 1 : distance(wanted, known);
      if (far < least) {
        least = far;
        best = known;
      }
      start = end + 1;
    }
  }
  return best.empty() ? std::string() : "did you mean --" + std::string(best) + "?";
}

std::string level_mistake(std::string_view digits) {
  std::string text = "-" + std::string(digits) + ": levels are -" + std::to_string(lowest_level) +
                     " (fastest) to -" + std::to_string(highest_level) + " (smallest)";
  if (digits == "0") text += "; nothing is stored unread";
  return text;
}

}  // namespace ssmz::cli
