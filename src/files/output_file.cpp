// SPDX-License-Identifier: Apache-2.0
// Writes, names and removes outputs.
#include "src/files/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "src/files/file_identity.hpp"
#include "src/files/unfinished_file.hpp"

namespace ssmz::cli {

namespace {

/// Smaller holes save nothing on the usual file systems.
constexpr std::size_t hole_block = 4096;

std::string with_cause(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

void copy_attributes(int descriptor, const struct stat& source) {
  // Failing here is no reason to fail the file: a user may not give files away, nor may every file system.
  mode_t mode = source.st_mode & 0777;
  if (fchown(descriptor, static_cast<uid_t>(-1), source.st_gid) != 0) {
    // The group could not be kept: it must not get more than others have.
    mode = (mode & 0707) | ((mode & 0007) << 3);
  }
  if (geteuid() == 0 && fchown(descriptor, source.st_uid, static_cast<gid_t>(-1)) != 0) mode &= 0700;
  static_cast<void>(fchmod(descriptor, mode));
  const std::array<timespec, 2> times = {access_time(source), modification_time(source)};
  static_cast<void>(futimens(descriptor, times.data()));
}

mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

/// A new name that takes nothing's place: false with EEXIST if there is something.
bool rename_to_new(const std::string& from, const std::string& to) {
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
#endif
  if (link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return true;
  }
  if (errno == EEXIST) return false;
  // A file system without links either (FAT): the last look is as near as it gets.
  struct stat existing {};
  if (lstat(to.c_str(), &existing) == 0) {
    errno = EEXIST;
    return false;
  }
  return rename(from.c_str(), to.c_str()) == 0;
}

/// The name itself reaches the disk with its folder.
bool sync_folder(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync folders, which is no fault of the file's.
  return opened.get() >= 0 && sync_to_disk(opened.get());
}

std::string claim_text(const UnfinishedFile& claimed) {
  if (claimed.error == ClaimError::busy) return "is being written by another ssmz";
  if (claimed.error == ClaimError::foreign) return "cannot be written: " + claimed.path + " is in the way";
  return with_cause("cannot create");
}

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

struct Run {
  std::size_t size = 0;
  bool zeros = false;
};

/// The longest start of `bytes` whose blocks, cut where the file's are, are all zero or all not.
Run first_run(std::span<const std::uint8_t> bytes, std::uint64_t position) {
  Run run;
  while (run.size < bytes.size()) {
    const std::size_t to_border = hole_block - (position + run.size) % hole_block;
    const std::size_t size = std::min(to_border, bytes.size() - run.size);
    const bool zeros = all_zero(bytes.subspan(run.size, size));
    if (run.size != 0 && zeros != run.zeros) break;
    run.zeros = zeros;
    run.size += size;
  }
  return run;
}

/// Closing reports late write errors; the descriptor itself, and the lock on it, stay.
bool close_copy(int descriptor) {
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return copy >= 0 && close(copy) == 0;
}

}  // namespace

OutputFile OutputFile::standard() {
  OutputFile output;
  output.descriptor_ = Descriptor(STDOUT_FILENO);
  return output;
}

OutputFile OutputFile::none() {
  OutputFile output;
  output.keep_ = false;
  return output;
}

std::optional<OutputFile> OutputFile::open(const OutputPlace& place, const OutputRules& rules,
                                           std::string& mistake) {
  if (place.kind == OutputPlace::Kind::standard_output) return standard();
  OutputFile output;
  output.path_ = place.path;
  output.rules_ = rules;
  if (place.kind != OutputPlace::Kind::beside) {
    const int truncate = place.kind == OutputPlace::Kind::in_place ? O_TRUNC : 0;
    output.descriptor_ = Descriptor(::open(place.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | truncate));
    output.rules_.sparse = false;
    if (output.descriptor_.get() >= 0) return output;
    mistake = with_cause("cannot open");
    return std::nullopt;
  }
  const SignalsWait until_named;
  UnfinishedFile claimed = claim_output(place.path, rules.keep_unfinished);
  if (claimed.error != ClaimError::none) {
    mistake = claim_text(claimed);
    return std::nullopt;
  }
  output.descriptor_ = std::move(claimed.descriptor);
  output.temporary_ = claimed.path;
  if (!rules.keep_unfinished) remove_on_signal(output.temporary_);
  return output;
}

std::optional<OutputFile> OutputFile::shared(const std::string& path, std::string& mistake) {
  OutputFile output;
  output.path_ = path;
  output.shared_ = true;
  output.descriptor_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666));
  if (output.descriptor_.get() >= 0) return output;
  mistake = with_cause("cannot open");
  return std::nullopt;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      keep_(other.keep_),
      shared_(other.shared_),
      rules_(other.rules_),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      written_(other.written_),
      hole_(other.hole_) {}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  if (!rules_.keep_unfinished) unlink(temporary_.c_str());
  remove_on_signal({});
}

bool OutputFile::write_out(std::span<const std::uint8_t> bytes) {
  if (write_full(descriptor_.get(), bytes)) return true;
  if (errno == EPIPE) {
    end_by_broken_pipe();
    errno = EPIPE;
  }
  return false;
}

bool OutputFile::write_sparse(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const Run run = first_run(bytes, written_);
    if (run.zeros) {
      hole_ += run.size;
    } else {
      if (hole_ != 0 && lseek(descriptor_.get(), static_cast<off_t>(hole_), SEEK_CUR) < 0) return false;
      hole_ = 0;
      if (!write_out(bytes.first(run.size))) return false;
    }
    written_ += run.size;
    bytes = bytes.subspan(run.size);
  }
  return true;
}

Status OutputFile::write(std::span<const std::uint8_t> bytes) {
  bool done = true;
  if (!keep_) {
    written_ += bytes.size();
  } else if (rules_.sparse) {
    done = write_sparse(bytes);
  } else {
    written_ += bytes.size();
    done = write_out(bytes);
  }
  return done ? Status{} : Status{Code::io_error, "writing failed"};
}

bool OutputFile::rewind() {
  if (written_ == 0) return true;
  return !temporary_.empty() && resume_at(0);
}

bool OutputFile::resume_at(std::uint64_t size) {
  hole_ = 0;
  written_ = size;
  return ftruncate(descriptor_.get(), static_cast<off_t>(size)) == 0 &&
         lseek(descriptor_.get(), static_cast<off_t>(size), SEEK_SET) >= 0;
}

bool OutputFile::seek(std::uint64_t offset) {
  return !shared_ || lseek(descriptor_.get(), static_cast<off_t>(offset), SEEK_SET) >= 0;
}

bool OutputFile::give_name(std::string& mistake) {
  if (rules_.replace ? rename(temporary_.c_str(), path_.c_str()) == 0 : rename_to_new(temporary_, path_)) {
    return true;
  }
  mistake = errno == EEXIST ? "appeared while it was made; it is kept and the result dropped (-f replaces it)"
                            : with_cause("cannot complete");
  return false;
}

bool OutputFile::commit(const struct stat* source, std::string& mistake) {
  const int number = descriptor_.get();
  if (temporary_.empty()) {
    const bool synced = !rules_.sync || number <= STDERR_FILENO || sync_to_disk(number);
    if (synced && descriptor_.close()) return true;
    mistake = with_cause("cannot complete");
    return false;
  }
  const bool cut = hole_ == 0 || ftruncate(number, static_cast<off_t>(written_)) == 0;
  if (source != nullptr) {
    copy_attributes(number, *source);
  } else {
    static_cast<void>(fchmod(number, usual_mode()));
  }
  if (!cut || (rules_.sync && !sync_to_disk(number)) || !close_copy(number)) {
    mistake = with_cause("cannot complete");
    return false;
  }
  // The lock goes with the descriptor: the name comes first, so that no other run can take it in between.
  if (!give_name(mistake)) return false;
  remove_on_signal({});
  temporary_.clear();
  const bool synced = !rules_.sync || sync_folder(path_);
  if (descriptor_.close() && synced) return true;
  mistake = with_cause("cannot complete");
  return false;
}

}  // namespace ssmz::cli
