// SPDX-License-Identifier: Apache-2.0
// Rows of options: what each is called, says and does.
#include "src/options/option_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "src/machine/machine_limits.hpp"
#include "src/options/size_text.hpp"

namespace ssmz::cli {

namespace {

using Row = OptionRow<Options>;
using Text = const std::string&;

constexpr const char* no_size = "is no size (a whole number of bytes, or with K, M, G, T)";

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string take_size(Text text, std::uint64_t& target) {
  const auto size = parse_size(text);
  if (!size) return no_size;
  target = *size;
  return {};
}

std::string take_memory(Options& options, Text text) {
  const auto size = parse_size(text, machine_memory());
  if (!size) return "is no size (a whole number of bytes, or with K, M, G, T, or a percentage up to 100%)";
  options.memory = *size;
  return {};
}

std::string take_frame_size(Options& options, Text text) {
  // Below, the frames' own bytes outweigh what they hold: 20,000 bytes in frames of 1 took 440,023.
  constexpr std::uint64_t least = 256;
  if (std::string wrong = take_size(text, options.frame_size); !wrong.empty()) return wrong;
  return options.frame_size >= least ? "" : "frames hold at least 256 bytes";
}

std::string take_threads(Options& options, Text text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most_threads) {
    return "is no number of threads (0 to " + std::to_string(most_threads) + ")";
  }
  options.threads = number;
  return {};
}

std::string take_seconds(Options& options, Text text) {
  constexpr std::uint64_t most = 86400;
  const auto seconds = parse_number(text);
  if (!seconds || *seconds == 0 || *seconds > most) return "is no number of seconds (1 to 86400)";
  options.flush_seconds = *seconds;
  return {};
}

std::string take_name(Text text, std::string& target) {
  if (text.empty()) return "the name is empty";
  target = text;
  return {};
}

std::string take_ssm(Options& options, Text text) {
  if (text == "help") options.printed = Printed::ssm_layers;
  return take_name(text, options.ssm);
}

std::string take_ssm_width(Options& options, Text text) {
  const auto width = parse_number(text);
  if (!width || *width < 16 || *width > 1024 || *width % 16 != 0) return "is no multiple of 16 in 16 to 1024";
  options.ssm_width = static_cast<unsigned>(*width);
  return {};
}

std::string take_progress(Options& options, Text text) {
  if (text == "auto")
    options.progress = ProgressMode::automatic;
  else if (text == "on")
    options.progress = ProgressMode::on;
  else if (text == "off")
    options.progress = ProgressMode::off;
  else if (text == "json")
    options.progress = ProgressMode::json;
  else
    return "is not auto, on, off or json";
  return {};
}

std::string take_suffix(Options& options, Text text) {
  if (text.empty() || text.find('/') != std::string::npos) return "a suffix is not empty and has no /";
  options.suffix = text;
  return {};
}

/// "OFFSET-LENGTH" or "OFFSET-".
std::string take_range(Options& options, Text text) {
  const std::size_t dash = text.find('-');
  const auto offset = parse_size(text.substr(0, dash));
  ByteRange range{offset.value_or(0), no_limit};
  bool good = offset && dash != std::string::npos;
  if (good && dash + 1 < text.size()) {
    const auto length = parse_size(text.substr(dash + 1));
    range.length = length.value_or(0);
    good = length.has_value();
  }
  if (!good) return "is no range (OFFSET-LENGTH in bytes, or OFFSET- up to the end)";
  options.range = range;
  return {};
}

/// "A-B", "A" or "A-".
std::string take_frames(Options& options, Text text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  NumberRange range{first.value_or(0), first.value_or(0)};
  bool good = first.has_value();
  if (good && dash != std::string::npos) {
    const auto last = dash + 1 < text.size() ? parse_number(text.substr(dash + 1)) : no_limit;
    range.last = last.value_or(0);
    good = last && *last >= *first;
  }
  if (!good) return "is no range of frames (A-B, A or A-, counted from 0)";
  options.frames = range;
  return {};
}

template <Mode mode>
std::string set_mode(Options& options, Text) {
  options.mode = mode;
  return {};
}

template <auto member, auto value>
std::string set(Options& options, Text) {
  options.*member = value;
  return {};
}

template <char separator>
std::string add_list(Options& options, Text text) {
  options.lists.push_back({text.empty() ? "-" : text, separator});
  return {};
}

template <bool mirror>
std::string set_output_directory(Options& options, Text text) {
  options.mirror = mirror;
  return take_name(text, options.output_directory);
}

constexpr std::array<Row, 12> mode_rows = {{
    {{'z', "compress", "", Takes::nothing}, "Compress (default)", set_mode<Mode::compress>},
    {{'d', "decompress|uncompress", "", Takes::nothing}, "Decompress", set_mode<Mode::decompress>},
    {{'t', "test", "", Takes::nothing}, "Decompress and check, write nothing", set_mode<Mode::test>},
    {{'l', "list", "", Takes::nothing},
     "List sizes, checks and memory; -v: each frame",
     set_mode<Mode::list>},
    {{'b', "bench", "", Takes::nothing},
     "Compress and decompress in memory, print speeds",
     set_mode<Mode::bench>},
    {{0, "recover", "", Takes::nothing},
     "Decompress all frames of a damaged file that are intact, tell what is lost",
     set_mode<Mode::recover>},
    {{0, "count-frames", "", Takes::nothing},
     "Print how many frames compressing a file would give, or has given",
     set_mode<Mode::count_frames>},
    {{0, "info-memory", "", Takes::nothing},
     "Print this machine's memory and what each level takes",
     set_mode<Mode::info_memory>},
    {{'1', "", "", Takes::digit},
     "Level, from fastest to smallest; default 5",
     [](Options& options, Text digit) {
       options.level = digit[0] - '0';
       return std::string();
     }},
    {{0, "fast", "", Takes::nothing}, "The same as -1", set<&Options::level, lowest_level>},
    {{0, "best", "", Takes::nothing}, "The same as -9", set<&Options::level, highest_level>},
    {{0, "no-adjust", "", Takes::nothing},
     "Refuse a level that does not fit into --memory instead of shrinking its tables",
     set<&Options::adjust, false>},
}};

constexpr std::array<Row, 23> file_rows = {{
    {{'c', "stdout|to-stdout", "", Takes::nothing},
     "Write to standard output",
     set<&Options::to_stdout, true>},
    {{'o', "output", "FILE", Takes::value},
     "Write to FILE (one input only)",
     [](Options& options, Text text) { return take_name(text, options.output); }},
    {{0, "output-dir", "DIR", Takes::value}, "Write into DIR", set_output_directory<false>},
    {{0, "output-dir-mirror", "DIR", Takes::value},
     "Write into DIR, in folders like those of the inputs",
     set_output_directory<true>},
    {{'S', "suffix", ".SUF", Takes::value}, "Suffix of compressed files; default .ssmz", take_suffix},
    {{'f', "force", "", Takes::nothing},
     "Replace files, follow links, use terminals; with -dc copy what is no frame",
     set<&Options::force, true>},
    {{'k', "keep", "", Takes::nothing}, "Keep sources (default)", set<&Options::remove_source, false>},
    {{0, "rm", "", Takes::nothing},
     "Remove each source once its output is complete and on the disk",
     set<&Options::remove_source, true>},
    {{0, "verify", "", Takes::nothing},
     "Decompress what was written and compare, before the output gets its name",
     set<&Options::verify, true>},
    {{0, "no-sync", "", Takes::nothing},
     "With --rm, do not wait until the output is on the disk",
     set<&Options::sync, false>},
    {{0, "sync", "", Takes::nothing}, "Wait for it (default)", set<&Options::sync, true>},
    {{0, "sparse", "", Takes::nothing},
     "Decompress blocks of zeros to holes (default for files)",
     set<&Options::sparse, true>},
    {{0, "no-sparse", "", Takes::nothing}, "Write all zeros", set<&Options::sparse, false>},
    {{'r', "recursive", "", Takes::nothing}, "Go into folders", set<&Options::recursive, true>},
    {{0, "exclude-compressed", "", Takes::nothing},
     "Pass over files whose names say that they are compressed",
     set<&Options::exclude_compressed, true>},
    {{0, "files", "FILE", Takes::maybe_value},
     "Take names of inputs from FILE or standard input, one a line",
     add_list<'\n'>},
    {{0, "files0", "FILE", Takes::maybe_value}, "The same, each name ended by a zero byte", add_list<'\0'>},
    {{0, "range", "OFFSET-LENGTH", Takes::value}, "Decompress only these bytes of the content", take_range},
    {{0, "frames", "A-B", Takes::value},
     "Compress or decompress only these frames, counted from 0; decompressed into a file they go to their "
     "place",
     take_frames},
    {{0, "resume", "", Takes::nothing},
     "Go on with what a run that was killed has left, and leave it if this one is",
     set<&Options::resume, true>},
    {{0, "stream-size", "SIZE", Takes::value},
     "Size that standard input will have: an error if it has another",
     [](Options& options, Text text) { return take_size(text, options.stream_size.emplace()); }},
    {{0, "max-output", "SIZE", Takes::value},
     "Decompress at most so much of a file, then fail",
     [](Options& options, Text text) { return take_size(text, options.max_output.emplace()); }},
    {{0, "single-stream", "", Takes::nothing},
     "Decompress only the first stream of a file and leave what follows",
     set<&Options::single_stream, true>},
}};

constexpr std::array<Row, 12> coder_rows = {{
    {{'T', "threads", "N", Takes::value},
     "Threads; default 0: by cores and memory. They never change the output",
     take_threads},
    {{'M', "memory|memlimit", "SIZE", Takes::value},
     "Keep to SIZE, or to N% of the machine's memory",
     take_memory},
    {{0, "frame-size", "SIZE", Takes::value},
     "Content of a frame; frames are coded on their own, side by side",
     take_frame_size},
    {{0, "vocab", "FILE", Takes::value},
     "Use the vocabulary in FILE (may be repeated with -d)",
     [](Options& options, Text text) { return take_name(text, options.vocabularies.emplace_back()); }},
    {{'D', "prime", "FILE", Takes::value},
     "Learn from FILE before each frame; decompressing needs it too",
     [](Options& options, Text text) { return take_name(text, options.primes.emplace_back()); }},
    {{0, "prime-limit", "SIZE", Takes::value},
     "Most bytes of a prime; default 16M",
     [](Options& options, Text text) { return take_size(text, options.prime_limit); }},
    {{0, "patch-from", "OLD", Takes::value},
     "The same with an old version of the file, in one frame, of any size",
     [](Options& options, Text text) { return take_name(text, options.patch_from); }},
    {{0, "ssm", "STACK", Takes::value},
     "Layers of the network instead of the level's; --ssm=help lists them",
     take_ssm},
    {{0, "ssm-width", "N", Takes::value},
     "Their width, a multiple of 16 up to 1024; default 64",
     take_ssm_width},
    {{0, "no-check", "", Takes::nothing}, "Write no content checksum", set<&Options::checksum, false>},
    {{0, "ignore-check", "", Takes::nothing},
     "Decompress without comparing contents with their checksums",
     set<&Options::ignore_checksum, true>},
    {{0, "flush-timeout", "SECONDS", Takes::value},
     "End a frame, and write it, when input stays away for so long",
     take_seconds},
}};

constexpr std::array<Row, 9> message_rows = {{
    {{'q', "quiet", "", Takes::nothing},
     "No warnings; twice: no errors either",
     [](Options& options, Text) {
       ++options.quiet;
       return std::string();
     }},
    {{'Q', "no-warn", "", Takes::nothing},
     "Exit with 0 instead of 2 after warnings",
     set<&Options::no_warn, true>},
    {{'v', "verbose", "", Takes::nothing},
     "A line for each file; twice: also memory and threads",
     [](Options& options, Text) {
       ++options.verbosity;
       return std::string();
     }},
    {{0, "progress", "WHEN", Takes::value},
     "auto (default: on a terminal), on, off, or json: a record a second",
     take_progress},
    {{0, "no-progress", "", Takes::nothing},
     "The same as --progress=off",
     set<&Options::progress, ProgressMode::off>},
    {{0, "robot", "", Takes::nothing}, "List in a stable form for programs", set<&Options::robot, true>},
    {{'h', "", "", Takes::nothing}, "Print the usual options", set<&Options::printed, Printed::usual_help>},
    {{'H', "help", "", Takes::nothing}, "Print all options", set<&Options::printed, Printed::whole_help>},
    {{'V', "version", "", Takes::nothing}, "Print the version", set<&Options::printed, Printed::version>},
}};

constexpr std::array<OptionGroup<Options>, 4> groups = {{
    {"Mode and level (the last one wins)", mode_rows},
    {"Files", file_rows},
    {"Coding", coder_rows},
    {"Messages", message_rows},
}};

// What ssmz-mpi takes of them, by letter or first name.
constexpr std::array<std::string_view, 15> cluster_names = {
    "d",           "1",   "o",         "f",        "memory",       "frame-size", "vocab", "prime",
    "prime-limit", "ssm", "ssm-width", "no-check", "ignore-check", "q",          "H"};

std::vector<Row> cluster_rows() {
  std::vector<Row> rows;
  for (const OptionGroup<Options>& group : groups) {
    for (const Row& row : group.rows) {
      const std::string_view name = row.spelling.names.substr(0, row.spelling.names.find('|'));
      const auto chosen = [&](std::string_view wanted) {
        return wanted.size() == 1 ? wanted[0] == row.spelling.letter : wanted == name;
      };
      if (std::any_of(cluster_names.begin(), cluster_names.end(), chosen)) rows.push_back(row);
    }
  }
  return rows;
}

// Rows that the small commands share.
template <class Target>
constexpr OptionRow<Target> force_row = {
    {'f', "force", "", Takes::nothing}, "Replace FILE if it exists", [](Target& options, Text) {
      options.force = true;
      return std::string();
    }};

template <class Target>
constexpr OptionRow<Target> output_row(std::string_view help) {
  return {{'o', "output", "FILE", Takes::value}, help, [](Target& options, Text text) {
            return take_name(text, options.output);
          }};
}

template <class Target>
constexpr OptionRow<Target> quiet_row(std::string_view help) {
  return {{'q', "quiet", "", Takes::nothing}, help, [](Target& options, Text) {
            options.verbosity = -1;
            return std::string();
          }};
}

template <class Target>
constexpr OptionRow<Target> help_row(char letter, std::string_view name) {
  return {{letter, name, "", Takes::nothing}, "Print this help", [](Target& options, Text) {
            options.printed = Printed::whole_help;
            return std::string();
          }};
}

constexpr std::array<OptionRow<TrainOptions>, 6> train_rows = {
    {{{0, "size", "N", Takes::value},
      "Lexemes, 512 to 1M; default 64K",
      [](TrainOptions& options, Text text) { return take_size(text, options.size); }},
     output_row<TrainOptions>("Write the vocabulary to FILE"),
     force_row<TrainOptions>,
     quiet_row<TrainOptions>("Show no progress"),
     help_row<TrainOptions>('h', ""),
     help_row<TrainOptions>('H', "help")}};

constexpr std::array<OptionGroup<TrainOptions>, 1> train_groups = {{{"Options", train_rows}}};

constexpr std::array<OptionRow<TrainPrimeOptions>, 7> train_prime_rows = {
    {{{0, "size", "SIZE", Takes::value},
      "Most bytes of the prime, 256 or more; default 128K",
      [](TrainPrimeOptions& options, Text text) { return take_size(text, options.size); }},
     {{0, "files", "FILE", Takes::maybe_value},
      "Take names of samples from FILE, one a line (without: stdin)",
      [](TrainPrimeOptions& options, Text text) {
        options.lists.push_back({text.empty() ? "-" : text, '\n'});
        return std::string();
      }},
     output_row<TrainPrimeOptions>("Write the prime to FILE"),
     force_row<TrainPrimeOptions>,
     quiet_row<TrainPrimeOptions>("Do not tell what was written"),
     help_row<TrainPrimeOptions>('h', ""),
     help_row<TrainPrimeOptions>('H', "help")}};

constexpr std::array<OptionGroup<TrainPrimeOptions>, 1> train_prime_groups = {
    {{"Options", train_prime_rows}}};

constexpr std::array<OptionRow<JoinOptions>, 6> join_rows = {
    {output_row<JoinOptions>("Write the whole to FILE"),
     force_row<JoinOptions>,
     quiet_row<JoinOptions>("No messages but errors"),
     {{'v', "verbose", "", Takes::nothing},
      "Tell what was written",
      [](JoinOptions& options, Text) {
        options.verbosity = 1;
        return std::string();
      }},
     help_row<JoinOptions>('h', ""),
     help_row<JoinOptions>('H', "help")}};

constexpr std::array<OptionGroup<JoinOptions>, 1> join_groups = {{{"Options", join_rows}}};

}  // namespace

std::string ssm_mistake(const Options& options) {
  const std::string wrong = ssm_problem(options.level, options.ssm, options.ssm_width);
  return wrong.empty() ? wrong : (options.ssm.empty() ? "--ssm-width: " : "--ssm: ") + wrong;
}

std::span<const OptionGroup<Options>> cluster_option_table() {
  static const std::vector<Row> rows = cluster_rows();
  static const std::array<OptionGroup<Options>, 1> table = {{{"Options", rows}}};
  return table;
}

std::span<const OptionGroup<JoinOptions>> join_option_table() { return join_groups; }

std::span<const OptionGroup<Options>> option_table() { return groups; }

std::span<const OptionGroup<TrainOptions>> train_option_table() { return train_groups; }

std::span<const OptionGroup<TrainPrimeOptions>> train_prime_option_table() { return train_prime_groups; }

}  // namespace ssmz::cli
