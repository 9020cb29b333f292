// SPDX-License-Identifier: Apache-2.0
// The decisions of one deflate stream: they are as predicted, or read from the stream, or from corrections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "codec/deflate/header_model.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/deflate/token_model.hpp"

namespace ssmz::codec {

/// How a block is written.
struct BlockForm {
  DeflateBlock type = DeflateBlock::stored;
  CodeLengths lengths;
  DynamicHeader header;  ///< Of a dynamic one.

  [[nodiscard]] bool same(const BlockForm& other) const {
    return type == other.type && header == other.header;
  }
};

/// What decisions are coded by. FORMAT.
struct DecisionModels {
  // Contexts: whether the last block was told, none; what is predicted and how many tokens there were; how
  // the last forms were; what is predicted.
  Choice is_told{256, 1 << 14}, is_last_size{1 << 15};
  Choice ends{16, 256, 1 << 13, 16, 65000, 65000, 65000, 65000};
  Choice is_form{1 << 12, 1 << 15, 1 << 15, 1 << 15}, is_last{1 << 10, 64512};
  NumberChoice type{2, 3};
  TokenModel tokens;
  HeaderModel headers;
};

/// When an encoder gives up: over how many differences from what is predicted, tokens, and bytes of `coded`.
struct GuideLimits {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  std::size_t differences = none, tokens = none;
  const std::vector<std::uint8_t>* coded = nullptr;
  std::size_t bytes = none;
};

/// Is asked for each decision in the order of FORMAT.md, and says what it is.
class DeflateGuide {
 public:
  /// Decisions are as predicted.
  DeflateGuide() = default;
  /// Decisions are read from `stream`. `tell_stored`: stored blocks are told, else they must be as predicted.
  DeflateGuide(std::span<const std::uint8_t> stream, bool tell_stored)
      : stream_(stream), tell_stored_(tell_stored) {}

  /// Each decision goes through `io`, as `models` say: encoders', of what is read; decoders', of what comes.
  void code(DecisionIo& io, DecisionModels& models) noexcept { io_ = &io, models_ = &models; }
  void limit(const GuideLimits& limits) noexcept { limits_ = limits; }

  /// Of a block that is stored whatever its tokens would be: its bytes.
  std::optional<std::size_t> stored_block();
  /// Before the block's token of this number.
  bool ends(bool predicted, std::size_t number);
  DeflateToken token(const TokenPrediction& predicted);
  /// Changes the form of a block of `size` bytes from what is predicted to what it is.
  void form(BlockForm& predicted, const SymbolCounts& counts, std::size_t size);
  bool is_last(bool predicted);
  /// Whether to go on; false after anything that cannot be.
  [[nodiscard]] bool good() const {
    return good_ && differences_ <= limits_.differences && taken_ <= limits_.tokens &&
           !(limits_.coded != nullptr && limits_.coded->size() > limits_.bytes) &&
           !(io_ != nullptr && io_->exhausted());
  }
  /// Decisions that were not as predicted.
  [[nodiscard]] std::size_t differences() const noexcept { return differences_; }

 private:
  bool note(bool differs) noexcept {
    differences_ += differs;
    return differs;
  }
  [[nodiscard]] BlockForm form_read(std::size_t size);
  void code_form(BlockForm& form, const BlockForm& is, const SymbolCounts& counts);

  std::optional<DeflateReader> stream_;
  bool tell_stored_ = false;
  DecisionIo* io_ = nullptr;
  DecisionModels* models_ = nullptr;
  GuideLimits limits_;
  bool good_ = true;
  std::size_t differences_ = 0, taken_ = 0;
  DeflateToken token_;
  std::uint8_t literal_ = 0;
  bool was_told_ = false;
  std::size_t told_size_ = 0;
  std::size_t tokens_ = 0;      // of the last block that was not told
  std::size_t same_forms_ = 0;  // of the last ones, the latest lowest
};

}  // namespace ssmz::codec
