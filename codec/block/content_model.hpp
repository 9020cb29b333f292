// SPDX-License-Identifier: Apache-2.0
// What a kind of block is: its row in the registry, and the model that codes such blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/base/processor.hpp"
#include "codec/block/block_kind.hpp"
#include "codec/levels/levels.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/predict/slot_table.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Symbols between two calls of a content model's progress.
inline constexpr std::size_t progress_interval = 4096;

struct ContentEnvironment;

/// Symbols between two looks whether the data have ended: a frame cut short costs no more than these.
inline constexpr std::size_t exhaustion_interval = 16;

/// For decoders, after symbol number `symbol` (from 0) of a block of which `done` bytes are there: whether
/// there are data left, and the caller wants the rest. Errors: data_damaged, cancelled.
[[nodiscard]] inline Status may_go_on(const DecisionIo& io, std::size_t symbol, std::uint64_t done,
                                      const Progress& progress) {
  if (symbol % exhaustion_interval != 0) return {};
  if (io.exhausted()) return {Code::data_damaged, "block ends too early"};
  if (progress && symbol % progress_interval == 0 && !progress(done)) return {Code::cancelled};
  return {};
}

/// Codes the blocks of one kind in one frame; keeps what it learned from block to block. Not thread-safe.
class ContentModel {
 public:
  virtual ~ContentModel() = default;
  ContentModel() = default;
  ContentModel& operator=(const ContentModel&) = delete;

  /// True if the model can be copied, so that frames over a prime need not each read it.
  [[nodiscard]] virtual bool copyable() const { return false; }
  /// From here on the model is only copied, from any thread: what is large is kept so that a copy takes
  /// memory for what it changes only (model::ZeroedArray).
  virtual void freeze() {}
  /// Between blocks: a model that goes on as this one would, over the table of `environment`, which is a copy
  /// of this one's. Of copyable() models. Throws std::bad_alloc.
  [[nodiscard]] virtual std::unique_ptr<ContentModel> copy(
      [[maybe_unused]] const ContentEnvironment& environment) const {
    return nullptr;
  }

  /// How the elements of the next block lie; called before each block of kinds that have layouts.
  virtual void set_layout(std::uint64_t) {}

  /// The next block's bytes are the plain ones of Transform::instructions; called before such.
  virtual void expect_instructions(Processor) {}

  /// Codes `raw`. Errors: cancelled.
  virtual Status encode(DecisionIo& io, std::span<const std::uint8_t> raw, const Progress& progress) = 0;

  /// Appends exactly `raw_size` bytes to `raw`, or fails. Must end on any input, and soon once `io` is
  /// exhausted. Errors: data_damaged, cancelled.
  virtual Status decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                        const Progress& progress) = 0;

 protected:
  ContentModel(const ContentModel&) = default;
};

/// What content models of a frame are made from. The table and the vocabulary outlive them.
struct ContentEnvironment {
  ModelParameters parameters;
  std::shared_ptr<const Vocabulary> vocabulary;
  SlotTable& table;      ///< Shared by all of them; each salts its hashes.
  unsigned threads = 1;  ///< 2 or more: helpers may run beside; never changes a byte.
};

/// What a segment would cost about, in sixteenths of a bit, without a model (linear time). Keeps what helps
/// with the next one, never what changes it.
using Estimate = std::function<std::uint64_t(std::span<const std::uint8_t> segment)>;

/// A kind of block: a row of the registry.
struct ContentKind {
  const char* name;  ///< As switches of tools call it.
  BlockKind number;  ///< FORMAT.
  /// For the choice among kinds at a level; nullptr: never chosen so.
  Estimate (*make_estimate)(const std::shared_ptr<const Vocabulary>& vocabulary, int level);
  /// What a byte speaks for this kind where blocks of two kinds meet, in units of one usual byte (negative:
  /// against it); nullptr: nothing. Encoders only.
  int (*favour)(std::uint8_t byte) noexcept;
  /// A fresh model; nullptr: blocks are not modelled.
  std::unique_ptr<ContentModel> (*make)(const ContentEnvironment& environment);
  /// Bytes that the model takes beside the slot table with so many lexemes; nullptr: none.
  std::uint64_t (*memory)(const ModelParameters& parameters, std::size_t lexemes);
  /// FORMAT. Whether a layout may stand in a block's header; nullptr: the kind has none.
  bool (*valid_layout)(std::uint64_t layout);
};

/// True if a block of the kind may have this layout.
[[nodiscard]] inline bool fits(const ContentKind& kind, std::uint64_t layout) {
  return kind.valid_layout ? kind.valid_layout(layout) : layout == 0;
}

}  // namespace ssmz::codec
