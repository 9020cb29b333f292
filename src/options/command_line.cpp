// SPDX-License-Identifier: Apache-2.0
// Parses, checks what excludes each other, prints help and mistakes.
#include "src/options/command_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "src/messages/masked_text.hpp"
#include "src/options/help_text.hpp"
#include "src/options/option_table.hpp"

namespace ssmz::cli {

namespace {

using Parsed = std::variant<Options, TrainOptions, TrainPrimeOptions, JoinOptions, int>;

int mistake(const std::string& text, const char* command = "") {
  std::fprintf(stderr, "ssmz: %s\nssmz: `ssmz %s-h` shows the usual options, `-H` all\n",
               masked(text).c_str(), command);
  return exit_error;
}

int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return exit_success;
  std::fprintf(stderr, "ssmz: (stdout): writing failed\n");
  return exit_error;
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

/// "FILE" or "WEIGHT:FILE". A name that itself starts with digits and a colon is told apart by a path:
/// ./1:name. Returns what is wrong.
std::string add_weighted_text(const std::string& argument, TrainOptions& options) {
  const std::size_t digits = argument.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || argument[digits] != ':') {
    options.corpus.push_back({argument});
    return {};
  }
  const unsigned long weight = digits <= 3 ? std::stoul(argument) : 0;
  if (weight < 1 || weight > 255) return argument + ": weights are 1 to 255";
  options.corpus.push_back({argument.substr(digits + 1), static_cast<unsigned>(weight)});
  return {};
}

Parsed parse_train(const std::vector<std::string>& words) {
  TrainOptions options;
  const GivenArguments given = apply_arguments(train_option_table(), words, options);
  std::string wrong = given.mistake;
  if (wrong.empty() && options.printed != Printed::nothing) return print(train_help());
  for (const std::string& operand : given.operands) {
    if (wrong.empty()) wrong = add_weighted_text(operand, options);
  }
  if (wrong.empty() && options.output.empty()) wrong = "train-vocab: -o FILE is missing";
  if (wrong.empty() && options.corpus.empty()) wrong = "train-vocab: no text is named";
  if (!wrong.empty()) return mistake(wrong, "train-vocab ");
  return options;
}

Parsed parse_train_prime(const std::vector<std::string>& words) {
  TrainPrimeOptions options;
  const GivenArguments given = apply_arguments(train_prime_option_table(), words, options);
  std::string wrong = given.mistake;
  if (wrong.empty() && options.printed != Printed::nothing) return print(train_prime_help());
  options.samples = given.operands;
  if (wrong.empty() && options.output.empty()) wrong = "train-prime: -o FILE is missing";
  if (wrong.empty() && options.samples.empty() && options.lists.empty())
    wrong = "train-prime: no sample is named";
  if (!wrong.empty()) return mistake(wrong, "train-prime ");
  return options;
}

Parsed parse_join(const std::vector<std::string>& words) {
  JoinOptions options;
  const GivenArguments given = apply_arguments(join_option_table(), words, options);
  std::string wrong = given.mistake;
  if (wrong.empty() && options.printed != Printed::nothing) return print(join_help());
  options.parts = given.operands;
  if (wrong.empty() && options.output.empty()) wrong = "join: -o FILE is missing";
  if (wrong.empty() && options.parts.empty()) wrong = "join: no part is named";
  if (!wrong.empty()) return mistake(wrong, "join ");
  return options;
}

/// Options of the environment. False: a mistake was explained.
bool apply_environment(Options& options) {
  const char* variable = std::getenv("SSMZ_OPT");
  if (variable == nullptr) return true;
  std::vector<std::string> words;
  std::string wrong;
  if (!split_words(variable, words)) wrong = "a quote is not closed";
  if (wrong.empty()) {
    const GivenArguments given = apply_arguments(option_table(), words, options);
    wrong = given.mistake;
    if (wrong.empty() && !given.operands.empty()) {
      wrong = "\"" + given.operands.front() + "\" is no option; files are named on the command line";
    }
  }
  if (wrong.empty()) return true;
  static_cast<void>(mistake("SSMZ_OPT: " + wrong));
  return false;
}

/// What excludes each other; empty if all is well.
std::string contradiction(const Options& options) {
  const bool one = options.files.size() == 1 && options.lists.empty() && !options.recursive;
  if (!options.output.empty() && !one) return "-o: takes one input only";
  if (!options.output.empty() && options.to_stdout) return "-o and -c exclude each other";
  if (!options.output.empty() && !options.output_directory.empty()) {
    return "-o and --output-dir exclude each other";
  }
  if (options.verify && options.mode != Mode::compress) return "--verify: is for compressing";
  const bool piped = options.files.size() == 1 && options.files[0] == "-" && options.output.empty();
  if (options.verify && (!options.makes_files() || piped)) {
    return "--verify: needs an output that can be read back, not a pipe";
  }
  if (!options.adjust && options.memory == 0) return "--no-adjust: needs --memory";
  const bool part = options.range || options.frames;
  if (options.range && options.mode != Mode::decompress) return "--range: is for decompressing";
  if (options.range && options.frames) return "--range and --frames exclude each other";
  if (part && options.remove_source) return "--rm: a part of the source only is kept by --range and --frames";
  if (options.frames && options.mode != Mode::compress && options.mode != Mode::decompress) {
    return "--frames: is for compressing and decompressing";
  }
  if (options.resume && options.mode != Mode::compress) return "--resume: is for compressing";
  if (options.resume && (!options.makes_files() || piped || options.frames)) {
    return "--resume: needs a file to write, and the whole of it";
  }
  if (std::string wrong = ssm_mistake(options); !wrong.empty()) return wrong;
  if (!options.patch_from.empty() && !options.primes.empty()) return "-D and --patch-from exclude each other";
  return {};
}

}  // namespace

bool split_words(std::string_view text, std::vector<std::string>& words) {
  std::string word;
  bool begun = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      begun = true;
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? 0 : c;
      begun = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (begun) words.push_back(std::move(word));
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(std::move(word));
  return quote == 0;
}

Parsed parse_arguments(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words[0] == "join") return parse_join({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "train-vocab") return parse_train({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "train-prime") return parse_train_prime({words.begin() + 1, words.end()});
  Options options;
  if (argc > 0) apply_program_name(argv[0], options);
  if (!apply_environment(options)) return exit_error;
  GivenArguments given = apply_arguments(option_table(), words, options);
  if (!given.mistake.empty()) return mistake(given.mistake);
  switch (options.printed) {
    case Printed::usual_help: return print(short_help());
    case Printed::whole_help: return print(long_help());
    case Printed::version: return print(version_line());
    case Printed::ssm_layers: return print(layers_help());
    case Printed::nothing: break;
  }
  options.files = std::move(given.operands);
  if (options.files.empty() && options.lists.empty()) options.files.emplace_back("-");
  if (options.quiet > 0) options.verbosity = -options.quiet;
  if (const std::string wrong = contradiction(options); !wrong.empty()) return mistake(wrong);
  return options;
}

}  // namespace ssmz::cli
