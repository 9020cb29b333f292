// SPDX-License-Identifier: Apache-2.0
// Trains a vocabulary file: ssmz-train-vocab SIZE OUT WEIGHT:FILE...
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codec/vocabulary_trainer.hpp"

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: ssmz-train-vocab SIZE OUT WEIGHT:FILE...\n");
    return 2;
  }
  std::vector<std::vector<char>> texts;
  std::vector<ssmz::codec::CorpusText> corpus;
  for (int i = 3; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t colon = argument.find(':');
    std::ifstream file(argument.substr(colon + 1), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file) std::fprintf(stderr, "cannot read %s\n", argument.c_str());
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(texts.back().data()),
                                              texts.back().size());
    corpus.push_back({bytes, static_cast<std::uint32_t>(std::atoi(argument.c_str()))});
  }
  ssmz::codec::TrainingOptions options;
  options.size = static_cast<std::size_t>(std::atoi(argv[1]));
  std::string last;
  const auto result = ssmz::codec::train_vocabulary(options, corpus, [&](const char* stage, double share) {
    if (stage != last || share == 0) std::fprintf(stderr, "%s\n", stage);
    last = stage;
    return true;
  });
  if (!result.ok()) {
    std::fprintf(stderr, "%s: %s\n", to_string(result.status().code), result.status().detail);
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary);
  out.write(reinterpret_cast<const char*>(result.value().data()),
            static_cast<std::streamsize>(result.value().size()));
  return out.good() ? 0 : 1;
}
