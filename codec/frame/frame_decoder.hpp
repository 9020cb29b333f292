// SPDX-License-Identifier: Apache-2.0
// Reads one frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/base/checksum.hpp"
#include "codec/frame/content_history.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/parser.hpp"
#include "codec/frame/prime.hpp"

namespace ssmz::codec {

/// Finds a vocabulary by its hash; nullptr if there is none.
using VocabularyFinder = std::function<std::shared_ptr<const Vocabulary>(std::uint64_t hash)>;

struct FrameDecoderOptions {
  std::uint64_t memory_limit = 0;  ///< For the model, in bytes; 0: no limit.
  VocabularyFinder find_vocabulary;
  PrimeFinder find_prime;  ///< May be empty.
  bool ignore_checksum = false;
  CoderFactory factory;
  /// Bytes of content that the sink takes: a block that gives nothing until it is whole is refused at once.
  std::uint64_t most_content = ~std::uint64_t{0};
};

/// What a frame needs for its model; for messages.
struct FrameNeeds {
  std::uint64_t memory = 0;      ///< Bytes.
  std::uint64_t vocabulary = 0;  ///< Hash.
  std::optional<PrimeId> prime;
};

/// Not thread-safe. The first error is final; output given before it may be wrong unless every frame's
/// checksum held.
class FrameDecoder {
 public:
  explicit FrameDecoder(FrameDecoderOptions options)
      : options_(std::move(options)), parser_(FrameParser::BlockData::keep) {}

  /// Consumes from the front of `in` and gives content to `sink` as it is decoded, some KiB at a time (what
  /// was stored comes a block at a time). The sink may ask for no more than it can hold by failing.
  /// `progress` gets the content bytes decoded. Errors: those of FrameParser and BlockCoder, memory_limit,
  /// vocabulary_missing and prime_missing (at the first block that the model sees, memory_limit at the first
  /// copy too, before anything large is allocated: what was stored needs no model), data_damaged, and the
  /// sink's.
  Status update(std::span<const std::uint8_t>& in, const Sink& sink, const Progress& progress);

  /// True once the frame has ended; what is left of the input is not part of it.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Once it has ended: whether another frame of the same stream follows.
  [[nodiscard]] bool frame_follows() const noexcept { return parser_.block().frame_follows; }
  /// Input bytes of the frame consumed.
  [[nodiscard]] std::uint64_t consumed() const noexcept { return parser_.consumed(); }
  /// Content bytes given to the sink.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }
  [[nodiscard]] const FrameNeeds& needs() const noexcept { return needs_; }

 private:
  Status decode_block(const Sink& sink, const Progress& progress);
  Status decode_copy(const Sink& sink, const Progress& progress);
  /// Whether what copies reach back over may be held.
  [[nodiscard]] bool may_hold_content() const;
  Status decode_coded(std::span<const std::uint8_t> data, const Sink& sink, const Progress& progress);
  Status give(std::span<const std::uint8_t> content, const Sink& sink);
  Status make_coder(const Progress& progress);
  [[nodiscard]] Status check_content() const;

  FrameDecoderOptions options_;
  FrameParser parser_;
  std::vector<PrimeStep> prime_steps_;
  std::unique_ptr<BlockCoder> coder_;
  Checksum checksum_;
  ContentHistory history_;
  std::vector<std::uint8_t> raw_;
  FrameNeeds needs_;
  std::uint64_t content_ = 0;
  bool ended_ = false;
  bool anew_ = false;  ///< The model has started anew: it has no prime.
};

/// What a frame's header asks for, found and allowed.
struct ModelSources {
  std::shared_ptr<const Vocabulary> vocabulary;
  std::shared_ptr<const PrimeContent> prime;  ///< nullptr if the frame names none.
};

/// Checks what a header with a model asks for against the limits and what is at hand; says what that is in
/// `needs`. Allocates nothing large. Errors: memory_limit, vocabulary_missing, prime_missing, header_damaged.
Result<ModelSources> find_sources(const FrameModel& model, const FrameDecoderOptions& options,
                                  FrameNeeds& needs);

}  // namespace ssmz::codec
