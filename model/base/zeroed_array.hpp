// SPDX-License-Identifier: Apache-2.0
// A large float array that starts as zeros and takes memory only where it is touched.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "model/base/huge_pages.hpp"
#include "model/base/memory_image.hpp"

namespace ssmz::model {

/// Fixed length, aligned to 64 bytes. Throws std::bad_alloc as containers do.
class ZeroedArray {
 public:
  ZeroedArray() = default;
  /// Huge pages are faster where most of the array will be touched; where little is, each touch clears 2 MB.
  explicit ZeroedArray(std::size_t n, bool huge_pages = true)
      : raw_(std::calloc(n + 16, sizeof(float))), size_(n) {
    if (raw_ == nullptr) throw std::bad_alloc();
    if (huge_pages)
      advise_huge_pages(raw_, (n + 16) * sizeof(float));  // large ones come untouched from the system
    const auto address = reinterpret_cast<std::uintptr_t>(raw_);
    data_ = reinterpret_cast<float*>((address + 63) / 64 * 64);
  }
  ~ZeroedArray() { release(); }
  /// Of a frozen array: takes memory only where it is written.
  ZeroedArray(const ZeroedArray& other) {
    if (other.image_ == nullptr || !map(*other.image_, true)) {
      *this = ZeroedArray(other.size_);
      std::copy_n(other.data_, size_, data_);
    }
    size_ = other.size_;
  }
  ZeroedArray& operator=(const ZeroedArray& other) { return *this = ZeroedArray(other); }
  ZeroedArray(ZeroedArray&& other) noexcept { *this = std::move(other); }
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(image_, other.image_);
    return *this;
  }

  /// From here on the array is only read, so that copies of it cost little. Where the system does not help
  /// nothing changes. Cost: reading it once; the memory of its pages that are not zeros, once more meanwhile.
  void freeze() {
    if (image_ != nullptr || size_ * sizeof(float) < least_frozen) return;
    ZeroedArray frozen;
    frozen.image_ = MemoryImage::of(data_, size_ * sizeof(float));
    if (frozen.image_ == nullptr || !frozen.map(*frozen.image_, false)) return;
    frozen.size_ = size_;
    *this = std::move(frozen);
  }

  [[nodiscard]] float* data() noexcept { return data_; }
  [[nodiscard]] const float* data() const noexcept { return data_; }

 private:
  static constexpr std::size_t least_frozen = std::size_t{1} << 18;  // below, a copy is as quick

  // Of an empty array.
  bool map(const MemoryImage& image, bool writable) noexcept {
    data_ = static_cast<float*>(image.map(writable));
    return data_ != nullptr;
  }
  void release() noexcept {
    if (raw_ == nullptr && data_ != nullptr) MemoryImage::unmap(data_, size_ * sizeof(float));
    std::free(raw_);
  }

  void* raw_ = nullptr;  // nullptr: data_ is mapped
  float* data_ = nullptr;
  std::size_t size_ = 0;
  std::shared_ptr<const MemoryImage> image_;  // of a frozen array
};

}  // namespace ssmz::model
