// SPDX-License-Identifier: Apache-2.0
// Large memory as it was at one moment, of which any number of copies are had that take memory only where
// they are written.
#pragma once

#include <cstddef>
#include <memory>

namespace ssmz::model {

/// Immutable; maps from several threads at once. What it costs: the pages that hold anything but zeros.
class MemoryImage {
 public:
  /// The bytes at `data`, a multiple of anything. nullptr where the system has no such thing or no room.
  /// Cost: reading them once.
  [[nodiscard]] static std::shared_ptr<const MemoryImage> of(const void* data, std::size_t bytes) noexcept;
  ~MemoryImage();
  MemoryImage(const MemoryImage&) = delete;
  MemoryImage& operator=(const MemoryImage&) = delete;

  /// A private copy, to be given back to unmap_pages(); nullptr if there is no room. Cost: microseconds, and
  /// a page copied for each first written to.
  [[nodiscard]] void* map(bool writable) const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  MemoryImage(int file, std::size_t bytes) noexcept : file_(file), bytes_(bytes) {}
  int file_;
  std::size_t bytes_;
};

}  // namespace ssmz::model
