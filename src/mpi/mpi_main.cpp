// SPDX-License-Identifier: Apache-2.0
// ssmz-mpi: compresses and decompresses files over the ranks of an MPI job, to the bytes that ssmz gives on
// one machine.
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "src/mpi/file_job.hpp"
#include "ssmz/ssmz.hpp"

namespace {

constexpr const char* help =
    "usage: mpirun ssmz-mpi [-1..-9] [-d] [-f] [-q] [--frame-size BYTES[KiB|MiB]] [-o FILE] FILE...\n"
    "Compresses each FILE to FILE.ssmz, or with -d back, its frames spread over the ranks. Rank 0 hands out "
    "frames;\n"
    "use one rank more than processors. Every rank must see the files. The bytes are those of ssmz on one "
    "machine.\n";

struct Arguments {
  ssmz::mpi::JobOptions job;
  std::string output;
  std::vector<std::string> files;
  std::string mistake;
};

std::uint64_t size_of(const std::string& text, std::string& mistake) {
  char* end = nullptr;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 10);
  const std::string_view unit = end;
  const unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : 0;
  if (number == 0 || number > (1ull << 40) || (shift == 0 && !unit.empty())) {
    mistake = "--frame-size: " + text + " is no size";
  }
  return static_cast<std::uint64_t>(number) << shift;
}

Arguments parse(int argc, char** argv) {
  Arguments parsed;
  for (int i = 1; i < argc && parsed.mistake.empty(); ++i) {
    const std::string word = argv[i];
    const bool has_next = i + 1 < argc;
    if (word.size() == 2 && word[0] == '-' && word[1] >= '1' && word[1] <= '9') {
      parsed.job.level = word[1] - '0';
    } else if (word == "-d" || word == "--decompress") {
      parsed.job.decompress = true;
    } else if (word == "-f" || word == "--force") {
      parsed.job.force = true;
    } else if (word == "-q" || word == "--quiet") {
      parsed.job.quiet = true;
    } else if (word == "--frame-size" && has_next) {
      parsed.job.frame_size = size_of(argv[++i], parsed.mistake);
    } else if (word == "-o" && has_next) {
      parsed.output = argv[++i];
    } else if (word.size() > 1 && word[0] == '-') {
      parsed.mistake = "unknown option or missing value: " + word;
    } else {
      parsed.files.push_back(word);
    }
  }
  if (parsed.mistake.empty() && parsed.files.empty()) parsed.mistake = "no file";
  if (!parsed.output.empty() && parsed.files.size() > 1) parsed.mistake = "-o is for one file";
  return parsed;
}

/// Empty if a name to decompress has no ending to take off.
std::string output_name(const std::string& input, const Arguments& arguments) {
  constexpr std::string_view suffix = ".ssmz";
  if (!arguments.output.empty()) return arguments.output;
  if (!arguments.job.decompress) return input + std::string(suffix);
  if (input.size() <= suffix.size() || !input.ends_with(suffix)) return {};
  return input.substr(0, input.size() - suffix.size());
}

bool run(const Arguments& arguments, bool talks) {
  bool good = true;
  for (const std::string& file : arguments.files) {
    const std::string output = output_name(file, arguments);
    if (output.empty()) {
      if (talks)
        std::fprintf(stderr, "ssmz-mpi: %s: does not end in .ssmz; name the output with -o\n", file.c_str());
      good = false;
    } else {
      good = ssmz::mpi::run_file(file, output, arguments.job) && good;
    }
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const Arguments arguments = parse(argc, argv);
  bool good = false;
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    if (rank == 0) std::fputs(help, stdout);
    good = true;
  } else if (!arguments.mistake.empty()) {
    if (rank == 0) std::fprintf(stderr, "ssmz-mpi: %s\n%s", arguments.mistake.c_str(), help);
  } else {
    good = run(arguments, rank == 0);
  }
  MPI_Finalize();
  return good ? 0 : 1;
}
