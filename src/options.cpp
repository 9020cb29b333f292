// SPDX-License-Identifier: Apache-2.0
// The command line's grammar.
#include "src/options.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "src/size_text.hpp"

namespace ssmz::cli {

namespace {

constexpr const char* description =
    "Compresses files to .ssmz and back. Without files, or with -, standard input goes to standard output.";

constexpr const char* footer =
    "Sizes take K, M, G (powers of 1024); --memory also takes a percentage of the machine's.\n"
    "Exit status: 0 all went well, 1 an error, 2 a warning (--no-warn: 0).\n"
    "Options may also be put into the environment variable SSMZ_OPT.\n"
    "`ssmz train-vocab --help` tells how to train a vocabulary.";

/// An option that takes a size.
CLI::Option* add_size(CLI::App& app, const char* names, std::uint64_t& target, const char* help,
                      bool percent = false) {
  const auto parse = [&target, percent](const std::string& text) {
    const auto size = parse_size(text, percent ? physical_memory() : 0);
    if (!size) throw CLI::ValidationError(text + " is no size");
    target = *size;
  };
  return app.add_option_function<std::string>(names, parse, help)
      ->type_name("SIZE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// One of several flags; values count from 1, since CLI11 takes 0 for "not given".
template <class Value>
void add_choice(CLI::App& app, const char* names, Value& target, const char* help) {
  app.add_flag_function(
         names, [&target](std::int64_t value) { target = static_cast<Value>(value); }, help)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_modes(CLI::App& app, Options& options) {
  const char* group = "Mode (the last one wins)";
  app.option_defaults()->group(group);
  add_choice(app,
             "-z{1},--compress{1},-d{2},--decompress{2},--uncompress{2},-t{3},--test{3},-l{4},--list{4},-b{5}"
             ",--bench{5}",
             options.mode, "Compress (default), decompress, test, list frames, or measure in memory");
  add_choice(app, "-1{1},--fast{1},-2{2},-3{3},-4{4},-5{5},-6{6},-7{7},-8{8},-9{9},--best{9}", options.level,
             "Level, from fastest to smallest; default 5");
}

void add_file_options(CLI::App& app, Options& options) {
  app.option_defaults()->group("Files");
  app.add_option("files", options.files, "Files; - is standard input")->type_name("FILE");
  app.add_flag("-c,--stdout,--to-stdout", options.to_stdout, "Write to standard output");
  app.add_option("-o,--output", options.output, "Write to FILE (one input only)")->type_name("FILE");
  app.add_option("--output-dir", options.output_directory, "Write into DIR")->type_name("DIR");
  app.add_option("-S,--suffix", options.suffix, "Suffix of compressed files; default .ssmz")
      ->type_name(".SUF");
  app.add_flag("-f,--force", options.force,
               "Replace files, follow links, use terminals; with -dc copy what is no frame");
  add_choice(app, "-k{1},--keep{1},--rm{2}", options.source,
             "Keep each source (default), or remove it once its output is complete");
}

void add_coder_options(CLI::App& app, Options& options) {
  app.option_defaults()->group("Coding");
  app.add_option("-T,--threads", options.threads,
                 "Threads; default 0: by cores and memory. They never change the output")
      ->type_name("N")
      ->check(CLI::Range(0u, most_threads))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_size(app, "-M,--memory,--memlimit", options.memory, "Keep to SIZE of memory", true);
  add_size(app, "--frame-size", options.frame_size, "Content of a frame; each is coded on its own");
  app.add_option("--vocab", options.vocabularies, "Use the vocabulary in FILE (may be repeated with -d)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag_function(
      "--no-check", [&options](std::int64_t) { options.checksum = false; }, "Write no content checksum");
}

void add_message_options(CLI::App& app, Options& options, int& quiet, int& verbose) {
  app.option_defaults()->group("Messages");
  app.add_flag("-q,--quiet", quiet, "No warnings; twice: no errors either");
  app.add_flag("-v,--verbose", verbose, "A line for each file; twice: more");
  app.add_flag("--no-warn", options.no_warn, "Exit with 0 instead of 2 after warnings");
  app.add_flag("--robot", options.robot, "List in a stable form for programs");
  app.add_option_function<std::string>(
         "--progress",
         [&options](const std::string& text) {
           options.progress = text == "on"    ? ProgressMode::on
                              : text == "off" ? ProgressMode::off
                                              : ProgressMode::automatic;
         },
         "auto (default: on a terminal), on or off")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->type_name("WHEN");
}

/// unssmz and ssmzcat stand for -d and -dc.
void apply_program_name(std::string_view path, Options& options) {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  if (name.starts_with("unssmz")) options.mode = Mode::decompress;
  if (name.starts_with("ssmzcat")) {
    options.mode = Mode::decompress;
    options.to_stdout = true;
  }
}

std::string version_line() {
  return std::string("ssmz ") + version_string() + ", frame format " + std::to_string(frame_format_version());
}

void add_help(CLI::App& app) {
  app.option_defaults()->group("Help");
  app.set_help_flag("-h,-H,--help", "Print this help");
  app.set_version_flag("-V,--version", version_line, "Print the version");
}

/// Arguments last to first, as CLI11 takes them; those of the environment come before.
std::vector<std::string> reversed_arguments(int argc, char** argv) {
  std::vector<std::string> words;
  if (const char* variable = std::getenv("SSMZ_OPT"); variable != nullptr) {
    std::istringstream text{std::string(variable)};
    for (std::string word; text >> word;) words.push_back(word);
  }
  words.insert(words.end(), argv + 1, argv + argc);
  return {words.rbegin(), words.rend()};
}

int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::fprintf(stderr, "ssmz: %s\nssmz: see ssmz --help\n", error.what());
  return exit_error;
}

int mistake(const char* text) {
  std::fprintf(stderr, "ssmz: %s\n", text);
  return exit_error;
}

/// "FILE" or "WEIGHT:FILE". A name that itself starts with digits and a colon is told apart by a path:
/// ./1:name.
TrainOptions::Text weighted_text(const std::string& argument) {
  const std::size_t digits = argument.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || argument[digits] != ':') return {argument};
  const unsigned long weight = digits <= 3 ? std::stoul(argument) : 0;
  if (weight < 1 || weight > 255) throw CLI::ValidationError(argument + ": weights are 1 to 255");
  return {argument.substr(digits + 1), static_cast<unsigned>(weight)};
}

std::variant<Options, TrainOptions, int> parse_train(int argc, char** argv) {
  TrainOptions options;
  CLI::App app("Trains a vocabulary on texts.", "ssmz train-vocab");
  bool quiet = false;
  add_help(app);
  add_size(app, "--size", options.size, "Lexemes; default 65536");
  app.add_option("-o,--output", options.output, "Write the vocabulary to FILE")
      ->type_name("FILE")
      ->required();
  app.add_flag("-q,--quiet", quiet, "Show no progress");
  std::vector<std::string> corpus;
  app.add_option("corpus", corpus,
                 "Texts to train on; WEIGHT: (1 to 255) before a name makes the text count so often")
      ->type_name("[WEIGHT:]FILE")
      ->required();
  try {
    app.parse(argc - 1, argv + 1);
    for (const std::string& argument : corpus) options.corpus.push_back(weighted_text(argument));
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  options.verbosity = quiet ? -1 : 0;
  return options;
}

}  // namespace

std::variant<Options, TrainOptions, int> parse_arguments(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "train-vocab") return parse_train(argc, argv);
  Options options;
  int quiet = 0;
  int verbose = 0;
  if (argc > 0) apply_program_name(argv[0], options);
  CLI::App app(description, "ssmz");
  app.footer(footer);
  add_help(app);
  add_modes(app, options);
  add_file_options(app, options);
  add_coder_options(app, options);
  add_message_options(app, options, quiet, verbose);
  try {
    app.parse(reversed_arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  options.verbosity = quiet > 0 ? -quiet : verbose;
  if (options.files.empty()) options.files.emplace_back("-");
  if (!options.output.empty() && options.files.size() > 1) return mistake("-o takes one input only");
  if (!options.output.empty() && options.to_stdout) return mistake("-o and -c exclude each other");
  if (options.suffix.empty()) return mistake("the suffix is empty");
  return options;
}

}  // namespace ssmz::cli
