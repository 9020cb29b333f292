// SPDX-License-Identifier: Apache-2.0
// Reads one frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/base/checksum.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/parser.hpp"

namespace ssmz::codec {

/// Finds a vocabulary by its hash; nullptr if there is none.
using VocabularyFinder = std::function<std::shared_ptr<const Vocabulary>(std::uint64_t hash)>;

struct FrameDecoderOptions {
  std::uint64_t memory_limit = 0;  ///< For the model, in bytes; 0: no limit.
  VocabularyFinder find_vocabulary;
  CoderFactory factory;
};

/// What a frame needed that it did not get; for messages.
struct FrameNeeds {
  std::uint64_t memory = 0;      ///< Bytes for the model.
  std::uint64_t vocabulary = 0;  ///< Hash.
};

/// Not thread-safe. The first error is final; output given before it may be wrong unless every frame's
/// checksum held.
class FrameDecoder {
 public:
  explicit FrameDecoder(FrameDecoderOptions options)
      : options_(std::move(options)), parser_(FrameParser::BlockData::keep) {}

  /// Consumes from the front of `in` and gives content to `sink` as it is decoded, some KiB at a time (what
  /// was stored comes a block at a time). The sink may ask for no more than it can hold by failing.
  /// `progress` gets the content bytes decoded. Errors: those of FrameParser and BlockCoder, memory_limit and
  /// vocabulary_missing (before anything large is allocated), data_damaged, and the sink's.
  Status update(std::span<const std::uint8_t>& in, const Sink& sink, const Progress& progress);

  /// True once the frame has ended; what is left of the input is not part of it.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Input bytes of the frame consumed.
  [[nodiscard]] std::uint64_t consumed() const noexcept { return parser_.consumed(); }
  /// Content bytes given to the sink.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }
  [[nodiscard]] FrameNeeds needs() const noexcept { return needs_; }

 private:
  Status check_header();
  Status decode_block(const Sink& sink, const Progress& progress);
  Status decode_coded(std::span<const std::uint8_t> data, const Sink& sink, const Progress& progress);
  Status give(std::span<const std::uint8_t> content, const Sink& sink);
  Status make_coder();
  [[nodiscard]] Status check_content() const;

  FrameDecoderOptions options_;
  FrameParser parser_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::unique_ptr<BlockCoder> coder_;
  Checksum checksum_;
  std::vector<std::uint8_t> raw_;
  std::vector<std::uint8_t> replayed_;
  FrameNeeds needs_;
  std::uint64_t content_ = 0;
  bool ended_ = false;
};

/// Checks what a header asks for against the limits and the vocabularies at hand, and says what was missing.
Status check_frame_needs(const FrameHeader& header, const FrameDecoderOptions& options, FrameNeeds& needs,
                         std::shared_ptr<const Vocabulary>& vocabulary);

}  // namespace ssmz::codec
