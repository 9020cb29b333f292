// SPDX-License-Identifier: Apache-2.0
// Any words as a command line: options within their bounds, or a mistake explained; and what is quoted as for
// a shell comes back as one word.
#include <string>
#include <vector>

#include "src/options/command_line.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::cli::JoinOptions;
using ssmz::cli::Options;
using ssmz::cli::TrainOptions;
using ssmz::fuzz::require;

constexpr std::size_t most_bytes = 400;

/// What the parser prints goes nowhere, what the fuzzer says does not.
class Silence {
 public:
  Silence() {
    static FILE* const nowhere = std::fopen("/dev/null", "w");
    require(nowhere != nullptr, "no /dev/null");
    stdout = nowhere;
    stderr = nowhere;
  }
  ~Silence() {
    stdout = out_;
    stderr = error_;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  FILE* out_ = stdout;
  FILE* error_ = stderr;
};

void check(const Options& options) {
  require(!options.files.empty() || !options.lists.empty(), "no input");
  require(options.level >= ssmz::lowest_level && options.level <= ssmz::highest_level, "no such level");
  require(options.threads <= ssmz::most_threads, "too many threads");
  require(options.output.empty() || !options.to_stdout, "two outputs");
  require(!options.frames || options.frames->first <= options.frames->last, "frames end before they begin");
  require(options.printed == ssmz::cli::Printed::nothing, "help was asked for and not given");
  require(ssmz::ssm_problem(options.level, options.ssm, options.ssm_width).empty(), "no such network");
}

void check_words(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  auto parsed = [&] {
    const Silence silence;
    return ssmz::cli::parse_arguments(static_cast<int>(words.size()), arguments.data());
  }();
  if (const auto* options = std::get_if<Options>(&parsed)) check(*options);
  if (const auto* status = std::get_if<int>(&parsed)) require(*status == 0 || *status == 1, "no exit status");
  if (const auto* join = std::get_if<JoinOptions>(&parsed))
    require(!join->output.empty() && !join->parts.empty(), "nothing to join");
  if (const auto* train = std::get_if<TrainOptions>(&parsed)) {
    require(!train->output.empty() && !train->corpus.empty(), "nothing to train on");
    for (const auto& text : train->corpus)
      require(text.weight >= 1 && text.weight <= 255, "a weight out of range");
  }
}

void check_quoting(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += std::string("\\") + c;
  std::vector<std::string> words;
  require(ssmz::cli::split_words(quoted, words), "a quote that is none");
  require(text.empty() ? words.empty() : words.size() == 1 && words[0] == text, "quoting changed a word");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), std::min(size, most_bytes));
  std::vector<std::string> words(1, "ssmz");
  // A line is a word, as the system gives words: without zero bytes.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(std::string_view("\n\0", 2), at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  check_words(words);
  check_quoting(text);
  std::vector<std::string> split(1, "ssmz");
  if (ssmz::cli::split_words(words.back(), split)) check_words(split);
  return 0;
}
