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
#include "src/options/size_text.hpp"
#include "src/work/bench_mode.hpp"
#include "src/work/info_memory.hpp"
#include "src/work/join.hpp"
#include "src/work/list.hpp"
#include "src/work/process_file.hpp"
#include "src/work/train.hpp"
#include "src/work/train_prime.hpp"

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

/// The same with primes; that of --patch-from may be of any size.
bool load_primes(const Options& options, std::vector<Prime>& primes, Messages& messages) {
  std::vector<std::string> files = options.primes;
  if (!options.patch_from.empty()) files.push_back(options.patch_from);
  for (const std::string& file : files) {
    const bool patch = file == options.patch_from;
    const std::uint64_t limit = patch ? no_limit : options.prime_limit;
    const auto bytes = read_file(file);
    if (!bytes) {
      messages.error(file, system_text("cannot read"));
      return false;
    }
    if (bytes->size() > limit) {
      messages.error(file, "is larger than a prime may be (" + size_text(limit) +
                               "); use --prime-limit=" + std::to_string(bytes->size()));
      return false;
    }
    Result<Prime> prime = Prime::create(*bytes, file.substr(file.find_last_of('/') + 1), limit,
                                        patch ? PrimeUse::one_frame : PrimeUse::many_frames);
    if (!prime.ok()) {
      messages.error(file, "cannot be a prime: " + status_text(prime.status()));
      return false;
    }
    primes.push_back(std::move(prime).value());
  }
  return true;
}

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
