// SPDX-License-Identifier: Apache-2.0
// A deflate stream as its content, who is taken to have written it, and where they would have written
// otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/deflate/token_predictor.hpp"

namespace ssmz::codec {

/// Corrections of a stream: all its decisions, each coded by what is predicted of it. None if all are as
/// predicted. FORMAT.
using Corrections = std::vector<std::uint8_t>;

/// The corrections with which append_deflated() gives `stream` back from its content `plain`; nothing if they
/// are more than `most` bytes, or if it could not. They are the only ones: the same stream has the same.
[[nodiscard]] std::optional<Corrections> corrections_of(DeflateParameters parameters,
                                                        std::span<const std::uint8_t> stream,
                                                        std::span<const std::uint8_t> plain,
                                                        std::size_t most);

/// Appends the stream; false, with something appended, if it would be more than `most` bytes, or of
/// corrections that correct what is right, or that are no corrections.
[[nodiscard]] bool append_deflated(DeflateParameters parameters, std::span<const std::uint8_t> corrections,
                                   std::span<const std::uint8_t> plain, std::size_t most,
                                   std::vector<std::uint8_t>& stream);

/// Parameters with which a stream has few corrections, and these; nothing if they have more than `most`
/// bytes. Tries `first` first. Cost: what some tries over the first 16,384 tokens take, and a few over all of
/// them.
struct CorrectedStream {
  DeflateParameters parameters;
  Corrections corrections;
};
[[nodiscard]] std::optional<CorrectedStream> best_corrections(std::span<const std::uint8_t> stream,
                                                              std::span<const std::uint8_t> plain,
                                                              DeflateParameters first, std::size_t most);

}  // namespace ssmz::codec
