// SPDX-License-Identifier: Apache-2.0
// Adds and drops suffixes, moves names to other folders.
#include "src/files/output_name.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "src/messages/masked_text.hpp"

namespace ssmz::cli {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> changed_name(const std::string& file, const Options& options, Messages& messages) {
  const bool has_suffix = file.ends_with(options.suffix);
  if (options.mode == Mode::compress) {
    if (has_suffix && !options.force) {
      messages.warning(file, "already has the suffix " + options.suffix + ", skipped (-f compresses it)");
      return std::nullopt;
    }
    return file + options.suffix;
  }
  const std::string stem = has_suffix ? file.substr(0, file.size() - options.suffix.size()) : "";
  if (stem.empty() || stem.back() == '/') {
    messages.error(file, "does not end in " + options.suffix + ": name the output with -o");
    return std::nullopt;
  }
  return stem;
}

/// The path without what leads out of the folder it is put into; nullopt if that is not all.
std::optional<std::string> path_to_mirror(const std::string& path) {
  fs::path inside;
  for (const fs::path& part : fs::path(path).relative_path()) {
    if (part == "..") return std::nullopt;
    if (part != ".") inside /= part;
  }
  return inside.string();
}

}  // namespace

std::optional<std::string> output_name(const std::string& file, const Options& options, Messages& messages) {
  if (!options.output.empty()) return options.output;
  if (file == "-") return std::string();
  std::optional<std::string> name = changed_name(file, options, messages);
  if (!name || options.output_directory.empty()) return name;
  if (!options.mirror) return options.output_directory + "/" + name->substr(name->find_last_of('/') + 1);
  const std::optional<std::string> inside = path_to_mirror(*name);
  if (!inside) {
    messages.error(file, "has .. in its path, which --output-dir-mirror cannot mirror");
    return std::nullopt;
  }
  return options.output_directory + "/" + *inside;
}

bool make_folders_of(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  errno = error.value();
  return !error;
}

bool asks_to_replace(const std::string& path, Messages& messages) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return false;
  messages.line().clear();
  std::fprintf(stderr, "ssmz: %s exists; replace it (y/N)? ", masked(path).c_str());
  const int answer = std::getchar();
  for (int rest = answer; rest != '\n' && rest != EOF;) rest = std::getchar();
  return answer == 'y' || answer == 'Y';
}

}  // namespace ssmz::cli
