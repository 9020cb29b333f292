// SPDX-License-Identifier: Apache-2.0
// Frames of one file as pieces of work.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ssmz/archive.hpp"

namespace ssmz::mpi {

using Bytes = std::vector<std::uint8_t>;

/// A frame to encode or decode.
struct FrameTask {
  std::uint64_t number = 0;  ///< In its file.
  bool follows = false;      ///< Another frame comes after it.
  std::uint64_t offset = 0;  ///< In the input.
  std::uint64_t size = 0;    ///< Of the input.
  std::uint64_t content_offset = 0;
  std::uint64_t content_size = 0;
};

/// How a file of `size` bytes is cut to be compressed; one task of no bytes if it is empty. The same frames
/// as one machine's.
[[nodiscard]] std::vector<FrameTask> plan_compression(std::uint64_t size, std::uint64_t frame_size);

/// The frames of a compressed file.
[[nodiscard]] std::vector<FrameTask> plan_decompression(const FrameIndex& index);

/// Appends the coded frame; of `options` what makes no difference to a frame is not read. Errors: those of
/// compress().
[[nodiscard]] Status encode_frame(const FrameTask& task, std::span<const std::uint8_t> content,
                                  const CompressOptions& options, Bytes& frame);

}  // namespace ssmz::mpi
