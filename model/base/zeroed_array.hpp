// SPDX-License-Identifier: Apache-2.0
// A large float array that starts as zeros and takes memory only where it is touched.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "model/base/huge_pages.hpp"

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
  ~ZeroedArray() { std::free(raw_); }
  ZeroedArray(const ZeroedArray& other) : ZeroedArray(other.size_) { std::copy_n(other.data_, size_, data_); }
  ZeroedArray& operator=(const ZeroedArray& other) { return *this = ZeroedArray(other); }
  ZeroedArray(ZeroedArray&& other) noexcept
      : raw_(std::exchange(other.raw_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  [[nodiscard]] float* data() noexcept { return data_; }
  [[nodiscard]] const float* data() const noexcept { return data_; }

 private:
  void* raw_ = nullptr;
  float* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ssmz::model
