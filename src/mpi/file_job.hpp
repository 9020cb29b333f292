// SPDX-License-Identifier: Apache-2.0
// One file, both directions, by all ranks together.
#pragma once

#include <cstdint>
#include <string>

#include "ssmz/ssmz.hpp"

namespace ssmz::mpi {

struct JobOptions {
  bool decompress = false;
  bool force = false;  ///< Replace what stands under the output's name.
  bool quiet = false;
  CompressOptions coder = {};      ///< frame_size 0: the level's.
  DecompressOptions decoder = {};  ///< Their threads and progress are not read.
};

/// True on all ranks if it is on all; all call it.
[[nodiscard]] bool all_agree(bool good);

/// Reads `input` and writes `output`, which gets its name once it is whole. All ranks call it with the same
/// arguments; true on all if it went well, else a message was printed.
[[nodiscard]] bool run_file(const std::string& input, const std::string& output, const JobOptions& options);

}  // namespace ssmz::mpi
