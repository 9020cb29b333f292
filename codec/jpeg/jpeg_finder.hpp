// SPDX-License-Identifier: Apache-2.0
// Finds JPEG by the segments in front of its scans.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/jpeg/jpeg_header.hpp"

namespace ssmz::codec {

struct FoundJpeg {
  std::size_t size = 0;
  bool goes_on = false;  ///< Its scan is not at its end: what comes behind `in` may be of it.
};

/// The second byte of markers that a run of such segments may begin with: SOF0..2, DHT, DQT, DRI.
inline constexpr std::array<std::uint8_t, 6> jpeg_first_markers = {0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd};

/// The segments that `in` begins with from the first that a scan needs on, and as much of their scan as can
/// be coded by its coefficients. What stands before those (SOI, APPn) is plain bytes. Reads only `in`, and of
/// what is no JPEG little. Cost: some 20 ns a byte of the scan. Not FORMAT.
[[nodiscard]] std::optional<FoundJpeg> find_jpeg(std::span<const std::uint8_t> in);

/// How much of `in` belongs to a scan that began before, and whether it goes on behind it: up to a marker
/// that is no restart, with it if it is EOI.
[[nodiscard]] FoundJpeg rest_of_scan(std::span<const std::uint8_t> in);

}  // namespace ssmz::codec
