// SPDX-License-Identifier: Apache-2.0
// The public C++ interface of ssmz: compress and decompress in one call or as a stream.
//
// No function throws, prints or exits; failures are values (status.hpp). Distinct objects may be used from
// distinct threads at the same time; one object must not be used from two threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ssmz/export.h"
#include "ssmz/status.hpp"

namespace ssmz {

namespace codec {
class PrimeContent;
class Vocabulary;
}  // namespace codec

/// Version of the library and of the frames it writes. A library reads every format version up to its own.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
/// "major.minor.patch" of the library linked, which may differ from the constants compiled against.
[[nodiscard]] SSMZ_API const char* version_string() noexcept;
[[nodiscard]] SSMZ_API unsigned frame_format_version() noexcept;

inline constexpr int lowest_level = 1;
inline constexpr int highest_level = 9;
inline constexpr int usual_level = 5;

/// Where a limit is asked for: there is none.
inline constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// Most threads an option may ask for.
inline constexpr unsigned most_threads = 1024;

/// A vocabulary for text. Immutable and cheap to copy; share it between threads freely.
class SSMZ_API Vocabulary {
 public:
  /// The one embedded in the library; parsed on first use. Errors: out_of_memory, vocabulary_damaged.
  [[nodiscard]] static Result<Vocabulary> builtin();
  /// Parses the bytes of a vocabulary file, which are not needed afterwards. Errors: vocabulary_damaged,
  /// out_of_memory.
  [[nodiscard]] static Result<Vocabulary> parse(std::span<const std::uint8_t> bytes);
  /// What frames name it by.
  [[nodiscard]] std::uint64_t hash() const noexcept;
  /// Number of lexemes.
  [[nodiscard]] std::size_t size() const noexcept;
  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<const codec::Vocabulary>& held() const noexcept { return held_; }

 private:
  explicit Vocabulary(std::shared_ptr<const codec::Vocabulary> held) : held_(std::move(held)) {}
  std::shared_ptr<const codec::Vocabulary> held_;
};

/// How a frame names the content that its model reads first.
struct PrimeInfo {
  std::uint64_t hash = 0;    ///< XXH3-64.
  std::uint64_t length = 0;  ///< Bytes.
  std::string name;          ///< As given when it was compressed; may hold any bytes but is at most 255 long.
};

/// Most bytes of a prime unless the caller says otherwise: reading it takes as long as compressing it.
inline constexpr std::uint64_t usual_prime_limit = std::uint64_t{16} << 20;

/// How often a prime is used.
enum class PrimeUse : unsigned char {
  /// The first frame of a level and table size reads the prime; the others start from an image of what its
  /// model had learned by then, in milliseconds. Up to four images are kept, each as large as a model at
  /// most (memory_needed() for a frame's content and the prime's together); a frame's own model takes memory
  /// only for what it changes of it. Never changes a byte.
  many_frames,
  /// Each frame reads the prime, and nothing is kept.
  one_frame,
};

/// Content known to both sides beforehand: the models read it before a frame's first byte as if it stood
/// there, which makes what resembles it small. Immutable and cheap to copy; share it between threads freely.
class SSMZ_API Prime {
 public:
  /// Copies `content`. Frames hold the first 255 bytes of `name`, for messages only; what counts is the
  /// content. Errors: bad_argument if it is empty or longer than `limit`, out_of_memory.
  [[nodiscard]] static Result<Prime> create(std::span<const std::uint8_t> content, std::string_view name = {},
                                            std::uint64_t limit = usual_prime_limit,
                                            PrimeUse use = PrimeUse::many_frames);
  [[nodiscard]] PrimeInfo info() const;
  [[nodiscard]] std::uint64_t hash() const noexcept;
  /// Bytes held at the moment: the content's, and at most so many of images. Thread-safe.
  [[nodiscard]] std::uint64_t memory() const noexcept;
  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<const codec::PrimeContent>& held() const noexcept { return held_; }

 private:
  explicit Prime(std::shared_ptr<const codec::PrimeContent> held) : held_(std::move(held)) {}
  std::shared_ptr<const codec::PrimeContent> held_;
};

/// Takes the next bytes of output, which are valid during the call only. A status other than ok stops the
/// coder, which returns it and can then not go on.
using Sink = std::function<Status(std::span<const std::uint8_t>)>;

/// Called now and then (several times a second) on the thread that called the library, with the bytes of
/// content coded or decoded so far. Returns false to stop: the call then fails with `cancelled`.
using Progress = std::function<bool(std::uint64_t content_done)>;

/// The output depends on the content, level, frame_size, memory_limit, checksum, vocabulary, prime, ssm,
/// ssm_width and, for frames over 128 MiB, on whether content_size is given; on nothing else.
struct CompressOptions {
  /// lowest_level (fastest) .. highest_level (smallest).
  int level = usual_level;
  /// 0: one per core. Never changes the output. Frames run side by side, and a second thread helps within a
  /// frame.
  unsigned threads = 1;
  /// Bytes; models shrink and threads wait to keep to it. 0: the level's default for each frame.
  std::uint64_t memory_limit = 0;
  /// Bytes of content a frame; frames are coded on their own. 0: the level's default.
  std::uint64_t frame_size = 0;
  /// Write an XXH3-64 of the content (8 bytes a frame; for content of up to 64 KiB its low 4).
  bool checksum = true;
  /// If known beforehand. A wrong size fails with size_mismatch.
  std::optional<std::uint64_t> content_size = {};
  /// Instead of the built-in one.
  std::optional<Vocabulary> vocabulary = {};
  /// Read by the model of each frame before the frame; whoever decompresses needs the same.
  std::optional<Prime> prime = {};
  /// Layers of the network that predicts text, for example "mamba3:n32 | swa:w64"; empty: the level's own.
  /// ssm_layers() lists them. Frames name them, so decoders need not be told. Without a memory_limit tables
  /// shrink, so that decoders take the frame with theirs.
  std::string ssm = {};
  /// Their width, a multiple of 16 in 16..1024, or without `ssm` that of the level's own layers; 0: 64, or
  /// without `ssm` the level's.
  unsigned ssm_width = 0;
  /// May be empty.
  Progress progress = {};
};

struct DecompressOptions {
  /// 0: one per core. As with CompressOptions.
  unsigned threads = 1;
  /// Bytes for models and frames in flight. 0: a frame may take what highest_level needs
  /// (usual_memory_limit()), and frames side by side no more than half the machine's memory; no_limit:
  /// anything.
  std::uint64_t memory_limit = 0;
  /// Most bytes of content to give.
  std::uint64_t output_limit = std::numeric_limits<std::uint64_t>::max();
  /// To choose from by hash, besides the built-in one.
  std::vector<Vocabulary> vocabularies = {};
  /// To choose from by hash and length.
  std::vector<Prime> primes = {};
  /// The frames are some of a stream: others may be missing before, between and behind them.
  bool part_of_stream = false;
  /// Do not compare contents with the frames' checksums: what comes out may then be wrong without a word.
  bool ignore_checksum = false;
  /// May be empty.
  Progress progress = {};
};

/// Most bytes that compress() gives for `size` bytes in frames of `frame_size` (0: any level's default); the
/// greatest number if that is greater.
[[nodiscard]] SSMZ_API std::uint64_t compress_bound(std::uint64_t size,
                                                    std::uint64_t frame_size = 0) noexcept;

/// Bytes of memory a frame's model takes, either direction, at a level for a content size (nullopt: unknown).
/// Errors: bad_argument, memory_limit.
[[nodiscard]] SSMZ_API Result<std::uint64_t> memory_needed(int level, std::optional<std::uint64_t> size,
                                                           std::uint64_t memory_limit = 0);

/// Most bytes that an Encoder with these options holds: models and frames of all its threads, and the frame
/// being collected. Errors: bad_argument, memory_limit.
[[nodiscard]] SSMZ_API Result<std::uint64_t> memory_needed(const CompressOptions& options);

/// Bytes of memory the model of one frame takes with these options, of which level, memory_limit, ssm and
/// ssm_width count. Errors: bad_argument, memory_limit.
[[nodiscard]] SSMZ_API Result<std::uint64_t> memory_needed(const CompressOptions& options,
                                                           std::optional<std::uint64_t> size);

/// Why CompressOptions with this level, ssm and ssm_width would be refused; empty if they would not.
[[nodiscard]] SSMZ_API std::string ssm_problem(int level, std::string_view ssm, unsigned ssm_width);

/// What CompressOptions::ssm may be made of: a line each kind of layer, "name: what it is, its options".
[[nodiscard]] SSMZ_API std::string ssm_layers();

/// Most memory that a frame written with any level's own parameters takes to decode: what decoders allow a
/// frame unless told otherwise.
[[nodiscard]] SSMZ_API std::uint64_t usual_memory_limit() noexcept;

/// Content bytes a frame at a level if nothing else is asked for. Errors: bad_argument.
[[nodiscard]] SSMZ_API Result<std::uint64_t> usual_frame_size(int level);

/// Compresses in one call. Errors: bad_argument, memory_limit, out_of_memory, cancelled, size_mismatch.
[[nodiscard]] SSMZ_API Result<std::vector<std::uint8_t>> compress(std::span<const std::uint8_t> content,
                                                                  const CompressOptions& options = {});

/// Decompresses all frames of `frames` in one call. Errors: every value of Code but io_error. Set
/// output_limit if the data come from others: a small frame can stand for much content.
[[nodiscard]] SSMZ_API Result<std::vector<std::uint8_t>> decompress(std::span<const std::uint8_t> frames,
                                                                    const DecompressOptions& options = {});

/// Compresses a stream. Movable; what was moved from may only be assigned to or destroyed. The first error is
/// final and returned by all later calls. Holds up to one frame of content (see CompressOptions::frame_size)
/// for each thread, besides the models.
class SSMZ_API Encoder {
 public:
  /// Errors: bad_argument, out_of_memory.
  [[nodiscard]] static Result<Encoder> create(const CompressOptions& options = {});
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  /// Takes content in pieces of any size; how it is cut does not change the output. Output leaves as it is
  /// coded, every 256 KiB of content: with more than one thread update() gives what there is so far, also if
  /// it is called with nothing. Errors: those of compress(), bad_state after finish(), and what the sink
  /// returns.
  Status update(std::span<const std::uint8_t> content, const Sink& sink);
  /// Ends the frame here if it has content, so that all given so far is in complete frames. Errors: as
  /// update(), and size_mismatch for frames over 128 MiB whose size was announced.
  Status end_frame(const Sink& sink);
  /// The same, and waits until all frames so far are given out.
  Status flush(const Sink& sink);
  /// Ends the stream. Call once, or the output is no complete stream, which decoders refuse.
  Status finish(const Sink& sink);
  /// Bytes of content that the output given so far stands for: with threads less than progress says. May be
  /// asked in the sink and in progress.
  [[nodiscard]] std::uint64_t content_given() const noexcept;

  /// The same with output appended to a vector.
  Status update(std::span<const std::uint8_t> content, std::vector<std::uint8_t>& out);
  Status finish(std::vector<std::uint8_t>& out);

 private:
  struct SSMZ_LOCAL Parts;
  explicit Encoder(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// Decompresses a stream of one or more frames. Movable like Encoder. The first error is final. Content given
/// out before an error may be wrong: use it only once finish() has returned ok.
class SSMZ_API Decoder {
 public:
  /// Errors: bad_argument, out_of_memory.
  [[nodiscard]] static Result<Decoder> create(const DecompressOptions& options = {});
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  /// Takes frames in pieces of any size. The sink gets content as it is decoded, at most 16 MiB at a time.
  /// With more than one thread, frames of up to 128 MiB are decoded behind the caller's back: update() gives
  /// what they have so far, also if it is called with nothing. Errors: those of decompress(), bad_state after
  /// finish(), and what the sink returns.
  Status update(std::span<const std::uint8_t> frames, const Sink& sink);
  /// Says that there is no more. Errors: truncated if a frame is not complete or there was nothing at all.
  Status finish(const Sink& sink);

  /// The same with content appended to a vector.
  Status update(std::span<const std::uint8_t> frames, std::vector<std::uint8_t>& out);
  Status finish(std::vector<std::uint8_t>& out);

  /// After memory_limit: bytes the frame's model needs. After vocabulary_missing: the hash of the one it
  /// names. After prime_missing: the one it names.
  [[nodiscard]] std::uint64_t memory_needed() const noexcept;
  [[nodiscard]] std::uint64_t vocabulary_needed() const noexcept;
  [[nodiscard]] std::optional<PrimeInfo> prime_needed() const;

 private:
  struct SSMZ_LOCAL Parts;
  explicit Decoder(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// What a frame says of itself.
struct FrameInfo {
  std::uint64_t offset = 0;      ///< Of its first byte in the data.
  std::uint64_t frame_size = 0;  ///< Bytes of the frame; 0 from peek().
  std::optional<std::uint64_t>
      content_size;                 ///< From inspect() always there, from peek() if the header has it.
  int level = 0;                    ///< 0: nothing is modelled, all is stored.
  std::uint64_t memory_needed = 0;  ///< Bytes to decode it; from inspect() 0 if all is stored.
  std::optional<std::uint64_t> vocabulary;  ///< Hash of its vocabulary.
  std::optional<PrimeInfo> prime;           ///< What must be given to decode it.
  std::string ssm;                          ///< Its layers if they are not the level's own, else empty.
  std::uint64_t ssm_width = 0;              ///< Their width.
  std::uint64_t number = 0;                 ///< Frames of the same stream before it.
  bool frame_follows = false;  ///< Another frame of the same stream comes next; from inspect() only.
  bool has_checksum = false;
  /// XXH3-64 of the content, of up to 64 KiB its low 32 bits; from inspect() only.
  std::optional<std::uint64_t> checksum;
  std::uint64_t blocks = 0;        ///< From inspect() only.
  std::uint64_t stored_bytes = 0;  ///< Content bytes not modelled; from inspect() only.

  /// True if the checksum is there and that of a content with this XXH3-64.
  [[nodiscard]] SSMZ_API bool is_checksum_of(std::uint64_t hash) const noexcept;
};

/// Bytes that are always enough for peek().
inline constexpr std::size_t peek_size = 576;

/// True if `start` (at least 4 bytes) begins with a frame or a skippable frame.
[[nodiscard]] SSMZ_API bool is_frame(std::span<const std::uint8_t> start) noexcept;

/// Reads the header of the frame that `start` begins with; peek_size bytes are enough. Errors: not_a_frame,
/// truncated, unsupported_version, header_damaged.
[[nodiscard]] SSMZ_API Result<FrameInfo> peek(std::span<const std::uint8_t> start);

/// Reads the frame that `start` begins with to its end, without decoding: what inspect() says of it, its size
/// among that. What follows is not looked at. Errors: those of peek(), truncated if more bytes are needed,
/// data_damaged.
[[nodiscard]] SSMZ_API Result<FrameInfo> measure_frame(std::span<const std::uint8_t> start);

/// Lists all frames of `frames` without decoding, in time linear in the number of blocks, and refuses what a
/// Decoder would refuse of their headers and order. Errors: those of peek(), data_damaged, out_of_memory.
[[nodiscard]] SSMZ_API Result<std::vector<FrameInfo>> inspect(std::span<const std::uint8_t> frames);

/// Gets the name of the stage of a training and the share of it done (0..1); returns false to stop.
using TrainingProgress = std::function<bool(const char* stage, double share)>;

/// A text to train on, and how often its bytes count (1..255): weigh up what there is too little of.
struct TrainingText {
  std::span<const std::uint8_t> bytes;
  unsigned weight = 1;
};

/// Trains a vocabulary of up to `size` lexemes (512..2^20) on texts and returns the bytes of a vocabulary
/// file. The same texts and weights give the same lexemes. Takes some seconds and some 20 MB a megabyte of
/// text. Errors: bad_argument, cancelled, out_of_memory.
[[nodiscard]] SSMZ_API Result<std::vector<std::uint8_t>> train_vocabulary(std::span<const TrainingText> texts,
                                                                          std::size_t size,
                                                                          const TrainingProgress& progress);

/// Content for a Prime of at most `size` bytes (256 or more) that serves what resembles `samples`, many small
/// files: whole samples (of long ones, pieces that end with a line), chosen one by one for what they have
/// that many others have too; the most useful stands last. The same samples give the same bytes. Some 0.1 s a
/// megabyte of samples. Errors: bad_argument, out_of_memory.
[[nodiscard]] SSMZ_API Result<std::vector<std::uint8_t>> train_prime(
    std::span<const std::span<const std::uint8_t>> samples, std::size_t size);

}  // namespace ssmz
