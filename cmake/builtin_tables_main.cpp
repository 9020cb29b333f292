// SPDX-License-Identifier: Apache-2.0
// A program of the build: writes the image of a vocabulary's tables. Usage: ssmz-tables VOCABULARY IMAGE.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "codec/vocabulary/vocabulary.hpp"

// The program makes what the library holds here.
extern "C" {
extern const std::uint8_t ssmz_builtin_tables_begin[1] = {};
extern const std::uint8_t ssmz_builtin_tables_end[1] = {};
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s VOCABULARY IMAGE\n", argv[0]);
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::vector<std::uint8_t> file{std::istreambuf_iterator<char>(in), {}};
  const auto image = ssmz::codec::Vocabulary::image_of(file);
  if (!image.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[1], image.status().detail);
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary);
  out.write(reinterpret_cast<const char*>(image.value().data()),
            static_cast<std::streamsize>(image.value().size()));
  return out.flush() ? 0 : 1;
}
