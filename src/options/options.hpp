// SPDX-License-Identifier: Apache-2.0
// What the user asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

enum class Mode : std::uint8_t {
  compress,
  decompress,
  test,
  list,
  bench,
  recover,
  count_frames,
  info_memory
};

/// What is printed instead of doing anything.
enum class Printed : std::uint8_t { nothing, usual_help, whole_help, version, ssm_layers };

enum class ProgressMode : std::uint8_t { automatic, on, off, json };

/// Bytes of content.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Frames, counted from 0.
struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< The last one itself.
};

/// A file that holds names of inputs, one a line or one before each zero byte.
struct NameList {
  std::string file;  ///< "-": standard input.
  char separator = '\n';
};

struct Options {
  Printed printed = Printed::nothing;
  Mode mode = Mode::compress;
  std::vector<std::string> files;  ///< "-" is the standard input; never empty after parsing.
  std::vector<NameList> lists;
  bool recursive = false;
  bool exclude_compressed = false;
  int level = usual_level;
  unsigned threads = 0;          ///< 0: as many as cores and memory allow.
  std::uint64_t memory = 0;      ///< Bytes; 0: no wish.
  std::uint64_t frame_size = 0;  ///< Bytes; 0: the level's.
  std::optional<std::uint64_t> max_output;
  std::optional<std::uint64_t> stream_size;  ///< Bytes that the standard input will have.
  std::string ssm;                           ///< Layers of the network; empty: the level's.
  unsigned ssm_width = 0;                    ///< 0: the usual.
  bool adjust = true;                        ///< Tables may shrink to keep to `memory`.
  bool checksum = true;
  bool ignore_checksum = false;
  bool single_stream = false;       ///< Only the first stream of a file.
  std::uint64_t flush_seconds = 0;  ///< Ends a frame if input does not come for so long; 0: never.
  bool to_stdout = false;
  bool force = false;
  bool remove_source = false;  ///< Once its output is complete.
  bool verify = false;
  bool resume = false;
  std::optional<ByteRange> range;     ///< To decompress.
  std::optional<NumberRange> frames;  ///< To compress or decompress.
  bool sync = true;
  std::optional<bool> sparse;
  bool robot = false;
  bool no_warn = false;
  int quiet = 0;
  int verbosity = 0;  ///< -2: nothing, -1: errors, 0: and warnings, 1: and a line a file, 2: and details.
  ProgressMode progress = ProgressMode::automatic;
  std::string output;            ///< Empty: made from the input's name.
  std::string output_directory;  ///< Empty: beside the input.
  bool mirror = false;           ///< Folders of inputs are made again under output_directory.
  std::string suffix = ".ssmz";
  std::vector<std::string> vocabularies;
  std::vector<std::string> primes;
  std::uint64_t prime_limit = usual_prime_limit;
  std::string patch_from;

  /// False: nothing is written to files.
  [[nodiscard]] bool makes_files() const noexcept {
    return !to_stdout && output != "-" &&
           (mode == Mode::compress || mode == Mode::decompress || mode == Mode::recover);
  }
  [[nodiscard]] bool removes_sources() const noexcept { return remove_source && makes_files(); }
};

/// A text to train on, and how often it counts.
struct WeightedFile {
  std::string file;
  unsigned weight = 1;
};

struct TrainOptions {
  Printed printed = Printed::nothing;
  std::uint64_t size = 65536;  ///< Lexemes.
  std::string output;
  std::vector<WeightedFile> corpus;
  bool force = false;
  int verbosity = 0;
};

struct TrainPrimeOptions {
  Printed printed = Printed::nothing;
  std::uint64_t size = std::uint64_t{128} << 10;  ///< Most bytes.
  std::string output;
  std::vector<NameList> lists;  ///< Names of more samples.
  std::vector<std::string> samples;
  bool force = false;
  int verbosity = 0;
};

struct JoinOptions {
  Printed printed = Printed::nothing;
  std::vector<std::string> parts;
  std::string output;
  bool force = false;
  int verbosity = 0;
};

/// Exit statuses of the program: the worst of all files wins.
inline constexpr int exit_success = 0;
inline constexpr int exit_error = 1;
inline constexpr int exit_warning = 2;

}  // namespace ssmz::cli
