// SPDX-License-Identifier: Apache-2.0
// Parts of archives: a range of content, some frames, what is left of a damaged file.
#pragma once

#include "src/work/coding_job.hpp"
#include "ssmz/archive.hpp"

namespace ssmz::cli {

/// Decodes what --range or --frames of the options names, of a regular file. With --frames into a file the
/// content goes to the place that it has in the whole.
class PartJob : public CodingJob {
 public:
  using CodingJob::CodingJob;
  bool run();

 private:
  /// What to decode; nullopt: told.
  [[nodiscard]] std::optional<ByteRange> content_range(const FrameIndex& index);
};

/// Decodes all frames of a regular file that are intact, tells which bytes are lost.
class RecoveryJob : public CodingJob {
 public:
  using CodingJob::CodingJob;
  /// False: nothing was found, or an error was told.
  bool run();

 private:
  /// Tells what is missing between the frame before and this one.
  void tell_loss_before(const IntactFrame& frame);
  void tell_loss_at_end(std::uint64_t size);

  std::uint64_t good_end_ = 0;  ///< Of the last intact frame.
  std::uint64_t expected_ = 0;  ///< Number of the frame that should come next.
  bool goes_on_ = false;        ///< The stream does not end with the last intact frame.
  bool found_ = false;
};

}  // namespace ssmz::cli
