// SPDX-License-Identifier: Apache-2.0
// Looks at what stands under an output's name.
#include "src/files/output_place.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "src/files/file_identity.hpp"

namespace ssmz::cli {

namespace {

using Kind = OutputPlace::Kind;

OutputPlace impossible(std::string why) { return {.mistake = std::move(why)}; }

/// True if something is mounted on the file itself, as containers do: renaming to it fails with EBUSY.
bool is_mount_point(const std::string& path) {
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx attributes {};
  return statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &attributes) == 0 &&
         (attributes.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#else
  static_cast<void>(path);
  return false;
#endif
}

bool is_standard_output(const struct stat& attributes) {
  struct stat standard {};
  return fstat(STDOUT_FILENO, &standard) == 0 && identity_of(standard) == identity_of(attributes);
}

OutputPlace place_of_regular(const std::string& path, bool force) {
  const bool mounted = force && is_mount_point(path);
  return {.kind = mounted ? Kind::in_place : Kind::beside, .path = path, .exists = true};
}

/// A link that the user named: to the standard output, to a device, to a file, to nothing.
OutputPlace place_behind_link(const std::string& path, bool force) {
  struct stat target {};
  if (stat(path.c_str(), &target) != 0) {
    if (!force) return impossible("is a link that leads nowhere (-f replaces it)");
    return {.kind = Kind::beside, .path = path, .exists = true};
  }
  if (is_standard_output(target)) return {.kind = Kind::standard_output, .path = path};
  if (S_ISDIR(target.st_mode)) return impossible("is a folder");
  if (!S_ISREG(target.st_mode)) return {.kind = Kind::direct, .path = path};
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(path.c_str(), nullptr), std::free);
  if (resolved == nullptr) return impossible(std::string("cannot follow the link: ") + std::strerror(errno));
  return place_of_regular(resolved.get(), force);
}

}  // namespace

OutputPlace find_output_place(const std::string& path, bool named, bool force) {
  struct stat existing {};
  if (lstat(path.c_str(), &existing) != 0) {
    if (errno == ENOENT) return {.kind = Kind::beside, .path = path};
    return impossible(std::string("cannot create: ") + std::strerror(errno));
  }
  if (S_ISDIR(existing.st_mode)) return impossible("is a folder");
  if (S_ISLNK(existing.st_mode)) {
    if (named) return place_behind_link(path, force);
    return {.kind = Kind::beside, .path = path, .exists = true};
  }
  if (S_ISREG(existing.st_mode)) return place_of_regular(path, force);
  if (!named) return impossible("exists and is no regular file (-o writes to it)");
  return {.kind = Kind::direct, .path = path};
}

}  // namespace ssmz::cli
