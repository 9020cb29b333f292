// SPDX-License-Identifier: Apache-2.0
// The documents agree with the tree: paths they name exist, and the version is the same everywhere.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"
#include "tests/source_files.hpp"

namespace ssmz {
namespace {

namespace fs = std::filesystem;
using test::read_lines;
using test::source_root;

// "`codec/frame/header.hpp`", "(tests/FAULTS.md)"; names in capitals and patterns stand for others.
std::vector<std::string> paths_in(const std::string& document) {
  static const std::regex path(R"([`(]((?:src|codec|model|bench|tests|data|cmake)/[\w./-]+)(?=[`) ]))");
  std::vector<std::string> found;
  for (const std::string& line : read_lines(source_root() / document)) {
    for (std::sregex_iterator at(line.begin(), line.end(), path), end; at != end; ++at) {
      const std::string name = (*at)[1];
      if (name.find("NAME") == std::string::npos) found.push_back(name);
    }
  }
  return found;
}

TEST(Documents, NamePathsThatExist) {
  for (const char* document : {"CONTRIBUTING.md", "SECURITY.md", "README.md", "codec/API.md",
                               "codec/DESIGN.md", "tests/FAULTS.md"}) {
    const auto paths = paths_in(document);
    for (const std::string& path : paths)
      EXPECT_TRUE(fs::exists(source_root() / path)) << document << ": " << path;
  }
  EXPECT_GE(paths_in("CONTRIBUTING.md").size(), 20u);
}

TEST(Documents, VersionIsTheSameInCMakeAndBothHeaders) {
  const std::string version = std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
                              std::to_string(version_patch);
  EXPECT_EQ(version, version_string());
  EXPECT_EQ(SSMZ_VERSION_MAJOR, version_major);
  EXPECT_EQ(SSMZ_VERSION_MINOR, version_minor);
  EXPECT_EQ(SSMZ_VERSION_PATCH, version_patch);
  bool found = false;
  for (const std::string& line : read_lines(source_root() / "CMakeLists.txt")) {
    found |= line.find("project(ssmz VERSION " + version + " ") != std::string::npos;
  }
  EXPECT_TRUE(found) << "CMakeLists.txt has another version than " << version;
}

// Within a tenth: the table is for people. ssmz --info-memory prints what it should say.
TEST(Documents, ManPageHasTheMemoryOfEachLevel) {
  static const std::regex row(R"(^(\d)\|([\d.]+) ([MG])iB\|(\d+) MiB\|.*)");
  int rows = 0;
  for (const std::string& line : read_lines(source_root() / "src/man/ssmz.1")) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    ++rows;
    const int level = std::stoi(match[1]);
    const std::uint64_t frame = usual_frame_size(level).value();
    const double mebibytes = std::stod(match[2]) * (match[3] == "G" ? 1024 : 1);
    const double needed = static_cast<double>(memory_needed(level, frame).value()) / (1 << 20);
    EXPECT_NEAR(mebibytes / needed, 1, 0.1) << "level " << level << " takes " << needed << " MiB";
    EXPECT_EQ(std::stoull(match[4]), frame >> 20) << "level " << level;
  }
  EXPECT_EQ(rows, highest_level);
}

}  // namespace
}  // namespace ssmz
