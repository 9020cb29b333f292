// SPDX-License-Identifier: Apache-2.0
// Which file a name leads to, and whether it is still the file it was.
#pragma once

#include <sys/stat.h>

#include <compare>
#include <ctime>

namespace ssmz::cli {

/// Device and number: equal for all names of a file.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;

  auto operator<=>(const FileIdentity&) const = default;
};

[[nodiscard]] inline FileIdentity identity_of(const struct stat& attributes) {
  return {attributes.st_dev, attributes.st_ino};
}

[[nodiscard]] inline timespec modification_time(const struct stat& attributes) {
#ifdef __APPLE__
  return attributes.st_mtimespec;
#else
  return attributes.st_mtim;
#endif
}

[[nodiscard]] inline timespec access_time(const struct stat& attributes) {
#ifdef __APPLE__
  return attributes.st_atimespec;
#else
  return attributes.st_atim;
#endif
}

/// The same file with the same size and time of modification: nobody has written to it in between.
[[nodiscard]] inline bool is_unchanged(const struct stat& before, const struct stat& after) {
  const timespec then = modification_time(before);
  const timespec now = modification_time(after);
  return identity_of(before) == identity_of(after) && before.st_size == after.st_size &&
         then.tv_sec == now.tv_sec && then.tv_nsec == now.tv_nsec;
}

}  // namespace ssmz::cli
