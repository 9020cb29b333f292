// SPDX-License-Identifier: Apache-2.0
// Images as files in memory, mapped privately.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // memfd_create
#endif
#include "model/base/memory_image.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace ssmz::model {

#if defined(__linux__)
namespace {

constexpr std::size_t page = 4096;

bool zeros(const char* data, std::size_t bytes) noexcept {
  return data[0] == 0 && std::memcmp(data, data + 1, bytes - 1) == 0;
}

// Pages of zeros stay holes.
bool write_pages(int file, const char* data, std::size_t bytes) noexcept {
  for (std::size_t at = 0; at < bytes;) {
    std::size_t end = at;
    while (end < bytes && !zeros(data + end, std::min(page, bytes - end))) end += std::min(page, bytes - end);
    for (; at < end;) {
      const ssize_t written = pwrite(file, data + at, end - at, static_cast<off_t>(at));
      if (written <= 0) return false;
      at += static_cast<std::size_t>(written);
    }
    at += std::min(page, bytes - at);
  }
  return true;
}

}  // namespace

std::shared_ptr<const MemoryImage> MemoryImage::of(const void* data, std::size_t bytes) noexcept {
  const int file = memfd_create("ssmz-image", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  if (ftruncate(file, static_cast<off_t>(bytes)) != 0 ||
      !write_pages(file, static_cast<const char*>(data), bytes)) {
    close(file);
    return nullptr;
  }
  MemoryImage* const image = new (std::nothrow) MemoryImage(file, bytes);
  if (image == nullptr) {
    close(file);
    return nullptr;
  }
  try {
    return std::shared_ptr<const MemoryImage>(image);  // deletes it if it throws
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

MemoryImage::~MemoryImage() { close(file_); }

void* MemoryImage::map(bool writable) const noexcept {
  void* const memory = mmap(nullptr, bytes_, writable ? PROT_READ | PROT_WRITE : PROT_READ,
                            MAP_PRIVATE | MAP_NORESERVE, file_, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

#else

std::shared_ptr<const MemoryImage> MemoryImage::of(const void*, std::size_t) noexcept { return nullptr; }
MemoryImage::~MemoryImage() = default;
void* MemoryImage::map(bool) const noexcept { return nullptr; }

#endif

}  // namespace ssmz::model
