// SPDX-License-Identifier: Apache-2.0
// A file of frames: read piece by piece, never mapped, so that it may change meanwhile.
#pragma once

#include <cstdint>
#include <vector>

#include "ssmz/archive.hpp"

namespace ssmz::cli {

/// Gives bytes of a file in pieces. Errors: io_error with errno kept, truncated if there are fewer, the
/// sink's.
Status read_pieces(int descriptor, std::uint64_t offset, std::uint64_t size, const Sink& sink);

/// Reads a file for the library. Errors: io_error with errno kept, truncated if it ends before.
[[nodiscard]] ReadAt reader_of(int descriptor);

/// Lists all frames of a file of `size` bytes. Errors: those of inspect(), io_error with errno kept.
Status list_frames(int descriptor, std::uint64_t size, std::vector<FrameInfo>& frames);

/// The frames that a file of `size` bytes begins with, up to the first that is not whole or not the next one
/// of the first's stream.
[[nodiscard]] std::vector<FrameInfo> whole_frames(int descriptor, std::uint64_t size);

}  // namespace ssmz::cli
