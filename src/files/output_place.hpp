// SPDX-License-Identifier: Apache-2.0
// Where an output can go, judged before any work is done.
#pragma once

#include <string>

namespace ssmz::cli {

struct OutputPlace {
  enum class Kind : unsigned char {
    standard_output,  ///< Descriptor 1, also under a name like /dev/stdout.
    beside,           ///< A file that grows under another name and is renamed when complete.
    in_place,         ///< A file that cannot be renamed to (a mount point): written where it is.
    direct,           ///< A device, a pipe, a socket.
    impossible        ///< `mistake` says why.
  };
  Kind kind = Kind::impossible;
  std::string path = {};  ///< Links are followed where what they lead to is replaced.
  bool exists = false;    ///< Something is there that would be replaced.
  std::string mistake = {};
};

/// What writing to `path` means. `named`: by the user; a name made from the input's is never followed through
/// a link and never opened if it is a device or pipe. `force`: what exists may be replaced.
[[nodiscard]] OutputPlace find_output_place(const std::string& path, bool named, bool force);

}  // namespace ssmz::cli
