// SPDX-License-Identifier: Apache-2.0
// The public C++ interface to archives of many frames: random access, joining, recovery.
//
// The rules of ssmz.hpp hold: nothing throws, one object is for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz {

/// Fills `out` with the bytes of an archive from `offset` on, all of them or fails (io_error).
using ReadAt = std::function<Status(std::uint64_t offset, std::span<std::uint8_t> out)>;

/// Where the frames of an archive lie.
class SSMZ_API FrameIndex {
 public:
  struct Frame {
    std::uint64_t offset = 0;          ///< Of its first byte in the archive.
    std::uint64_t size = 0;            ///< Its bytes.
    std::uint64_t content_offset = 0;  ///< Of its content in the archive's content.
    std::uint64_t content_size = 0;
  };

  /// Reads the seek table from the end of an archive of `size` bytes; without one that speaks of all of it
  /// (single frames, concatenated streams) walks over the frames, which takes a read for each block (up to
  /// 8 MiB of content). Trailing zeros are passed over. Errors: those of inspect() and of `read`.
  [[nodiscard]] static Result<FrameIndex> read(std::uint64_t size, const ReadAt& read);

  [[nodiscard]] const std::vector<Frame>& frames() const noexcept { return frames_; }
  [[nodiscard]] std::uint64_t content_size() const noexcept;
  /// Index of the frame that holds the byte of content at `offset`; the number of frames if there is none.
  [[nodiscard]] std::size_t frame_at(std::uint64_t offset) const noexcept;

 private:
  std::vector<Frame> frames_;
};

/// Decodes `length` bytes of content from `offset` on (fewer where the content ends before), reading and
/// decoding only the frames that hold them, whole, so that their checksums are verified: use the bytes only
/// once ok is returned. Errors: those of Decoder, of `read` and of `sink`.
SSMZ_API Status decompress_range(const FrameIndex& index, const ReadAt& read, std::uint64_t offset,
                                 std::uint64_t length, const Sink& sink,
                                 const DecompressOptions& options = {});

/// Makes one stream of several complete ones, for frames that were made apart (on many machines, say).
/// Frames' data are copied, not coded anew; only their numbers and end marks change, and one seek table is
/// written. Skippable frames are left out. The result is what one Encoder with these frame borders would have
/// given.
class SSMZ_API Joiner {
 public:
  /// Errors: out_of_memory.
  [[nodiscard]] static Result<Joiner> create();
  Joiner(Joiner&&) noexcept;
  Joiner& operator=(Joiner&&) noexcept;
  ~Joiner();

  /// Takes the streams, one directly after the other, in pieces of any size. Does not decode: the frames'
  /// contents are not verified, their headers, order and sizes are. Errors: those of inspect(), and the
  /// sink's.
  Status update(std::span<const std::uint8_t> streams, const Sink& sink);
  /// Says that the present stream is cut off here, behind a whole frame, and another one takes its place: so
  /// an interrupted run is gone on with. Errors: truncated.
  Status cut_stream();
  /// Says that there is no more. Errors: truncated.
  Status finish(const Sink& sink);

 private:
  struct SSMZ_LOCAL Parts;
  explicit Joiner(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// Appends a skippable frame of at most 2^32 - 1 bytes, which decoders pass over: put it before, between or
/// behind frames. Errors: bad_argument if `payload` is too long or begins with a seek table's magic.
SSMZ_API Status append_skippable(std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& out);

/// A frame that was found whole.
struct IntactFrame {
  std::uint64_t offset = 0;          ///< Of its first byte in the data.
  std::uint64_t size = 0;            ///< Its bytes.
  std::uint64_t number = 0;          ///< Frames of the same stream before it: what is missing shows.
  bool frame_follows = false;        ///< The stream went on.
  bool has_checksum = false;         ///< Else it decodes, but nothing tells whether rightly.
  std::uint64_t content_offset = 0;  ///< In the frame's content, of the piece that is given.
};

/// Gets each intact frame and its content: of up to 128 MiB as a whole, else in pieces, one after the other.
/// A status other than ok ends the search and is returned.
using IntactFrameSink =
    std::function<Status(const IntactFrame& frame, std::span<const std::uint8_t> content)>;

/// Looks for frames in data that may be damaged anywhere, decodes each and gives those that are whole, in
/// order. Frames of more content than `options.output_limit` are passed over; those whose content comes in
/// pieces are decoded twice, so that no more of it is held. Takes the time of decoding what is found. Errors:
/// out_of_memory, vocabulary_missing, prime_missing and memory_limit if no frame was found but for that, the
/// sink's; ok if there is no intact frame at all.
SSMZ_API Status recover(std::span<const std::uint8_t> data, const IntactFrameSink& sink,
                        const DecompressOptions& options = {});

}  // namespace ssmz
