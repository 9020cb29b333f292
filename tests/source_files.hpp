// SPDX-License-Identifier: Apache-2.0
// The sources of the tree, for the tests that read them.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace ssmz::test {

struct Source {
  std::string path;  ///< From the root, for example "codec/frame/frame.hpp".
  std::vector<std::string> lines;

  /// "codec" of "codec/frame/frame.hpp".
  [[nodiscard]] std::string folder() const { return path.substr(0, path.find('/')); }
};

inline std::filesystem::path source_root() { return SSMZ_SOURCE_DIR; }

inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// All C and C++ files under the five folders that hold code, read once.
inline const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    std::vector<Source> found;
    for (const char* folder : {"src", "codec", "model", "bench", "tests"}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root() / folder)) {
        const std::string extension = entry.path().extension().string();
        const bool is_source =
            extension == ".cpp" || extension == ".hpp" || extension == ".h" || extension == ".c";
        if (!entry.is_regular_file() || !is_source) continue;
        found.push_back({std::filesystem::relative(entry.path(), source_root()).generic_string(),
                         read_lines(entry.path())});
      }
    }
    return found;
  }();
  return all;
}

}  // namespace ssmz::test
