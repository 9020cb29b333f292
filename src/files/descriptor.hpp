// SPDX-License-Identifier: Apache-2.0
// File descriptors: closed by themselves, read and written whole, whatever the system cuts or delays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ssmz::cli {

/// Closes a descriptor that it owns.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const noexcept { return number_; }
  int release() noexcept;
  /// False if the system reports a late write error. 0, 1 and 2 stay open; close_standard_output() closes 1.
  bool close() noexcept;

 private:
  int number_;
};

/// Puts /dev/null, opened the wrong way round, on those of descriptors 0, 1 and 2 that are closed: no file
/// opened later can then be taken for a standard stream, and using the stream fails. False: errno.
[[nodiscard]] bool occupy_standard_descriptors() noexcept;

/// Flushes and closes the standard output; false if anything written to it may be lost (errno).
[[nodiscard]] bool close_standard_output() noexcept;

/// Reads up to `buffer.size()` bytes, fewer only at the end; nullopt on an error (errno says which). Waits
/// where the descriptor does not.
[[nodiscard]] std::optional<std::size_t> read_full(int descriptor, std::span<std::uint8_t> buffer);

/// The same from an offset of a file, which may shrink meanwhile; the descriptor's own position stays.
[[nodiscard]] std::optional<std::size_t> read_full_at(int descriptor, std::span<std::uint8_t> buffer,
                                                      std::uint64_t offset);

/// All of it, or false (errno says why). Waits where the descriptor does not.
[[nodiscard]] bool write_full(int descriptor, std::span<const std::uint8_t> bytes);

/// Waits until what was written is on the disk, or false (errno says why). True where that cannot be asked,
/// as of pipes.
[[nodiscard]] bool sync_to_disk(int descriptor);

/// All bytes to the end, or nullopt (errno says why).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_all(int descriptor);

/// The whole of a file, or nullopt (errno says why).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_file(const std::string& path);

}  // namespace ssmz::cli
