// SPDX-License-Identifier: Apache-2.0
// Judges inputs and makes names.
#include "src/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ssmz::cli {

namespace {

bool keeps_file(const Options& options) {
  return options.to_stdout || options.mode == Mode::test || options.mode == Mode::list;
}

/// Why a file that exists is passed over; nullptr if it is not.
const char* reason_to_skip(const struct stat& link, const Options& options) {
  if (S_ISDIR(link.st_mode)) return "is a folder, skipped";
  if (options.force || keeps_file(options)) return nullptr;
  if (S_ISLNK(link.st_mode)) return "is a symbolic link, skipped (-f follows it)";
  if (!S_ISREG(link.st_mode)) return "is not a regular file, skipped (-f or -c take it)";
  return nullptr;
}

std::optional<Input> open_standard_input(const Options& options, Messages& messages) {
  if (options.mode != Mode::compress && isatty(STDIN_FILENO) != 0 && !options.force) {
    messages.error("-", "compressed data are not read from a terminal (-f overrides; -h helps)");
    return std::nullopt;
  }
  Input input;
  input.descriptor = Descriptor(STDIN_FILENO);
  if (fstat(STDIN_FILENO, &input.attributes) == 0) input.regular = S_ISREG(input.attributes.st_mode);
  return input;
}

/// Asks on the terminal; false if there is none.
bool allowed_to_replace(const std::string& path) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return false;
  std::fprintf(stderr, "ssmz: %s exists; replace it (y/N)? ", path.c_str());
  const int answer = std::getchar();
  for (int rest = answer; rest != '\n' && rest != EOF;) rest = std::getchar();
  return answer == 'y' || answer == 'Y';
}

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
    messages.error(file, "does not end in " + options.suffix + ": name the output with -o, or use -c");
    return std::nullopt;
  }
  return stem;
}

}  // namespace

std::optional<std::uint64_t> Input::size() const {
  // Files in /proc and the like say 0 and are not empty.
  if (!regular || attributes.st_size <= 0) return std::nullopt;
  const off_t at = lseek(descriptor.get(), 0, SEEK_CUR);
  if (at < 0 || at > attributes.st_size) return std::nullopt;
  return static_cast<std::uint64_t>(attributes.st_size - at);
}

std::optional<Input> open_input(const std::string& file, const Options& options, Messages& messages) {
  if (file == "-") return open_standard_input(options, messages);
  struct stat link {};
  if (lstat(file.c_str(), &link) == 0) {
    if (const char* reason = reason_to_skip(link, options); reason != nullptr) {
      messages.warning(file, reason);
      return std::nullopt;
    }
  }
  Input input;
  input.descriptor = Descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (input.descriptor.get() < 0 || fstat(input.descriptor.get(), &input.attributes) != 0) {
    messages.error(file, system_text("cannot open"));
    return std::nullopt;
  }
  if (S_ISDIR(input.attributes.st_mode)) {
    messages.warning(file, "is a folder, skipped");
    return std::nullopt;
  }
  input.regular = S_ISREG(input.attributes.st_mode);
  return input;
}

std::optional<std::string> output_name(const std::string& file, const Options& options, Messages& messages) {
  if (options.to_stdout || options.output == "-") return std::string();
  std::string name = options.output;
  if (name.empty()) {
    if (file == "-") return std::string();
    std::optional<std::string> changed = changed_name(file, options, messages);
    if (!changed) return std::nullopt;
    name = *changed;
    if (!options.output_directory.empty()) {
      name = options.output_directory + "/" + name.substr(name.find_last_of('/') + 1);
    }
  }
  struct stat existing {};
  const bool replaces = stat(name.c_str(), &existing) == 0 && S_ISREG(existing.st_mode);
  if (replaces && !options.force && (file == "-" || !allowed_to_replace(name))) {
    messages.error(name, "exists already (-f replaces it)");
    return std::nullopt;
  }
  return name;
}

}  // namespace ssmz::cli
