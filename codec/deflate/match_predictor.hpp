// SPDX-License-Identifier: Apache-2.0
// Which token zlib's deflate would write next. FORMAT: decoders predict the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/deflate/deflate_format.hpp"

namespace ssmz::codec {

/// Who is taken to have written a stream. Values are FORMAT.
enum class DeflateWriter : std::uint8_t {
  zlib = 0,            ///< memLevel 8: hashes of 15 bits, blocks of 16,383 tokens.
  zlib_large = 1,      ///< memLevel 9: 16 bits, 32,767 tokens.
  zlib_filtered = 2,   ///< memLevel 8 and the strategy Z_FILTERED: no matches below six bytes.
  large_filtered = 3,  ///< memLevel 9, and so.
  gzip = 4,            ///< GNU gzip: 15 bits, 32,767 tokens, fewer where they do well.
};

/// FORMAT.
struct DeflateParameters {
  static constexpr unsigned most_level = 9;

  std::uint8_t level = 6;  ///< 1..9
  DeflateWriter writer = DeflateWriter::zlib;

  [[nodiscard]] constexpr bool valid() const noexcept {
    return level >= 1 && level <= most_level && writer <= DeflateWriter::gzip;
  }
  friend bool operator==(const DeflateParameters&, const DeflateParameters&) = default;
};

/// Predicts the tokens of one content from its beginning on. Cost: as zlib's at the level.
class MatchPredictor {
 public:
  /// `plain` of less than 2^32 bytes stays where it is.
  MatchPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain);

  /// The token at position(), which is not the end.
  [[nodiscard]] DeflateToken predict();
  /// What stands there: the token that was predicted last or another, within the content.
  void take(DeflateToken token);
  /// `size` bytes without tokens.
  void pass(std::size_t size);
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  /// Earlier places that searches have compared with: what the work is counted in.
  [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }

 private:
  struct Match {
    unsigned length = 0;
    std::size_t at = 0;
  };

  void insert_to(std::size_t end);
  [[nodiscard]] Match search(std::size_t at, unsigned beaten);
  [[nodiscard]] DeflateToken token_of(const Match& match) const noexcept;

  DeflateParameters parameters_;
  std::span<const std::uint8_t> plain_;
  std::size_t position_ = 0;
  std::uint64_t looked_at_ = 0;
  std::size_t inserted_ = 0;  // positions before it are in the chains or never will be
  bool known_ = false;        // here_ is what was found at position_ when the one before was predicted
  Match here_, next_;
  bool looked_ahead_ = false;  // next_ is what was found at position_ + 1
  unsigned hash_bits_;
  std::vector<std::uint32_t> heads_, before_;  // 0: none; so nothing matches the first byte, as in zlib
};

}  // namespace ssmz::codec
