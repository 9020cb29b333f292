// SPDX-License-Identifier: Apache-2.0
// Mapping of files by mmap.
#include "model/inference/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ssmz::model {

Expected<MappedFile> MappedFile::open(const std::string& path) {
  const auto failure = [&](const char* what) {
    return Failure{std::string(what) + " '" + path + "': " + std::generic_category().message(errno)};
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failure("cannot open");
  struct stat about = {};
  MappedFile mapped;
  if (::fstat(file, &about) != 0) {
    const Failure why = failure("cannot read");
    ::close(file);
    return why;
  }
  if (!S_ISREG(about.st_mode)) {
    ::close(file);
    return Failure{"'" + path + "' is not a regular file"};
  }
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > 0) {
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) {
      const Failure why = failure("cannot map");
      ::close(file);
      return why;
    }
    mapped.data_ = static_cast<const std::uint8_t*>(data);
    mapped.size_ = size;
  }
  ::close(file);
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

}  // namespace ssmz::model
