// SPDX-License-Identifier: Apache-2.0
// Which token a writer of deflate streams would write next. FORMAT: decoders predict the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codec/deflate/deflate_format.hpp"

namespace ssmz::codec {

/// Who is taken to have written a stream. Values are FORMAT.
enum class DeflateWriter : std::uint8_t {
  zlib = 0,            ///< memLevel 8: hashes of 15 bits, blocks of 16,383 tokens.
  zlib_large = 1,      ///< memLevel 9: 16 bits, 32,767 tokens.
  zlib_filtered = 2,   ///< memLevel 8 and the strategy Z_FILTERED: no matches below six bytes.
  large_filtered = 3,  ///< memLevel 9, and so.
  gzip = 4,            ///< GNU gzip: 15 bits, 32,767 tokens, fewer where they do well.
  frugal = 5,          ///< One that seeks the fewest bits: a level says how far it looks.
  chromium = 6,        ///< As zlib, with hashes of four bytes: Chromium's, which Node.js has.
  hasty = 7,           ///< Go's lowest level: the last place with the same hash, of those that it looked at.
};

/// FORMAT.
struct DeflateParameters {
  static constexpr unsigned most_level = 9;

  std::uint8_t level = 6;  ///< 1..9
  DeflateWriter writer = DeflateWriter::zlib;

  [[nodiscard]] constexpr bool valid() const noexcept {
    return level >= 1 && level <= most_level && writer <= DeflateWriter::hasty;
  }
  friend bool operator==(const DeflateParameters&, const DeflateParameters&) = default;
};

/// A length that a match may have, and what all from there on costs then, in 1/16 bit.
struct LengthOption {
  unsigned length = 0;
  int cost = 0;
};
inline constexpr std::size_t most_length_options = 8;

/// What is known of a token before it is.
struct TokenPrediction {
  DeflateToken likely;
  /// Matches that are found, each longer than the one before it, at the least distance of its length.
  std::span<const DeflateToken> matches;
  /// The cheapest first, at most most_length_options; none if no match is found.
  std::span<const LengthOption> lengths;
  int saved = 0;       ///< By the first instead of a literal, in 1/16 bit.
  unsigned ahead = 0;  ///< The longest match's length at the next byte, if it is known.
  std::uint8_t literal = 0;
};

/// Predicts the tokens of one content from its beginning on.
class TokenPredictor {
 public:
  virtual ~TokenPredictor() = default;
  /// The token at position(), which is not the end. It holds until the next call.
  [[nodiscard]] virtual TokenPrediction predict() = 0;
  /// What stands there: the token that was predicted last or another, within the content.
  virtual void take(DeflateToken token) = 0;
  /// `size` bytes without tokens.
  virtual void pass(std::size_t size) = 0;
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  /// Earlier places that searches have compared with: what the work is counted in.
  [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }

 protected:
  std::size_t position_ = 0;
  std::uint64_t looked_at_ = 0;
};

/// `plain` of less than 2^32 bytes stays where it is.
[[nodiscard]] std::unique_ptr<TokenPredictor> make_predictor(DeflateParameters parameters,
                                                             std::span<const std::uint8_t> plain);

}  // namespace ssmz::codec
