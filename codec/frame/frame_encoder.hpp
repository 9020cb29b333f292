// SPDX-License-Identifier: Apache-2.0
// Writes one frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/base/checksum.hpp"
#include "codec/frame/content_history.hpp"
#include "codec/frame/copy_finder.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/plan.hpp"
#include "codec/frame/prime.hpp"

namespace ssmz::codec {

struct FrameEncoderOptions {
  int level = default_level;
  std::uint64_t memory_limit = 0;  ///< For the model, in bytes; 0: the level's default.
  std::optional<std::uint64_t>
      content_size;                   ///< If known; goes into the header and sizes the model's tables.
  std::optional<SsmChoice> ssm = {};  ///< Instead of the level's own.
  std::uint64_t number = 0;           ///< Frames of the same stream before this one.
  bool checksum = true;
  std::shared_ptr<const Vocabulary> vocabulary;
  std::shared_ptr<const PrimeContent> prime;  ///< May be nullptr.
  CoderFactory factory;
};

/// Gives a frame to a sink, each block once it is coded. Output depends on the content and the options, never
/// on how the content was cut into updates. The model is only made once something is worth modelling. The
/// first error is final.
class FrameEncoder {
 public:
  explicit FrameEncoder(FrameEncoderOptions options) : options_(std::move(options)) {}

  /// Takes content; codes it when more than plan_window bytes are there, longest_window where a stream
  /// begins. `progress` gets the content bytes coded. Errors: memory_limit, out_of_memory, cancelled,
  /// size_mismatch, the sink's.
  Status update(std::span<const std::uint8_t> in, const Sink& sink, const Progress& progress);

  /// Codes the rest and ends the frame, with the mark that another of its stream follows or not. Call once.
  Status finish(bool frame_follows, const Sink& sink, const Progress& progress);

  /// Bytes of content that are coded.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }

 private:
  /// Bytes of a full window that are coded now: what ends within a stream waits for the rest of it.
  [[nodiscard]] std::size_t whole_streams(std::span<const std::uint8_t> window) const;
  Status code_window(std::span<const std::uint8_t> window, bool last, const Sink& sink,
                     const Progress& progress);
  Status code_block(const PlannedBlock& planned, std::span<const std::uint8_t> raw, bool last,
                    const Progress& progress);
  /// Codes what is of a modelled kind into coded_; `type` becomes stored if it is better so.
  Status code_data(const PlannedBlock& planned, std::span<const std::uint8_t> raw, bool last,
                   const Progress& progress, BlockType& type);
  /// Gives what is pending.
  Status give(const Sink& sink);
  Status choose_parameters();
  std::vector<Copy> find_copies(std::span<const std::uint8_t> window, bool last, std::vector<Copy>& shorter);
  Status make_coder();
  /// Says how the prime is shown, which needs a coder; nothing without a prime.
  Status plan_prime();
  /// For plan_blocks(); `first` of a window.
  Result<KindCosts> kind_costs(std::span<const std::uint8_t> segment, bool first);
  /// Before the first block that the model sees: shows it the prime and writes how.
  Status prime_coder(const Progress& progress);
  [[nodiscard]] FrameHeader header(bool with_model) const;

  FrameEncoderOptions options_;
  std::optional<ModelParameters> parameters_;
  std::unique_ptr<BlockCoder> coder_;
  std::vector<PrimeStep> prime_steps_;
  std::optional<BlockKind> known_kind_;  ///< Of what the model read last.
  IncompressibilityProbe probe_;
  RegionFinder regions_;
  std::optional<ContentHistory> history_;
  std::optional<CopyFinder> copies_;
  Checksum checksum_;
  std::vector<std::uint8_t> window_;
  std::size_t window_size_ = plan_window;
  std::vector<std::uint8_t> coded_;
  std::vector<std::uint8_t> pending_;  ///< Output that is not given yet.
  std::uint64_t content_ = 0;          ///< Bytes coded.
  bool started_ = false;               ///< The header is written.
  std::uint64_t given_ = 0;            ///< Bytes of output given.
  bool primed_ = false;
  bool anew_ = false;  ///< The model has started anew: no blocks in blocks any more.
};

}  // namespace ssmz::codec
