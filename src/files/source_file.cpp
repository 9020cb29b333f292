// SPDX-License-Identifier: Apache-2.0
// Judges, reads and removes inputs.
#include "src/files/source_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/files/file_identity.hpp"

namespace ssmz::cli {

namespace {

/// Sources that go away must be such that their names and rights can come back: as xz.
const char* reason_to_keep(const struct stat& file) {
  if ((file.st_mode & (S_ISUID | S_ISGID)) != 0)
    return "has its setuid or setgid bit set, skipped (-f takes it)";
  if ((file.st_mode & S_ISVTX) != 0) return "has its sticky bit set, skipped (-f takes it)";
  if (file.st_nlink > 1) return "has more than one name (hard links), skipped (-f takes it)";
  return nullptr;
}

/// Why a file that exists is passed over; nullptr if it is not.
const char* reason_to_skip(const struct stat& link, const Options& options) {
  if (S_ISDIR(link.st_mode)) return "is a folder, skipped (-r goes into it)";
  const bool removes = options.removes_sources();
  // With the output named there is no doubt what is meant: ssmz -o x <(command).
  const bool only_reads = options.to_stdout || !options.makes_files() || !options.output.empty();
  if (options.force || (only_reads && !removes)) return nullptr;
  if (S_ISLNK(link.st_mode)) return "is a symbolic link, skipped (-f follows it)";
  if (!S_ISREG(link.st_mode)) return "is not a regular file, skipped (-f or -c take it)";
  return removes ? reason_to_keep(link) : nullptr;
}

/// Sizes that the kernel makes up: of what /proc and /sys hold one page is announced, or nothing.
bool is_size_made_up(const struct stat& attributes) {
  return attributes.st_size > 0 && attributes.st_blocks == 0 && attributes.st_size <= 4096;
}

}  // namespace

std::optional<SourceFile> SourceFile::open(const std::string& file, const Options& options,
                                           Messages& messages) {
  SourceFile source;
  if (file == "-") {
    if (options.mode != Mode::compress && isatty(STDIN_FILENO) != 0 && !options.force) {
      messages.error("-", "compressed data are not read from a terminal (-f overrides; -h helps)");
      return std::nullopt;
    }
    source.descriptor_ = Descriptor(STDIN_FILENO);
  } else {
    struct stat link {};
    if (lstat(file.c_str(), &link) == 0) {
      if (const char* reason = reason_to_skip(link, options); reason != nullptr) {
        messages.warning(file, reason);
        return std::nullopt;
      }
    }
    source.descriptor_ = Descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (source.descriptor_.get() < 0) {
      messages.error(file, system_text("cannot open"));
      return std::nullopt;
    }
  }
  if (fstat(source.descriptor_.get(), &source.attributes_) == 0) {
    source.regular_ = S_ISREG(source.attributes_.st_mode);
  } else if (file != "-") {
    messages.error(file, system_text("cannot open"));
    return std::nullopt;
  }
  if (S_ISDIR(source.attributes_.st_mode)) {
    messages.warning(file, "is a folder, skipped (-r goes into it)");
    return std::nullopt;
  }
  // Files in /proc and the like say 0 and are not empty.
  if (!source.regular_ || source.attributes_.st_size <= 0) return source;
  const off_t at = lseek(source.descriptor_.get(), 0, SEEK_CUR);
  if (at >= 0 && at <= source.attributes_.st_size) {
    source.start_ = at;
    source.size_ = static_cast<std::uint64_t>(source.attributes_.st_size - at);
  }
  return source;
}

std::optional<std::size_t> SourceFile::read(std::span<std::uint8_t> buffer) {
  if (size_) buffer = buffer.first(std::min<std::uint64_t>(buffer.size(), *size_ - std::min(*size_, read_)));
  const std::optional<std::size_t> got =
      limit_.count() != 0 && !regular_ ? read_or_idle(buffer) : read_full(descriptor_.get(), buffer);
  if (got) read_ += *got;
  return got;
}

std::optional<std::size_t> SourceFile::read_or_idle(std::span<std::uint8_t> buffer) {
  std::size_t filled = 0;
  idle_ = false;
  while (filled < buffer.size()) {
    pollfd input{.fd = descriptor_.get(), .events = POLLIN, .revents = 0};
    const int ready = poll(&input, 1, static_cast<int>(limit_.count()));
    if (ready < 0 && errno != EINTR) return std::nullopt;
    if (ready < 0) continue;
    idle_ = ready == 0;
    if (idle_) break;
    const ssize_t got = ::read(descriptor_.get(), buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return std::nullopt;
    if (got == 0) break;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return filled;
}

bool SourceFile::restrict_to(std::uint64_t offset, std::uint64_t length) {
  const auto whole = static_cast<std::uint64_t>(attributes_.st_size);
  start_ = static_cast<off_t>(std::min(offset, whole));
  size_ = std::min(length, whole - std::min(offset, whole));
  return rewind();
}

bool SourceFile::rewind() {
  if (!regular_ || lseek(descriptor_.get(), start_, SEEK_SET) < 0) return false;
  read_ = 0;
  return true;
}

std::string SourceFile::change() const {
  if (!regular_ || !size_ || is_size_made_up(attributes_)) return {};
  const std::string counted = std::to_string(read_) + " bytes";
  if (read_ < *size_)
    return "shrank while it was read: " + counted + " were there of " + std::to_string(*size_);
  struct stat now {};
  if (fstat(descriptor_.get(), &now) != 0 || is_unchanged(attributes_, now)) return {};
  if (now.st_size > attributes_.st_size) {
    return "grew while it was read: the " + counted + " of its beginning are taken";
  }
  return "was written to while it was read";
}

std::string remove_source(const std::string& path, const SourceFile& source) {
  struct stat now {};
  if (stat(path.c_str(), &now) != 0) return system_text("cannot remove");
  if (identity_of(now) != identity_of(source.attributes())) {
    return "is another file than the one that was read, kept";
  }
  if (!is_unchanged(source.attributes(), now)) return "changed while it was read, kept";
  return unlink(path.c_str()) == 0 ? std::string() : system_text("cannot remove");
}

}  // namespace ssmz::cli
