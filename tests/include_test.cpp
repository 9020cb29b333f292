// SPDX-License-Identifier: Apache-2.0
// Who includes whom, against tests/include_table.txt; in which order; and README's map of the folders.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_files.hpp"

namespace ssmz {
namespace {

namespace fs = std::filesystem;
using test::read_lines;
using test::Source;
using test::source_root;
using test::sources;

using Table = std::map<std::string, std::set<std::string>>;

const Table& include_table() {
  static const Table table = [] {
    Table rows;
    for (const std::string& line : read_lines(source_root() / "tests/include_table.txt")) {
      if (line.empty() || line[0] == '#') continue;
      const std::size_t colon = line.find(':');
      std::istringstream rest(line.substr(colon + 1));
      std::set<std::string>& folders = rows[line.substr(0, colon)];
      for (std::string folder; rest >> folder;) folders.insert(folder);
    }
    return rows;
  }();
  return table;
}

/// The text between the quotes of an include of ours, or nothing.
std::string own_include(const std::string& line) {
  constexpr std::string_view opening = "#include \"";
  if (line.rfind(opening, 0) != 0) return {};
  return line.substr(opening.size(), line.find('"', opening.size()) - opening.size());
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// From the root: the public headers are included as "ssmz/...", everything else by its path.
std::string included_folder(const std::string& included) {
  return included.rfind("ssmz/", 0) == 0 ? "codec/ssmz" : folder_of(included);
}

/// The folder itself or one above it is in the row.
bool allows(const std::string& row, std::string folder) {
  const auto found = include_table().find(row);
  if (found == include_table().end()) return false;
  for (;; folder = folder_of(folder)) {
    if (found->second.count(folder) > 0) return true;
    if (folder.find('/') == std::string::npos) return false;
  }
}

/// The row of a source's folder: the longest that there is.
std::string row_of(std::string folder) {
  while (include_table().count(folder) == 0 && folder.find('/') != std::string::npos) {
    folder = folder_of(folder);
  }
  return folder;
}

TEST(IncludeTest, KeepsToTheTableOfFolders) {
  for (const Source& source : sources()) {
    const std::string row = row_of(folder_of(source.path));
    for (const std::string& line : source.lines) {
      const std::string included = own_include(line);
      if (included.empty()) continue;
      const std::string folder = included_folder(included);
      EXPECT_TRUE(row_of(folder) == row || allows(row, folder) || allows(source.path, folder))
          << source.path << " includes " << included << ", against tests/include_table.txt";
    }
  }
}

TEST(IncludeTest, TableNamesWhatExists) {
  for (const auto& [row, folders] : include_table()) {
    EXPECT_TRUE(fs::path(row).has_extension() || fs::is_directory(source_root() / row)) << row;
    for (const std::string& folder : folders) EXPECT_TRUE(fs::exists(source_root() / folder)) << folder;
  }
}

TEST(IncludeTest, TableHasNoCircleOfFolders) {
  std::set<std::string> done;
  std::set<std::string> open;
  const std::function<void(const std::string&)> visit = [&](const std::string& row) {
    if (done.count(row) > 0 || include_table().count(row) == 0) return;
    ASSERT_TRUE(open.insert(row).second) << row << " needs itself";
    for (const std::string& folder : include_table().at(row)) visit(folder);
    open.erase(row);
    done.insert(row);
  };
  for (const auto& [row, folders] : include_table()) {
    if (fs::is_directory(source_root() / row)) visit(row);
  }
}

// A source's own header comes first (in a test the header under test), so that it is seen to compile alone;
// ours come after all others.
TEST(IncludeTest, PutsOwnHeaderFirstThenTheStandardsThenOurs) {
  for (const Source& source : sources()) {
    std::vector<std::string> includes;
    bool conditional = false;  // What stands under #if has its own order.
    for (const std::string& line : source.lines) {
      if (line.rfind("#if", 0) == 0) conditional = true;
      if (line.rfind("#endif", 0) == 0) conditional = false;
      if (!conditional && line.rfind("#include ", 0) == 0) includes.push_back(line);
    }
    fs::path header = source.path;
    header.replace_extension(".hpp");
    if (source.path.ends_with(".cpp") && fs::exists(source_root() / header)) {
      ASSERT_FALSE(includes.empty()) << source.path;
      EXPECT_EQ(own_include(includes[0]), header.generic_string()) << source.path;
      includes.erase(includes.begin());
    } else if (source.folder() == "tests" && !includes.empty()) {
      includes.erase(includes.begin());
    }
    EXPECT_TRUE(std::is_partitioned(includes.begin(), includes.end(),
                                    [](const std::string& line) { return own_include(line).empty(); }))
        << source.path << ": an include of ours stands before one with angle brackets";
  }
}

// Lines such as "    codec/frame/   headers, ..." in README.md.
std::set<std::string> folders_on_the_map() {
  std::set<std::string> folders;
  for (const std::string& line : read_lines(source_root() / "README.md")) {
    if (line.rfind("    ", 0) != 0 || line.size() < 5 || line[4] == ' ') continue;
    std::istringstream words(line);
    std::string folder;
    words >> folder;
    if (folder.ends_with('/')) folders.insert(folder.substr(0, folder.size() - 1));
  }
  return folders;
}

TEST(IncludeTest, ReadmesMapOfFoldersIsTheTree) {
  const std::set<std::string> map = folders_on_the_map();
  for (const std::string& folder : map) {
    EXPECT_TRUE(fs::is_directory(source_root() / folder)) << "README.md's map has " << folder;
  }
  for (const Source& source : sources()) {
    const std::string folder = folder_of(source.path);
    const bool has_rooms = source.folder() == "codec" || source.folder() == "model";
    EXPECT_EQ(map.count(has_rooms ? folder : source.folder()), 1u) << "README.md's map lacks " << folder;
  }
}

}  // namespace
}  // namespace ssmz
