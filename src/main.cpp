// SPDX-License-Identifier: Apache-2.0
// The program: parses, sets up, goes through the files.
#include <cstdio>
#include <exception>

#include "src/bench_mode.hpp"
#include "src/files.hpp"
#include "src/list.hpp"
#include "src/messages.hpp"
#include "src/options.hpp"
#include "src/process.hpp"
#include "src/progress_meter.hpp"
#include "src/train.hpp"

namespace ssmz::cli {

namespace {

/// Reads the vocabularies asked for; false if one is missing or damaged.
bool load_vocabularies(const Options& options, std::vector<Vocabulary>& vocabularies, Messages& messages) {
  for (const std::string& file : options.vocabularies) {
    const auto bytes = read_file(file);
    if (!bytes) {
      messages.error(file, system_text("cannot read"));
      return false;
    }
    Result<Vocabulary> vocabulary = Vocabulary::parse(*bytes);
    if (!vocabulary.ok()) {
      messages.error(file, status_text(vocabulary.status()));
      return false;
    }
    vocabularies.push_back(std::move(vocabulary).value());
  }
  return true;
}

int run(const Options& options) {
  Messages messages(options);
  std::vector<Vocabulary> vocabularies;
  if (!load_vocabularies(options, vocabularies, messages)) return messages.exit_status();
  if (options.mode == Mode::list) {
    list_files(options, messages);
  } else if (options.mode == Mode::bench) {
    bench_files(options, vocabularies, messages);
  } else {
    for (const std::string& file : options.files) process_file(file, options, vocabularies, messages);
  }
  if (std::fflush(stdout) != 0) messages.error("", system_text("writing failed"));
  return messages.exit_status();
}

}  // namespace

}  // namespace ssmz::cli

int main(int argc, char** argv) try {
  const auto parsed = ssmz::cli::parse_arguments(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  ssmz::cli::install_signal_handlers();
  ssmz::cli::install_progress_signal();
  if (const auto* train = std::get_if<ssmz::cli::TrainOptions>(&parsed)) {
    return ssmz::cli::train_vocabulary_file(*train);
  }
  return ssmz::cli::run(std::get<ssmz::cli::Options>(parsed));
} catch (const std::exception& error) {
  // Only the program itself can get here, for want of memory; the library returns its errors.
  std::fprintf(stderr, "ssmz: %s\n", error.what());
  return ssmz::cli::exit_error;
}
