// SPDX-License-Identifier: Apache-2.0
// From the command line's options to the library's.
#pragma once

#include "src/options/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// What the options say of the frames to write; threads, frame size, vocabulary and prime are the caller's.
[[nodiscard]] inline CompressOptions compress_options(const Options& options) {
  CompressOptions coder;
  coder.level = options.level;
  coder.memory_limit = options.memory;
  coder.checksum = options.checksum;
  coder.ssm = options.ssm;
  coder.ssm_width = options.ssm_width;
  return coder;
}

}  // namespace ssmz::cli
