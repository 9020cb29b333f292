// SPDX-License-Identifier: Apache-2.0
// Frames kept in data/vectors decode to their contents for ever, and damaged ones are refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz {
namespace {

namespace fs = std::filesystem;

const fs::path vectors = fs::path(SSMZ_SOURCE_DIR) / "data/vectors";

std::vector<std::uint8_t> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> frames_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  if (!fs::exists(folder)) return paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".ssmz") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// "text.txt.5.ssmz" stands for "text.txt".
fs::path content_of(const fs::path& frame) {
  fs::path name = frame.filename();
  return vectors / name.replace_extension().replace_extension();
}

TEST(Vectors, DecodeToTheirContents) {
  const std::vector<fs::path> frames = frames_in(vectors);
  if (frames.empty()) GTEST_SKIP() << "no data/vectors yet: make them with tests/make_vectors.sh";
  for (const fs::path& frame : frames) {
    const auto content = decompress(read_file(frame));
    ASSERT_TRUE(content.ok()) << frame;
    ASSERT_TRUE(fs::exists(content_of(frame))) << frame;
    EXPECT_TRUE(content.value() == read_file(content_of(frame))) << frame;
  }
}

TEST(Vectors, AreRefusedWhenBad) {
  const std::vector<fs::path> frames = frames_in(vectors / "bad");
  if (frames.empty()) GTEST_SKIP() << "no data/vectors/bad yet: make them with tests/make_vectors.sh";
  DecompressOptions options;
  options.memory_limit = std::uint64_t{1} << 30;
  for (const fs::path& frame : frames) {
    EXPECT_FALSE(decompress(read_file(frame), options).ok()) << frame;
  }
}

}  // namespace
}  // namespace ssmz
