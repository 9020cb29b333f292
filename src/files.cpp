// SPDX-License-Identifier: Apache-2.0
// Files by POSIX calls.
#include "src/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ssmz::cli {

namespace {

// The one thing a signal handler must find: the name of the unfinished file. Set while it exists.
std::array<char, 4096> unfinished_path;
volatile sig_atomic_t has_unfinished = 0;

extern "C" void remove_unfinished(int signal_number) {
  if (has_unfinished != 0) unlink(unfinished_path.data());
  // The handler was installed to run once: raised again, the signal now has its usual effect.
  raise(signal_number);
}

void remember_unfinished(const std::string& path) {
  if (path.size() >= unfinished_path.size()) return;
  std::memcpy(unfinished_path.data(), path.c_str(), path.size() + 1);
  has_unfinished = 1;
}

void forget_unfinished() { has_unfinished = 0; }

void copy_attributes(int descriptor, const struct stat& source) {
  // Failing here is no reason to fail the file: a user may not give files away, nor may every file system.
  mode_t mode = source.st_mode & 0777;
  if (fchown(descriptor, static_cast<uid_t>(-1), source.st_gid) != 0) {
    // The group could not be kept: it must not get more than others have.
    mode = (mode & 0707) | ((mode & 0007) << 3);
  }
  if (geteuid() == 0 && fchown(descriptor, source.st_uid, static_cast<gid_t>(-1)) != 0) mode &= 0700;
  static_cast<void>(fchmod(descriptor, mode));
  const std::array<timespec, 2> times = {source.st_atim, source.st_mtim};
  static_cast<void>(futimens(descriptor, times.data()));
}

mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() noexcept {
  const int number = number_;
  number_ = -1;
  return number;
}

bool Descriptor::close() noexcept {
  const int number = release();
  return number <= 2 || ::close(number) == 0;
}

std::optional<std::size_t> read_full(int descriptor, std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got = read(descriptor, buffer.data() + done, buffer.size() - done);
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return std::nullopt;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return done;
}

bool write_full(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::vector<std::uint8_t>> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::nullopt;
  constexpr std::size_t step = std::size_t{1} << 20;
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + step);
    const auto got = read_full(file.get(), std::span(bytes).subspan(before));
    if (!got) return std::nullopt;
    bytes.resize(before + *got);
    if (*got < step) return bytes;
  }
}

Mapping::Mapping(int descriptor, std::size_t size) noexcept : size_(size) {
  if (size == 0) return;
  void* const start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (start != MAP_FAILED) start_ = static_cast<std::uint8_t*>(start);
}

Mapping::~Mapping() {
  if (start_ != nullptr) munmap(start_, size_);
}

Output Output::standard() {
  Output output;
  output.descriptor_ = Descriptor(STDOUT_FILENO);
  return output;
}

Output Output::none() {
  Output output;
  output.keep_ = false;
  return output;
}

std::optional<Output> Output::file(const std::string& path) {
  Output output;
  output.path_ = path;
  struct stat existing {};
  if (stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
    output.descriptor_ = Descriptor(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (output.descriptor_.get() < 0) return std::nullopt;
    return output;
  }
  const std::size_t slash = path.find_last_of('/') + 1;
  std::string temporary = path.substr(0, slash) + ".ssmz-" + "XXXXXX";
  output.descriptor_ = Descriptor(mkostemp(temporary.data(), O_CLOEXEC));
  if (output.descriptor_.get() < 0) return std::nullopt;
  output.temporary_ = temporary;
  remember_unfinished(temporary);
  return output;
}

Output::Output(Output&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      keep_(other.keep_),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      written_(other.written_) {}

Output::~Output() {
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  forget_unfinished();
}

Status Output::write(std::span<const std::uint8_t> bytes) {
  written_ += bytes.size();
  if (keep_ && !write_full(descriptor_.get(), bytes)) return {Code::io_error, "writing failed"};
  return {};
}

bool Output::commit(const struct stat* source) {
  if (temporary_.empty()) return descriptor_.close();
  if (source != nullptr) {
    copy_attributes(descriptor_.get(), *source);
  } else {
    static_cast<void>(fchmod(descriptor_.get(), usual_mode()));
  }
  if (!descriptor_.close() || rename(temporary_.c_str(), path_.c_str()) != 0) return false;
  temporary_.clear();
  forget_unfinished();
  return true;
}

void install_signal_handlers() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old {};
    sigaction(signal_number, nullptr, &old);
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = remove_unfinished;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, nullptr);
  }
}

}  // namespace ssmz::cli
