// SPDX-License-Identifier: Apache-2.0
// Whether frames follow each other as an encoder wrote them: nothing missing, doubled, swapped or foreign.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "codec/base/checksum.hpp"
#include "codec/frame/seek_table.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Told of everything in a stream in order; the same for decoders and for those who only walk the frames.
class StreamOrder {
 public:
  /// From here on any frame may follow any, and the input may end anywhere between frames.
  void allow_parts() noexcept { parts_ = true; }
  /// A frame with this number in its header begins. Errors: data_damaged if it is not the next.
  Status begin_frame(std::uint64_t number) const;
  /// It has ended.
  void end_frame(const SeekEntry& frame, bool frame_follows);

  /// A skippable frame with a payload of `size` bytes begins; its payload; its end. Errors of the end:
  /// data_damaged if it is a seek table that speaks of other frames than those that were told.
  void begin_skippable(std::uint32_t size);
  void skippable(std::span<const std::uint8_t> payload);
  Status end_skippable() const;

  /// Zero bytes may stand here: a stream has ended, and no frame of it is missing.
  [[nodiscard]] bool padding_allowed() const noexcept { return frames_ != 0 && (!frame_follows_ || parts_); }
  /// The input ends here. Errors: truncated if another frame was announced.
  Status finish() const;

 private:
  std::uint64_t frames_ = 0;  ///< Of the present stream, or of the last one if it has ended.
  bool frame_follows_ = false;
  bool parts_ = false;
  Checksum walked_;                 ///< Of the entries that the present stream's table must have,
  std::uint64_t walked_bytes_ = 0;  ///< and their bytes.
  std::uint64_t payload_size_ = 0;
  std::uint64_t payload_done_ = 0;
  std::array<std::uint8_t, seek_magic.size()> payload_start_{};
  std::array<std::uint8_t, seek_tail_size> payload_end_{};  ///< Its last bytes so far, the newest last.
  Checksum listed_;                                         ///< Of the entries in the table.
};

}  // namespace ssmz::codec
