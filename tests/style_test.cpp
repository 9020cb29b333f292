// SPDX-License-Identifier: Apache-2.0
// The tree keeps its own rules: sizes, names, first lines, what the library may call. Reads sources only.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
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
using test::sources;

constexpr std::size_t most_file_lines = 500;
constexpr std::size_t most_function_lines = 60;

// Lines of tests/size_allowlist.txt: a path, then the reason. The path stands alone for a long file, with
// ":function" for a file that has a long function.
const std::set<std::string>& size_exceptions() {
  static const std::set<std::string> all = [] {
    std::set<std::string> names;
    for (const std::string& line : read_lines(fs::path(SSMZ_SOURCE_DIR) / "tests/size_allowlist.txt")) {
      if (!line.empty() && line[0] != '#') names.insert(line.substr(0, line.find(' ')));
    }
    return names;
  }();
  return all;
}

bool begins_with_any(const std::string& text, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return text.rfind(beginning, 0) == 0; });
}

// The code of a line: without its comment and without what stands between quotes.
std::string code_of(const std::string& line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote == 0 && line.compare(i, 2, "//") == 0) break;
    if (quote != 0 && line[i] == '\\') {
      ++i;
    } else if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else {
      const bool separates_digits = i > 0 && std::isxdigit(static_cast<unsigned char>(line[i - 1]));
      if (line[i] == '"' || (line[i] == '\'' && !separates_digits)) quote = line[i];
      code += line[i];
    }
  }
  return code;
}

bool has_word(const std::string& code, const std::string& word) {
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_name(code[at - 1])) && (end == code.size() || !is_name(code[end]))) return true;
  }
  return false;
}

TEST(StyleTest, BeginsEveryFileWithItsLicenceAndAHeaderWithPragmaOnce) {
  for (const Source& source : sources()) {
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_EQ(source.lines[0].substr(0, 27), "// SPDX-License-Identifier:") << source.path;
    if (source.path.ends_with(".hpp")) {
      EXPECT_TRUE(std::find(source.lines.begin(), source.lines.end(), "#pragma once") != source.lines.end())
          << source.path;
    }
  }
}

TEST(StyleTest, SaysInEachFilesFirstCommentWhatItIs) {
  for (const Source& source : sources()) {
    ASSERT_GE(source.lines.size(), 2u) << source.path;
    const std::string& brief = source.lines[1];
    EXPECT_TRUE(begins_with_any(brief, {"// ", "/* "})) << source.path << " has no one-sentence brief";
  }
}

TEST(StyleTest, KeepsFilesShorterThanTheCeiling) {
  for (const Source& source : sources()) {
    if (size_exceptions().count(source.path)) continue;
    EXPECT_LE(source.lines.size(), most_file_lines) << source.path;
  }
}

// A line that opens a function's body: it ends in "{" after a parameter list. Control statements match as
// well, which is harmless: they are shorter than the function around them.
bool opens_body(const std::string& code) {
  if (code.size() < 2 || code.back() != '{') return false;
  return code.find('(') != std::string::npos || code.find(')') != std::string::npos;
}

// Lines of the body that the last brace of line `first` opens, counted by balance.
std::size_t body_lines(const Source& source, std::size_t first) {
  int depth = 1;
  std::size_t last = first;
  while (depth > 0 && ++last < source.lines.size()) {
    for (const char c : code_of(source.lines[last])) {
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) break;
    }
  }
  return last - first;
}

TEST(StyleTest, KeepsFunctionsShorterThanTheCeiling) {
  for (const Source& source : sources()) {
    if (size_exceptions().count(source.path + ":function")) continue;
    for (std::size_t first = 0; first < source.lines.size(); ++first) {
      if (!opens_body(code_of(source.lines[first]))) continue;
      EXPECT_LE(body_lines(source, first), most_function_lines)
          << source.path << ":" << first + 1 << " opens a body that is too long";
    }
  }
}

TEST(StyleTest, KeepsExceptionsToSizesTrue) {
  for (const std::string& name : size_exceptions()) {
    EXPECT_TRUE(fs::exists(fs::path(SSMZ_SOURCE_DIR) / name.substr(0, name.find(':')))) << name;
  }
}

TEST(StyleTest, GivesEachSourceABaseNameOfItsOwn) {
  std::map<std::string, std::set<std::string>> places;  // Base name -> paths without extension.
  for (const Source& source : sources()) {
    const fs::path path = source.path;
    places[path.stem().string()].insert((path.parent_path() / path.stem()).generic_string());
  }
  for (const auto& [name, paths] : places) {
    EXPECT_EQ(paths.size(), 1u) << name << " is in " << *paths.begin() << " and " << *paths.rbegin();
  }
}

TEST(StyleTest, LibraryNeitherPrintsNorEndsTheProcess) {
  const std::vector<std::string> words = {"printf", "fprintf", "puts",  "fputs", "cout",
                                          "cerr",   "abort",   "_exit", "exit",  "terminate"};
  for (const Source& source : sources()) {
    if (source.folder() != "codec" && source.folder() != "model") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string code = code_of(source.lines[i]);
      for (const std::string& word : words) {
        EXPECT_FALSE(has_word(code, word)) << source.path << ":" << i + 1 << " uses " << word;
      }
    }
  }
}

// The output depends on input, level and format alone; the kernels' choice of instruction set changes no bit.
TEST(StyleTest, LibraryReadsNoEnvironmentButTheKernelChoice) {
  for (const Source& source : sources()) {
    if ((source.folder() != "codec" && source.folder() != "model") ||
        source.path == "model/kernels/kernels.cpp")
      continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(has_word(code_of(source.lines[i]), "getenv")) << source.path << ":" << i + 1;
    }
  }
}

// libm differs between machines; what reaches the coder must not (DESIGN: bit-exactness). fma and sqrt are
// exact.
TEST(StyleTest, LibraryTakesNoTranscendentalFromTheMathLibrary) {
  const std::vector<std::string> functions = {"exp",   "exp2", "expm1", "log", "log2", "log10",
                                              "log1p", "pow",  "tanh",  "sin", "cos",  "cbrt"};
  for (const Source& source : sources()) {
    if (source.folder() != "codec" && source.folder() != "model") continue;
    if (size_exceptions().count(source.path + ":libm")) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string code = code_of(source.lines[i]);
      for (const std::string& function : functions) {
        EXPECT_EQ(code.find("std::" + function + "("), std::string::npos)
            << source.path << ":" << i + 1 << " calls std::" << function;
      }
    }
  }
}

TEST(StyleTest, OpensNoWholeNamespace) {
  for (const Source& source : sources()) {
    if (source.folder() == "bench") continue;  // Programs of one file, which nobody includes.
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_EQ(code_of(source.lines[i]).rfind("using namespace", 0), std::string::npos)
          << source.path << ":" << i + 1;
    }
  }
}

TEST(StyleTest, BuildsWithoutFlagsThatChangeArithmetic) {
  for (const char* name :
       {"CMakeLists.txt", "CMakePresets.json", "tests/CMakeLists.txt", "bench/CMakeLists.txt"}) {
    for (const std::string& line : read_lines(fs::path(SSMZ_SOURCE_DIR) / name)) {
      for (const char* flag :
           {" -ffast-math", "-Ofast", "-march=native", "-ffp-contract=fast", "-funsafe-math"}) {
        EXPECT_EQ(line.find(flag), std::string::npos) << name << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace ssmz
