// SPDX-License-Identifier: Apache-2.0
// ssmz-mpi: compresses and decompresses files over the ranks of an MPI job, to the bytes that ssmz gives on
// one machine.
#include <mpi.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/files/output_name.hpp"
#include "src/messages/masked_text.hpp"
#include "src/messages/messages.hpp"
#include "src/mpi/file_job.hpp"
#include "src/options/option_table.hpp"
#include "src/work/compress_options.hpp"
#include "src/work/known_files.hpp"

namespace ssmz::mpi {
namespace {

constexpr const char* usage =
    "Usage: mpirun ssmz-mpi [OPTION]... FILE...\n"
    "Compresses each FILE to FILE.ssmz, or with -d back, its frames spread over the\n"
    "ranks. Rank 0 hands out frames: use one rank more than processors. Every rank\n"
    "must see the files. The bytes are those of ssmz on one machine.\n";

/// What is wrong, or nothing.
std::string parse(int argc, char** argv, cli::Options& options) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  cli::GivenArguments given = cli::apply_arguments(cli::cluster_option_table(), words, options);
  options.files = std::move(given.operands);
  if (!given.mistake.empty()) return given.mistake;
  if (options.printed != cli::Printed::nothing) return {};
  if (options.files.empty()) return "no file is named";
  if (!options.output.empty() && options.files.size() > 1) return "-o: takes one input only";
  return cli::ssm_mistake(options);
}

bool run(const cli::Options& options, int rank) {
  // What every rank finds alike is said by rank 0.
  cli::Messages messages(rank == 0 ? -options.quiet : -2, true, "ssmz-mpi");
  std::vector<Vocabulary> vocabularies;
  std::vector<Prime> primes;
  const bool known =
      cli::load_vocabularies(options, vocabularies, messages) && cli::load_primes(options, primes, messages);
  if (!all_agree(known)) return false;
  JobOptions job{.decompress = options.mode == cli::Mode::decompress,
                 .force = options.force,
                 .quiet = options.quiet > 0,
                 .coder = cli::compress_options(options)};
  job.coder.frame_size = options.frame_size;
  if (!vocabularies.empty()) job.coder.vocabulary = vocabularies.back();
  if (!primes.empty()) job.coder.prime = primes.back();
  job.decoder.memory_limit = options.memory;
  job.decoder.vocabularies = vocabularies;
  job.decoder.primes = primes;
  job.decoder.ignore_checksum = options.ignore_checksum;
  bool good = true;
  for (const std::string& file : options.files) {
    const std::optional<std::string> output = cli::output_name(file, options, messages);
    good = output && run_file(file, *output, job) && good;
  }
  return good;
}

bool start(int argc, char** argv) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  cli::Options options;
  const std::string mistake = parse(argc, argv, options);
  if (!mistake.empty()) {
    if (rank == 0)
      std::fprintf(stderr, "ssmz-mpi: %s\nssmz-mpi: `ssmz-mpi --help` shows all options\n",
                   cli::masked(mistake).c_str());
    return false;
  }
  if (options.printed == cli::Printed::nothing) return run(options, rank);
  const std::string text = options.printed == cli::Printed::ssm_layers
                               ? ssm_layers()
                               : usage + cli::help_of(cli::cluster_option_table());
  if (rank == 0) std::fputs(text.c_str(), stdout);
  return true;
}

}  // namespace
}  // namespace ssmz::mpi

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  const bool good = ssmz::mpi::start(argc, argv);
  MPI_Finalize();
  return good ? 0 : 1;
}
