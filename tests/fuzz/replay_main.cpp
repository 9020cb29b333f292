// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer: over files, and over mutations of them that are the same for a seed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One to four changes: a byte altered, bytes removed or doubled, the end cut.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  for (auto changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
    const auto at = static_cast<std::ptrdiff_t>(random() % bytes.size());
    const auto length = static_cast<std::ptrdiff_t>(random() % 8);
    const auto end = std::min(at + length, static_cast<std::ptrdiff_t>(bytes.size()));
    const Bytes part(bytes.begin() + at, bytes.begin() + end);
    switch (random() % 6) {
      case 0: bytes.erase(bytes.begin() + at, bytes.begin() + end); break;
      case 1: bytes.insert(bytes.begin() + at, part.begin(), part.end()); break;
      case 2: bytes.resize(static_cast<std::size_t>(at)); break;
      default: bytes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random()); break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: %s FOLDER MUTATIONS-OF-EACH-FILE [SEED]\n", argv[0]);
    return 2;
  }
  const long mutations = std::atol(argv[2]);
  std::mt19937 random(argc == 4 ? static_cast<std::uint32_t>(std::atol(argv[3])) : 1u);
  long runs = 1;
  LLVMFuzzerTestOneInput(nullptr, 0);
  std::set<std::filesystem::path> paths;  // In the same order everywhere.
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) paths.insert(entry.path());
  for (const auto& path : paths) {
    const Bytes bytes = read(path);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    for (long i = 0; i < mutations; ++i) {
      const Bytes other = mutated(bytes, random);
      LLVMFuzzerTestOneInput(other.data(), other.size());
    }
    runs += 1 + mutations;
  }
  if (paths.empty()) std::fprintf(stderr, "no inputs in %s\n", argv[1]);
  std::printf("%ld runs\n", runs);
  return paths.empty() ? 1 : 0;
}
