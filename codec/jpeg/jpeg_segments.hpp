// SPDX-License-Identifier: Apache-2.0
// Reads the segments in front of scans.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/jpeg/jpeg_header.hpp"

namespace ssmz::codec {

/// Keeps the tables from scan to scan. Not thread-safe. FORMAT.
class JpegSegments {
 public:
  /// Reads the segments that `in` begins with (without SOI) up to an SOS. They must be DQT, DHT, DRI, APPn,
  /// COM and, before the first scan, one SOF0, or SOF1 or SOF2 of 8 bits, and hold all that the scan refers
  /// to. False if they are not, are more than most_jpeg_segments or have more than most_jpeg_tables, or the
  /// picture is none that is coded; then no more is to be read. Reads only `in`.
  [[nodiscard]] bool read(std::span<const std::uint8_t> in);

  /// Bytes of the last that were read.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Steps are those of whole() ones only.
  [[nodiscard]] const JpegHeader& picture() const noexcept { return picture_; }
  [[nodiscard]] const JpegScan& scan() const noexcept { return scan_; }
  /// The quantiser of a component as it stands now; nullptr: none.
  [[nodiscard]] const std::array<std::uint16_t, 64>* steps(unsigned component) const noexcept;
  /// The picture, if the scan is a sequential one of all its components.
  [[nodiscard]] std::optional<JpegHeader> whole() const;

 private:
  bool take(std::uint8_t marker, std::span<const std::uint8_t> data);
  bool take_quantisers(std::span<const std::uint8_t> data);
  bool take_codes(std::span<const std::uint8_t> data);
  bool take_picture(std::span<const std::uint8_t> data);
  bool take_scan(std::span<const std::uint8_t> data);
  [[nodiscard]] bool valid_part() const noexcept;

  JpegHeader picture_;
  JpegScan scan_;
  std::size_t size_ = 0;
  unsigned tables_ = 0;  // of this scan
  std::uint32_t restart_interval_ = 0;
  std::array<std::uint8_t, JpegHeader::max_components> quantisers_{};
  std::array<std::array<std::uint16_t, 64>, 4> steps_{};
  std::array<std::array<std::shared_ptr<const JpegHuffman>, 4>, 2> codes_;
};

/// The same for a picture whose only scan is whole.
[[nodiscard]] std::optional<JpegHeader> read_jpeg_header(std::span<const std::uint8_t> in);

}  // namespace ssmz::codec
