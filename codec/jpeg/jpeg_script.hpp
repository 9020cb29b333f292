// SPDX-License-Identifier: Apache-2.0
// The scans of a picture that has several, one after the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.hpp"
#include "codec/jpeg/jpeg_segments.hpp"

namespace ssmz::codec {

/// Each coefficient's bits come once, from above: so the last state of all coefficients says what each of the
/// scans said. Not thread-safe. FORMAT.
class JpegScript {
 public:
  /// FORMAT. libjpeg's own scripts have up to 10 scans of three components.
  static constexpr std::size_t most_scans = 128;
  /// FORMAT. Blocks of a picture for each byte of content: a block takes a bit at least in the scan of its
  /// DC.
  static constexpr std::uint64_t blocks_of_byte = 8;

  /// Reads the segments of the next scan, from which it is kept. False if they are none, or tell again what
  /// was told, or too early, or are too many: then the picture ends before them.
  [[nodiscard]] bool add(std::span<const std::uint8_t> segments);
  /// As if the last scan had not been added; at most once behind each.
  void drop_last();

  [[nodiscard]] const JpegHeader& picture() const noexcept { return picture_; }
  [[nodiscard]] const std::vector<JpegScan>& scans() const noexcept { return scans_; }
  /// Bytes of the last segments.
  [[nodiscard]] std::size_t size() const noexcept { return segments_.size(); }
  /// Whether a picture of so many bytes is coded.
  [[nodiscard]] bool worth(std::uint64_t bytes) const noexcept {
    return picture_.blocks() <= JpegCoefficients::most_blocks && picture_.blocks() / blocks_of_byte <= bytes;
  }

 private:
  static constexpr std::int8_t unknown = -1;
  [[nodiscard]] bool may_come(const JpegScan& scan) const;

  JpegSegments segments_;
  JpegHeader picture_;
  std::vector<JpegScan> scans_;
  // [component][place in the zigzag]: lowest bit that is known
  std::array<std::array<std::int8_t, 64>, JpegHeader::max_components> known_{};
};

/// A picture of several scans as it stands in a content.
struct JpegPicture {
  struct Scan {
    std::size_t at = 0, segments = 0, data = 0;  ///< In the content; bytes of its segments and data.
    bool padding = true;
  };
  JpegScript script;
  std::vector<Scan> scans;
  JpegCoefficients coefficients;
  std::size_t size = 0;  ///< Up to the last scan's end.
};

/// The scans that `in` begins with, up to the first that PassWriter would not write the same. False if there
/// is none, or the picture is none that is coded so. Reads only `in`. Not FORMAT.
[[nodiscard]] bool read_jpeg_picture(std::span<const std::uint8_t> in, JpegPicture& picture);

}  // namespace ssmz::codec
