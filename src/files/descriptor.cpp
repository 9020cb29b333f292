// SPDX-License-Identifier: Apache-2.0
// Reads and writes by POSIX calls.
#include "src/files/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ssmz::cli {

namespace {

/// True if the call that failed with errno may be tried again; waits until it can do something.
bool may_retry(int descriptor, short events) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
  return poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

/// Calls `read_some(buffer, done)` until the buffer is full or nothing comes.
template <class ReadSome>
std::optional<std::size_t> read_until_full(int descriptor, std::span<std::uint8_t> buffer,
                                           const ReadSome& read_some) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got = read_some(buffer.subspan(done), done);
    if (got == 0) break;
    if (got < 0 && !may_retry(descriptor, POLLIN)) return std::nullopt;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return done;
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
  return number <= STDERR_FILENO || ::close(number) == 0;
}

bool occupy_standard_descriptors() noexcept {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is the one missing, as those below it are open.
    if (open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number) return false;
  }
  return true;
}

bool close_standard_output() noexcept {
  const bool flushed = std::fflush(stdout) == 0;
  return ::close(STDOUT_FILENO) == 0 && flushed;
}

std::optional<std::size_t> read_full(int descriptor, std::span<std::uint8_t> buffer) {
  return read_until_full(descriptor, buffer, [&](std::span<std::uint8_t> rest, std::size_t) {
    return read(descriptor, rest.data(), rest.size());
  });
}

std::optional<std::size_t> read_full_at(int descriptor, std::span<std::uint8_t> buffer,
                                        std::uint64_t offset) {
  return read_until_full(descriptor, buffer, [&](std::span<std::uint8_t> rest, std::size_t done) {
    return pread(descriptor, rest.data(), rest.size(), static_cast<off_t>(offset + done));
  });
}

bool write_full(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && !may_retry(descriptor, POLLOUT)) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_to_disk(int descriptor) {
#ifdef F_FULLFSYNC
  // There fsync() leaves what is written in the disk's own cache.
  if (fcntl(descriptor, F_FULLFSYNC) == 0) return true;
#endif
  return fsync(descriptor) == 0 || errno == EINVAL;
}

std::optional<std::vector<std::uint8_t>> read_all(int descriptor) {
  constexpr std::size_t step = std::size_t{1} << 20;
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + step);
    const auto got = read_full(descriptor, std::span(bytes).subspan(before));
    if (!got) return std::nullopt;
    bytes.resize(before + *got);
    if (*got < step) return bytes;
  }
}

std::optional<std::vector<std::uint8_t>> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.get() < 0 ? std::nullopt : read_all(file.get());
}

}  // namespace ssmz::cli
