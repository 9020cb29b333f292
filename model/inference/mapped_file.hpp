// SPDX-License-Identifier: Apache-2.0
// A file's bytes, mapped read-only so that processes share them and only pages in use take memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "model/base/expected.hpp"

namespace ssmz::model {

/// Owns the mapping; movable. The file must not be cut short while it is mapped.
class MappedFile {
 public:
  MappedFile() = default;
  /// Errors: the file cannot be opened or mapped.
  static Expected<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept { swap(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    swap(other);
    return *this;
  }
  ~MappedFile();

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

 private:
  void swap(MappedFile& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ssmz::model
