// SPDX-License-Identifier: Apache-2.0
// The program: parses, sets up, goes through the files.
#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>

#include "src/files/descriptor.hpp"
#include "src/files/unfinished_file.hpp"
#include "src/messages/messages.hpp"
#include "src/messages/progress_meter.hpp"
#include "src/options/command_line.hpp"
#include "src/work/bench_mode.hpp"
#include "src/work/info_memory.hpp"
#include "src/work/join.hpp"
#include "src/work/known_files.hpp"
#include "src/work/list.hpp"
#include "src/work/process_file.hpp"
#include "src/work/train.hpp"
#include "src/work/train_prime.hpp"

namespace ssmz::cli {

namespace {

int run(const Options& options) {
  Messages messages(options.verbosity, options.no_warn);
  std::vector<Vocabulary> vocabularies;
  if (!load_vocabularies(options, vocabularies, messages)) return messages.exit_status();
  std::vector<Prime> primes;
  if (!load_primes(options, primes, messages)) return messages.exit_status();
  switch (options.mode) {
    case Mode::list: list_files(options, messages); break;
    case Mode::bench: bench_files(options, vocabularies, messages); break;
    case Mode::count_frames: count_frames(options, messages); break;
    case Mode::info_memory: print_memory(); break;
    default: process_files(options, vocabularies, primes, messages); break;
  }
  if (!close_standard_output()) {
    if (errno == EPIPE)
      end_by_broken_pipe();
    else
      messages.error("", system_text("(stdout): writing failed"));
  }
  return messages.exit_status();
}

}  // namespace

}  // namespace ssmz::cli

int main(int argc, char** argv) try {
  if (!ssmz::cli::occupy_standard_descriptors()) return ssmz::cli::exit_error;
  ssmz::cli::install_signal_handlers();
  std::set_terminate(ssmz::cli::end_unfinished);
  ssmz::cli::install_progress_signal();
  const auto parsed = ssmz::cli::parse_arguments(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  if (const auto* train = std::get_if<ssmz::cli::TrainOptions>(&parsed)) {
    return ssmz::cli::train_vocabulary_file(*train);
  }
  if (const auto* train = std::get_if<ssmz::cli::TrainPrimeOptions>(&parsed)) {
    return ssmz::cli::train_prime_file(*train);
  }
  if (const auto* join = std::get_if<ssmz::cli::JoinOptions>(&parsed)) return ssmz::cli::join_files(*join);
  return ssmz::cli::run(std::get<ssmz::cli::Options>(parsed));
} catch (const std::bad_alloc&) {
  // Only the program itself can get here; the library returns its errors.
  std::fputs("ssmz: out of memory\n", stderr);
  return ssmz::cli::exit_error;
} catch (const std::exception& error) {
  std::fprintf(stderr, "ssmz: %s\n", error.what());
  return ssmz::cli::exit_error;
}
