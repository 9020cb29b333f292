// SPDX-License-Identifier: Apache-2.0
// The one output that is not complete: how it is claimed, and that no signal leaves it behind.
#pragma once

#include <signal.h>

#include <string>

#include "src/files/descriptor.hpp"

namespace ssmz::cli {

/// What keeps an output from being begun.
enum class ClaimError : unsigned char { none, system, busy, foreign };

/// An output under the name of its work in progress, ".NAME.ssmz-partial" beside it. An exclusive lock on it,
/// held as long as the descriptor is open, is the claim to NAME. What a killed run left has no lock: it is
/// begun anew or, if asked for, continued.
struct UnfinishedFile {
  Descriptor descriptor;
  std::string path;
  ClaimError error = ClaimError::none;  ///< system: errno says why.
};

/// The name of the work in progress on `path`; at most as long as the longest file name.
[[nodiscard]] std::string unfinished_name(const std::string& path);

/// Claims `path`. The file is opened for reading and writing, mode 0600, empty unless `keep_content`.
[[nodiscard]] UnfinishedFile claim_output(const std::string& path, bool keep_content);

/// While it lives, signals that install_signal_handlers() catches wait: for the moment between the making of
/// a file and remove_on_signal().
class SignalsWait {
 public:
  SignalsWait() noexcept;
  ~SignalsWait();
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_{};
};

/// From now on a signal that ends the program removes `path`; nothing if it is empty. Only one at a time.
void remove_on_signal(const std::string& path);

/// Catches the signals that end a program, removes what remove_on_signal() named and lets them end it. A
/// broken pipe and a file over the size limit become errors of the write (EPIPE, EFBIG).
void install_signal_handlers();

/// The std::terminate handler: removes what remove_on_signal() named. Where memory ran out, even for an
/// exception, it ends the program with a word and the status of an error; a mistake of ours aborts it.
[[noreturn]] void end_unfinished() noexcept;

/// Ends the program as a broken pipe on the standard output does, or returns if the signal is ignored.
void end_by_broken_pipe();

}  // namespace ssmz::cli
