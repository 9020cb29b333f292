// SPDX-License-Identifier: Apache-2.0
// Input and output files: opened with care, written beside their name and renamed when complete.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Closes a descriptor; 0..2 are left open.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const noexcept { return number_; }
  int release() noexcept;
  /// False if the system reports a late write error.
  bool close() noexcept;

 private:
  int number_;
};

/// Reads up to `buffer.size()` bytes, fewer only at the end; nullopt on an error (errno says which).
[[nodiscard]] std::optional<std::size_t> read_full(int descriptor, std::span<std::uint8_t> buffer);

/// All of it, or false (errno says why).
[[nodiscard]] bool write_full(int descriptor, std::span<const std::uint8_t> bytes);

/// The whole of a file, or nullopt (errno says why).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_file(const std::string& path);

/// A regular file's bytes without reading them all, for what looks at few of them.
class Mapping {
 public:
  Mapping(int descriptor, std::size_t size) noexcept;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  /// False: errno says why, and there are no bytes.
  [[nodiscard]] bool ok() const noexcept { return start_ != nullptr || size_ == 0; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {start_, size_}; }

 private:
  std::size_t size_;
  std::uint8_t* start_ = nullptr;
};

/// Where output goes. A regular file grows under a temporary name in the same folder, with mode 0600, until
/// commit(); if that is not reached, also because of a signal, it is removed. Only one may be open at a time.
class Output {
 public:
  /// The standard output.
  [[nodiscard]] static Output standard();
  /// Nothing is kept.
  [[nodiscard]] static Output none();
  /// A file; if `path` exists and is no regular file (a device, a pipe) it is written to directly. nullopt:
  /// errno.
  [[nodiscard]] static std::optional<Output> file(const std::string& path);

  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  /// io_error with errno kept.
  Status write(std::span<const std::uint8_t> bytes);
  /// Gives the file its name and, if `source` is there, the source's mode, times and, if allowed, owner.
  /// False: errno.
  [[nodiscard]] bool commit(const struct stat* source);
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  Output() = default;
  Descriptor descriptor_;
  bool keep_ = true;
  std::string path_;
  std::string temporary_;
  std::uint64_t written_ = 0;
};

/// Removes an unfinished output on SIGINT, SIGTERM and SIGHUP, then lets the signal end the program.
void install_signal_handlers();

}  // namespace ssmz::cli
