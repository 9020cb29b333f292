// SPDX-License-Identifier: Apache-2.0
// What the user asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

enum class Mode : std::uint8_t { compress = 1, decompress, test, list, bench };

enum class SourceFile : std::uint8_t { keep = 1, remove };

enum class ProgressMode : std::uint8_t { automatic, on, off };

struct Options {
  Mode mode = Mode::compress;
  std::vector<std::string> files;  ///< "-" is the standard input; never empty after parsing.
  int level = usual_level;
  unsigned threads = 0;          ///< 0: as many as cores and memory allow.
  std::uint64_t memory = 0;      ///< Bytes; 0: no wish.
  std::uint64_t frame_size = 0;  ///< Bytes; 0: the level's.
  bool checksum = true;
  bool to_stdout = false;
  bool force = false;
  SourceFile source = SourceFile::keep;  ///< Once its output is complete.
  bool robot = false;
  bool no_warn = false;
  int verbosity = 0;  ///< -2: nothing, -1: errors, 0: and warnings, 1: and a line a file, 2: and details.
  ProgressMode progress = ProgressMode::automatic;
  std::string output;            ///< Empty: made from the input's name.
  std::string output_directory;  ///< Empty: beside the input.
  std::string suffix = ".ssmz";
  std::vector<std::string> vocabularies;
};

struct TrainOptions {
  std::uint64_t size = 65536;  ///< Lexemes.
  std::string output;
  struct Text {
    std::string file;
    unsigned weight = 1;
  };
  std::vector<Text> corpus;
  int verbosity = 0;
};

/// Exit statuses of the program: the worst of all files wins.
inline constexpr int exit_success = 0;
inline constexpr int exit_error = 1;
inline constexpr int exit_warning = 2;

/// Parses the arguments (UTF-8 as they come). An int is an exit status: help or a version was printed, or a
/// mistake was explained on the standard error.
[[nodiscard]] std::variant<Options, TrainOptions, int> parse_arguments(int argc, char** argv);

}  // namespace ssmz::cli
