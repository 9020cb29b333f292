// SPDX-License-Identifier: Apache-2.0
// Counts the runs of a training corpus that a lexeme may be made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ssmz::codec {

/// A run in lower case and how much it counts.
struct CountedRun {
  std::string spelling;
  std::uint64_t count = 0;
};

/// Splits texts into runs of letters, of punctuation and of white space, and into the few mixed shapes that
/// may be a lexeme of their own (entities, tags, contractions). A word that one text repeats says little
/// about other texts, so the n-th occurrence within a stretch of 64 KiB counts 1/n.
class RunCounter {
 public:
  /// Unit of the counts: a first occurrence in a text of weight 1.
  static constexpr std::uint64_t unit = 16;

  void add(std::span<const std::uint8_t> text, std::uint32_t weight);

  /// Runs that pieces may be cut from, in order of spelling.
  [[nodiscard]] std::vector<CountedRun> divisible() const { return sorted(divisible_); }
  /// Runs that are lexemes as a whole or not at all, in order of spelling.
  [[nodiscard]] std::vector<CountedRun> whole() const { return sorted(whole_); }

 private:
  struct Tally {
    std::uint64_t count = 0;
    std::uint32_t stretch = 0;
    std::uint32_t in_stretch = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Table = std::unordered_map<std::string, Tally, Hash, std::equal_to<>>;

  void count(Table& table, std::string_view run);
  void add_stretch(std::string_view text);
  void add_mixed(std::string_view text, std::size_t at);
  static std::vector<CountedRun> sorted(const Table& table);

  Table divisible_;
  Table whole_;
  std::uint32_t stretch_ = 0;
  std::uint32_t weight_ = 1;
};

}  // namespace ssmz::codec
