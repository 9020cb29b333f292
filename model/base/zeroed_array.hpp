// SPDX-License-Identifier: Apache-2.0
// A large array that starts as zeros and takes memory only where it is touched.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "model/base/huge_pages.hpp"
#include "model/base/memory_image.hpp"
#include "model/base/zero_pages.hpp"

namespace ssmz::model {

/// Fixed length, aligned to 64 bytes. Throws std::bad_alloc as containers do. A Value whose bytes are all
/// zeros must be one that it may start with.
template <class Value>
class Zeroed {
  static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_destructible_v<Value>);

 public:
  Zeroed() = default;
  /// On small pages: of what is used little the rest takes no memory.
  explicit Zeroed(std::size_t n) : size_(n) {
    if (n > (SIZE_MAX - spare) / sizeof(Value)) throw std::bad_alloc();
    if (bytes() >= least_mapped) {
      data_ = static_cast<Value*>(map_zero_pages(bytes(), true));
      if (data_ == nullptr) throw std::bad_alloc();
      return;
    }
    // Asked for as if they were larger, these come untouched from the system, too, at first.
    const bool sparse = bytes() >= least_sparse && bytes() + spare < least_untouched;
    raw_ = std::calloc(sparse ? least_untouched : bytes() + spare, 1);
    if (raw_ == nullptr) throw std::bad_alloc();
    const auto address = reinterpret_cast<std::uintptr_t>(raw_);
    data_ = reinterpret_cast<Value*>((address + alignment - 1) / alignment * alignment);
  }
  ~Zeroed() { release(); }
  /// Takes memory only for what is not zeros; of a frozen array only where it is written.
  Zeroed(const Zeroed& other) {
    if (other.image_ == nullptr || !map(*other.image_, true)) {
      *this = Zeroed(other.size_);
      copy_pages(other);
      if (other.huge_pages_) use_huge_pages(UINT64_MAX);
    }
    size_ = other.size_;
  }
  Zeroed& operator=(const Zeroed& other) { return *this = Zeroed(other); }
  Zeroed(Zeroed&& other) noexcept { *this = std::move(other); }
  Zeroed& operator=(Zeroed&& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(of_image_, other.of_image_);
    std::swap(huge_pages_, other.huge_pages_);
    std::swap(image_, other.image_);
    return *this;
  }

  /// `symbols` were coded: if they are enough for an array of this size it is on huge pages from here on,
  /// which is faster where most of it will be touched.
  void use_huge_pages(std::uint64_t symbols) noexcept {
    if (data_ == nullptr || of_image_ || huge_pages_ || bytes() / huge_bytes_a_symbol > symbols) return;
    huge_pages_ = true;
    collapse_to_huge_pages(data_, bytes());
  }

  /// Nearly all of a small array is about to be used: populate(). Of a larger one nothing happens.
  void expect_use_of_all() noexcept {
    if (bytes() <= most_at_once) populate(data_, bytes());
  }
  /// The values from `at` on are about to be used one after another: some more are made ready with those up
  /// to `at + count`. `ready`: where that ends, to be kept by the caller, 0 at first.
  void expect_use(std::size_t at, std::size_t count, std::size_t& ready) noexcept {
    if (at + count <= ready || huge_pages_) return;
    const std::size_t end = std::min(size_, std::max(ready, at + count) + ahead_bytes / sizeof(Value));
    populate(data_ + ready, (end - ready) * sizeof(Value));
    ready = end;
  }

  /// From here on the array is only read, so that copies of it cost little. Where the system does not help
  /// nothing changes. Cost: reading it once; the memory of its pages that are not zeros, once more meanwhile.
  void freeze() {
    if (image_ != nullptr || bytes() < least_frozen) return;
    Zeroed frozen;
    frozen.image_ = MemoryImage::of(data_, bytes());
    if (frozen.image_ == nullptr || !frozen.map(*frozen.image_, false)) return;
    frozen.size_ = size_;
    *this = std::move(frozen);
  }

  [[nodiscard]] Value* data() noexcept { return data_; }
  [[nodiscard]] const Value* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Value& operator[](std::size_t i) noexcept { return data_[i]; }
  [[nodiscard]] const Value& operator[](std::size_t i) const noexcept { return data_[i]; }

 private:
  static constexpr std::size_t alignment = 64, spare = 64;
  static constexpr std::size_t least_sparse = std::size_t{1} << 15, least_untouched = std::size_t{1} << 17;
  // Mapped from here on. 1 kB at -5 over and over in one process: 0.95 of the time of calloc(), which clears
  // all of what comes back to it; from 2^18 on no less time, and 450 page faults more each time.
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t least_mapped = SIZE_MAX;  // the allocator's memory has guarded ends
#else
  static constexpr std::size_t least_mapped = std::size_t{1} << 22;
#endif
  static constexpr std::size_t most_at_once = std::size_t{1} << 20, ahead_bytes = std::size_t{1} << 16;
  static constexpr std::size_t least_frozen = std::size_t{1} << 18;  // below, a copy is as quick

  [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(Value); }
  // Of an empty array.
  bool map(const MemoryImage& image, bool writable) noexcept {
    data_ = static_cast<Value*>(image.map(writable));
    of_image_ = data_ != nullptr;
    return of_image_;
  }
  // Pages of zeros are left as they are.
  void copy_pages(const Zeroed& other) noexcept {
    constexpr std::size_t page = 4096;
    const char* const from = reinterpret_cast<const char*>(other.data_);
    char* const to = reinterpret_cast<char*>(data_);
    for (std::size_t at = 0; at < bytes(); at += page) {
      const std::size_t count = std::min(page, bytes() - at);
      if (from[at] != 0 || std::memcmp(from + at, from + at + 1, count - 1) != 0)
        std::memcpy(to + at, from + at, count);
    }
  }
  void release() noexcept {
    if (raw_ == nullptr) unmap_pages(data_, bytes());
    std::free(raw_);
  }

  void* raw_ = nullptr;  // of the allocator; nullptr: data_ is mapped
  Value* data_ = nullptr;
  std::size_t size_ = 0;
  bool of_image_ = false, huge_pages_ = false;
  std::shared_ptr<const MemoryImage> image_;  // of a frozen array
};

using ZeroedArray = Zeroed<float>;

}  // namespace ssmz::model
