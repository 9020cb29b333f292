// SPDX-License-Identifier: Apache-2.0
// Inputs: which are taken, how much is read of them, and when they may be removed.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "src/files/descriptor.hpp"
#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

/// An open input. Of a regular file, what it held when it was opened is read and no more.
class SourceFile {
 public:
  /// Opens `file` ("-": standard input) unless it is something that should be left alone (a folder, a link, a
  /// device, a terminal), which is told to `messages`.
  [[nodiscard]] static std::optional<SourceFile> open(const std::string& file, const Options& options,
                                                      Messages& messages);

  [[nodiscard]] bool regular() const noexcept { return regular_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  /// As they were when the file was opened.
  [[nodiscard]] const struct stat& attributes() const noexcept { return attributes_; }
  /// Bytes to come when it was opened, if it is a regular file that says so.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }

  /// Fills the buffer, less only at the end (or if idle()); nullopt: errno.
  [[nodiscard]] std::optional<std::size_t> read(std::span<std::uint8_t> buffer);
  /// With a limit, read() of what is no regular file also comes back when no byte has come for so long: then
  /// idle() is true, and what it got is not the end.
  void wait_at_most(std::chrono::milliseconds limit) noexcept { limit_ = limit; }
  [[nodiscard]] bool idle() const noexcept { return idle_; }
  /// Takes only `length` bytes from `offset` on, and fewer if the file ends before. False: errno.
  [[nodiscard]] bool restrict_to(std::uint64_t offset, std::uint64_t length);
  /// Starts again from where it was opened; false for what cannot be read twice.
  [[nodiscard]] bool rewind();
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return read_; }

  /// Why the file, read to its end, is not what was announced: it grew, shrank or was written to. Empty if it
  /// is. A file of /proc or /sys, whose size says nothing, never changes.
  [[nodiscard]] std::string change() const;

 private:
  std::optional<std::size_t> read_or_idle(std::span<std::uint8_t> buffer);

  Descriptor descriptor_;
  struct stat attributes_ {};
  bool regular_ = false;
  std::optional<std::uint64_t> size_;
  off_t start_ = 0;
  std::uint64_t read_ = 0;
  std::chrono::milliseconds limit_{0};  ///< 0: waits.
  bool idle_ = false;
};

/// Removes `path` if it still leads to what `source` was, unchanged. Empty: done; else why it was kept.
[[nodiscard]] std::string remove_source(const std::string& path, const SourceFile& source);

}  // namespace ssmz::cli
