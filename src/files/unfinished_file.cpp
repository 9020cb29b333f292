// SPDX-License-Identifier: Apache-2.0
// Claims outputs by locks and cleans up in signal handlers.
#include "src/files/unfinished_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <string_view>

#include "src/files/file_identity.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

namespace {

constexpr std::string_view unfinished_suffix = ".ssmz-partial";
/// NAME_MAX of every file system in use.
constexpr std::size_t longest_name = 255;

// The one thing a signal handler must find: the name of the unfinished file. Set while it exists.
std::array<char, 4096> unfinished_path;
volatile sig_atomic_t has_unfinished = 0;
volatile sig_atomic_t pipes_may_end = 1;

/// Those that end a program and can be caught.
constexpr std::array ending_signals = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGALRM, SIGVTALRM,
                                       SIGPROF, SIGUSR2, SIGXCPU, SIGABRT, SIGBUS,  SIGSEGV,
                                       SIGFPE,  SIGILL,  SIGSYS,  SIGTRAP};

extern "C" void remove_unfinished(int signal_number) {
  if (has_unfinished != 0) unlink(unfinished_path.data());
  // The handler was installed to run once: raised again, the signal now has its usual effect.
  raise(signal_number);
}

void catch_signal(int signal_number) {
  struct sigaction old {};
  sigaction(signal_number, nullptr, &old);
  // Ignored (nohup) stays ignored; a handler that is there already is a sanitizer's.
  if (old.sa_handler != SIG_DFL) return;
  struct sigaction action {};
  action.sa_handler = remove_unfinished;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, nullptr);
}

/// False: the file that the lock is on has another name by now, or none. Nothing: the system does not say.
std::optional<bool> still_named(const Descriptor& file, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  if (fstat(file.get(), &opened) != 0) return std::nullopt;
  return lstat(path.c_str(), &named) == 0 && identity_of(opened) == identity_of(named);
}

/// Opens or makes the file; `made` says which.
Descriptor open_unfinished(const std::string& path, bool& made) {
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  const int file = open(path.c_str(), flags | O_EXCL, 0600);
  made = file >= 0;
  return Descriptor(made || errno != EEXIST ? file : open(path.c_str(), flags, 0600));
}

/// Whether an existing file may be taken for a leftover of our own: nobody else's, and under no other name.
bool is_own_leftover(const Descriptor& file) {
  struct stat attributes {};
  return fstat(file.get(), &attributes) == 0 && S_ISREG(attributes.st_mode) && attributes.st_nlink == 1 &&
         attributes.st_uid == geteuid();
}

}  // namespace

std::string unfinished_name(const std::string& path) {
  const std::size_t slash = path.find_last_of('/') + 1;
  std::string name = path.substr(slash);
  const std::size_t room = longest_name - 1 - unfinished_suffix.size();
  if (name.size() > room) {
    // Too long for an ending: the hash keeps apart names that begin alike.
    const std::string mark = "~" + std::to_string(std::hash<std::string>{}(name));
    name = name.substr(0, room - std::min(room, mark.size())) + mark;
  }
  return path.substr(0, slash) + "." + name + std::string(unfinished_suffix);
}

UnfinishedFile claim_output(const std::string& path, bool keep_content) {
  UnfinishedFile claimed;
  claimed.path = unfinished_name(path);
  bool made = false;
  const auto refuse = [&](ClaimError error) {
    const int cause = errno;
    if (made) unlink(claimed.path.c_str());
    claimed.error = error;
    errno = cause;
  };
  // Another run may rename or remove the file between opening and locking it: then there is a new one to try.
  for (int attempt = 0; attempt < 16; ++attempt) {
    claimed.descriptor = open_unfinished(claimed.path, made);
    if (claimed.descriptor.get() < 0) {
      claimed.error = errno == ELOOP || errno == ENXIO ? ClaimError::foreign : ClaimError::system;
      return claimed;
    }
    // A file system without locks (ENOLCK, ENOTSUP) gives the file without the claim.
    if (flock(claimed.descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      claimed.error = ClaimError::busy;
      return claimed;
    }
    const std::optional<bool> named = still_named(claimed.descriptor, claimed.path);
    if (named == false) continue;
    if (!named) {
      refuse(ClaimError::system);
    } else if (!made && !is_own_leftover(claimed.descriptor)) {
      claimed.error = ClaimError::foreign;
    } else if (!keep_content && ftruncate(claimed.descriptor.get(), 0) != 0) {
      refuse(ClaimError::system);
    }
    return claimed;
  }
  claimed.error = ClaimError::system;
  return claimed;
}

SignalsWait::SignalsWait() noexcept {
  sigset_t waiting;
  sigemptyset(&waiting);
  for (const int signal_number : ending_signals) sigaddset(&waiting, signal_number);
  pthread_sigmask(SIG_BLOCK, &waiting, &before_);
}

SignalsWait::~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void remove_on_signal(const std::string& path) {
  has_unfinished = 0;
  if (path.empty() || path.size() >= unfinished_path.size()) return;
  std::memcpy(unfinished_path.data(), path.c_str(), path.size() + 1);
  has_unfinished = 1;
}

void install_signal_handlers() {
  for (const int signal_number : ending_signals) catch_signal(signal_number);
  struct sigaction old {};
  sigaction(SIGPIPE, nullptr, &old);
  pipes_may_end = old.sa_handler == SIG_IGN ? 0 : 1;
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGPIPE, &ignore, nullptr);
  sigaction(SIGXFSZ, &ignore, nullptr);
}

void end_unfinished() noexcept {
  if (has_unfinished != 0) unlink(unfinished_path.data());
  has_unfinished = 0;
  // No exception under way: the run-time library found no memory to throw one.
  bool out_of_memory = true;
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
  } catch (...) {
    out_of_memory = false;
  }
  if (!out_of_memory) std::abort();
  static constexpr std::string_view text = "ssmz: out of memory\n";
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
  _exit(exit_error);
}

void end_by_broken_pipe() {
  if (pipes_may_end == 0) return;
  if (has_unfinished != 0) unlink(unfinished_path.data());
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigemptyset(&usual.sa_mask);
  sigaction(SIGPIPE, &usual, nullptr);
  raise(SIGPIPE);
}

}  // namespace ssmz::cli
