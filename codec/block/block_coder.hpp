// SPDX-License-Identifier: Apache-2.0
// One frame's model: codes blocks of bytes to bits and back. The container knows nothing of how.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "codec/block/block_kind.hpp"
#include "codec/levels/levels.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::codec {

/// BlockCoder::kind_costs of a coder that may have to be made first.
using EstimateKinds = std::function<Result<KindCosts>(std::span<const std::uint8_t>)>;

class BlockCoder;
/// Makes a frame's model: BlockCoder::create() with its number of threads given beforehand, but for tests.
using CoderFactory = std::function<Result<std::unique_ptr<BlockCoder>>(const ModelParameters&,
                                                                       std::shared_ptr<const Vocabulary>)>;

/// Model state of one frame. Blocks must be decoded in the order they were encoded, with the same parameters;
/// the model carries what it learned from block to block. Not thread-safe; two objects are independent.
class BlockCoder {
 public:
  /// Allocates everything (memory_needed(parameters) bytes). Errors: out_of_memory.
  /// With `threads` of 2 or more the SSM trains on a worker of its own: faster, the same bytes.
  static Result<std::unique_ptr<BlockCoder>> create(const ModelParameters& parameters,
                                                    std::shared_ptr<const Vocabulary> vocabulary,
                                                    unsigned threads = 1);
  static CoderFactory factory(unsigned threads);
  virtual ~BlockCoder() = default;

  /// What `raw` would cost about as each kind (cheap: linear, no model): at least one, stored never among
  /// them.
  [[nodiscard]] virtual KindCosts kind_costs(std::span<const std::uint8_t> raw) = 0;

  /// Appends the coded form of `raw` to `coded`. `type` is of any kind but stored. `progress`
  /// gets the bytes of the block done so far. Errors: cancelled.
  virtual Status encode(BlockType type, std::span<const std::uint8_t> raw, std::vector<std::uint8_t>& coded,
                        const Progress& progress) = 0;

  /// The model sees `raw` as encode() shows it, and nothing is kept. Errors: encode()'s.
  Status show(BlockType type, std::span<const std::uint8_t> raw, const Progress& progress) {
    std::vector<std::uint8_t> nowhere;
    return encode(type, raw, nowhere, progress);
  }

  /// Appends exactly `raw_size` bytes to `raw`. Damaged input gives wrong bytes or data_damaged, never a
  /// crash; reading past `coded` reads zeros. Errors: data_damaged, cancelled.
  virtual Status decode(BlockType type, std::span<const std::uint8_t> coded, std::size_t raw_size,
                        std::vector<std::uint8_t>& raw, const Progress& progress) = 0;

  /// Makes an image of what the coder has learned, from which others of the same parameters and vocabulary
  /// start; this one goes on from it too. nullptr if a kind of content has no copies: nothing changes then.
  /// Errors: out_of_memory (the coder is at its end).
  virtual Result<std::unique_ptr<BlockCoder>> make_image() { return std::unique_ptr<BlockCoder>(); }

  /// Goes on from an image as its coder would: the same bytes. Thread-safe of the image. Memory: the small
  /// parts of the model at once, of the large ones what is changed. Cost: milliseconds. Errors:
  /// out_of_memory, bad_argument (no image).
  virtual Status start_from([[maybe_unused]] const BlockCoder& image) {
    return {Code::bad_argument, "a coder without images"};
  }
};

}  // namespace ssmz::codec
