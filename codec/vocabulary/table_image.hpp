// SPDX-License-Identifier: Apache-2.0
// Tables worked out of a vocabulary, written one after another so that a process can use them where they lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace ssmz::codec {

/// An array that was built here, and is owned, or that lies in an image, which must outlive it. Read-only.
template <class T>
class Table {
 public:
  static_assert(std::is_trivially_copyable_v<T>, "an image holds bytes");

  Table() = default;
  explicit Table(std::vector<T> values) noexcept : owned_(std::move(values)), values_(owned_) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  Table(Table&&) noexcept = default;  // a moved vector keeps its place
  Table& operator=(Table&&) noexcept = default;

  /// `values` must outlive this object.
  static Table view(std::span<const T> values) noexcept {
    Table table;
    table.values_ = values;
    return table;
  }

  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return values_[i]; }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const T* data() const noexcept { return values_.data(); }
  [[nodiscard]] auto begin() const noexcept { return values_.begin(); }
  [[nodiscard]] auto end() const noexcept { return values_.end(); }

 private:
  std::vector<T> owned_;
  std::span<const T> values_;
};

/// Each array of an image begins on a line of the cache: 8 bytes of its length in bytes, then the values, in
/// the byte order and layout of the machine. Images are made by the build and never leave the program.
inline constexpr std::size_t image_alignment = 64;

/// Collects an image. Appending throws std::bad_alloc.
class TableImageWriter {
 public:
  template <class T>
  void operator()(const Table<T>& table) {
    append(table.data(), table.size() * sizeof(T));
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void operator()(const T& value) { append(&value, sizeof(T)); }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const noexcept { return bytes_; }

 private:
  void append(const void* data, std::size_t size) {
    const std::uint64_t length = size;
    const std::size_t at = bytes_.size();
    const std::size_t values = at + image_alignment;
    bytes_.resize((values + size + image_alignment - 1) / image_alignment * image_alignment);
    std::memcpy(bytes_.data() + at, &length, sizeof(length));
    if (size != 0) std::memcpy(bytes_.data() + values, data, size);
  }

  std::vector<std::uint8_t> bytes_;
};

/// Reads in the order of writing. After an array that is not there all further ones are empty, and good() is
/// false.
class TableImageReader {
 public:
  /// `bytes` must outlive the tables and begin at a multiple of image_alignment.
  explicit TableImageReader(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}

  template <class T>
  void operator()(Table<T>& table) noexcept {
    const std::span<const std::uint8_t> values = next(sizeof(T));
    table = Table<T>::view({reinterpret_cast<const T*>(values.data()), values.size() / sizeof(T)});
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void operator()(T& value) noexcept {
    const std::span<const std::uint8_t> values = next(sizeof(T));
    good_ = good_ && values.size() == sizeof(T);
    if (good_) std::memcpy(&value, values.data(), sizeof(T));
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  std::span<const std::uint8_t> next(std::size_t element) noexcept {
    std::uint64_t length = 0;
    good_ = good_ && bytes_.size() >= image_alignment;
    if (good_) std::memcpy(&length, bytes_.data(), sizeof(length));
    good_ = good_ && length <= bytes_.size() - image_alignment && length % element == 0;
    if (!good_) return {};
    const auto values = bytes_.subspan(image_alignment, static_cast<std::size_t>(length));
    const std::size_t whole = (values.size() + image_alignment - 1) / image_alignment * image_alignment;
    bytes_ = bytes_.subspan(image_alignment + whole);
    return values;
  }

  std::span<const std::uint8_t> bytes_;
  bool good_ = true;
};

}  // namespace ssmz::codec
