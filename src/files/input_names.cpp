// SPDX-License-Identifier: Apache-2.0
// Reads lists of names and walks folders.
#include "src/files/input_names.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "src/files/descriptor.hpp"

namespace ssmz::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 42> compressed_suffixes = {
    ".7z",   ".aac",  ".apk",  ".avi", ".avif", ".br",   ".bz2", ".bz3",  ".cab",  ".deb", ".flac",
    ".gif",  ".gz",   ".heic", ".jar", ".jpeg", ".jpg",  ".lz",  ".lz4",  ".lzma", ".lzo", ".m4a",
    ".mkv",  ".mov",  ".mp3",  ".mp4", ".mpeg", ".mpg",  ".ogg", ".opus", ".png",  ".rar", ".rpm",
    ".ssmz", ".tbz2", ".tgz",  ".txz", ".webm", ".webp", ".xz",  ".zip",  ".zst"};

/// Collects names.
class Names {
 public:
  Names(const Options& options, Messages& messages) : options_(options), messages_(messages) {}

  void add(const std::string& file) {
    struct stat attributes {};
    const bool folder = options_.recursive && file != "-" && stat(file.c_str(), &attributes) == 0 &&
                        S_ISDIR(attributes.st_mode);
    if (folder) {
      add_folder(file);
    } else if (!is_excluded(file)) {
      names_.push_back(file);
    }
  }

  void add_list(const NameList& list) {
    const auto bytes = list.file == "-" ? read_all(STDIN_FILENO) : read_file(list.file);
    if (!bytes) {
      messages_.error(list.file, system_text("cannot read"));
      return;
    }
    for (auto start = bytes->begin(); start != bytes->end();) {
      const auto end = std::find(start, bytes->end(), static_cast<std::uint8_t>(list.separator));
      const std::string name(start, end);
      if (!name.empty()) add(name == "-" ? "./-" : name);
      start = end == bytes->end() ? end : end + 1;
    }
  }

  std::vector<std::string> take() { return std::move(names_); }

 private:
  /// Links are not followed, so that no folder is met twice.
  void add_folder(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> found;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      found.push_back(at->path().string());
    }
    if (error) messages_.error(folder, "cannot read the folder: " + error.message());
    std::sort(found.begin(), found.end());
    for (const std::string& path : found) {
      struct stat attributes {};
      if (lstat(path.c_str(), &attributes) != 0) continue;
      if (S_ISDIR(attributes.st_mode)) add_folder(path);
      if (S_ISREG(attributes.st_mode) && suits_mode(path) && !is_excluded(path)) names_.push_back(path);
    }
  }

  /// In a folder the names say what is meant: nothing is compressed twice, nothing else decompressed.
  [[nodiscard]] bool suits_mode(const std::string& path) const {
    const bool compressed = path.ends_with(options_.suffix);
    const bool unfinished = path.ends_with(".ssmz-partial");
    return compressed != (options_.mode == Mode::compress || options_.mode == Mode::bench) && !unfinished;
  }

  [[nodiscard]] bool is_excluded(const std::string& file) {
    if (!options_.exclude_compressed || options_.mode != Mode::compress) return false;
    if (!is_named_compressed(file)) return false;
    messages_.note(1, file, "is compressed by its name, passed over");
    return true;
  }

  const Options& options_;
  Messages& messages_;
  std::vector<std::string> names_;
};

}  // namespace

bool is_named_compressed(const std::string& file) {
  std::string name = file.substr(file.find_last_of('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::any_of(compressed_suffixes.begin(), compressed_suffixes.end(),
                     [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::vector<std::string> input_names(const Options& options, Messages& messages) {
  Names names(options, messages);
  for (const std::string& file : options.files) names.add(file);
  for (const NameList& list : options.lists) names.add_list(list);
  return names.take();
}

}  // namespace ssmz::cli
