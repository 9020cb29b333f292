// SPDX-License-Identifier: Apache-2.0
// Puts checksums right, so that a fuzzer gets past them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/seek_table.hpp"
#include "codec/vocabulary/vocabulary_format.hpp"
#include "ssmz/ssmz.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ssmz::fuzz {

/// Puts the version and the check of the header that `at` begins with right, if there is a place for a check
/// with which it parses. Asks the parser, so it needs no knowledge of the fields.
inline void mend_header(std::span<std::uint8_t> at) {
  constexpr std::size_t longest = 96;  // Headers with long texts stay as they are.
  const std::size_t least = codec::frame_magic.size() + 2;
  if (at.size() < least) return;
  at[codec::frame_magic.size()] = codec::format_version;
  constexpr std::size_t check_size = codec::header_detail::check_size;
  for (std::size_t size = least; size + check_size <= std::min(at.size(), longest); ++size) {
    std::uint8_t kept[check_size];
    std::copy_n(at.begin() + static_cast<std::ptrdiff_t>(size), check_size, kept);
    const std::uint64_t check = codec::checksum(at.first(size));
    for (std::size_t i = 0; i < check_size; ++i) at[size + i] = static_cast<std::uint8_t>(check >> (8 * i));
    const auto parsed = codec::parse_frame_header(at.first(size + check_size));
    if (parsed.ok() && parsed.value().size == size + check_size) return;
    std::copy_n(kept, check_size, at.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

/// The same frames with the version of all headers the present one and their checks right.
inline Bytes with_header_checks(std::span<const std::uint8_t> frames) {
  Bytes mended(frames.begin(), frames.end());
  const auto& magic = codec::frame_magic;
  for (auto at = mended.begin();
       (at = std::search(at, mended.end(), magic.begin(), magic.end())) != mended.end(); ++at) {
    mend_header({at, mended.end()});
  }
  return mended;
}

/// The same frames with a seek table that agrees with them, if they parse as far as the table, or as they
/// are.
inline Bytes with_seek_table(std::span<const std::uint8_t> frames) {
  Bytes mended(frames.begin(), frames.end());
  if (frames.size() < codec::seek_footer_size) return mended;
  const auto footer = frames.last<codec::seek_footer_size>();
  const std::uint64_t table = codec::seek_table_size(footer).value_or(0);
  if (table == 0 || table > frames.size()) return mended;
  const auto body = frames.first(frames.size() - static_cast<std::size_t>(table));
  const auto listed = ssmz::inspect(body);
  if (!listed.ok()) return mended;
  std::vector<codec::SeekEntry> entries;
  for (const FrameInfo& frame : listed.value()) {
    entries.push_back({frame.frame_size, frame.content_size.value_or(0)});
  }
  mended.assign(body.begin(), body.end());
  codec::append_seek_table(entries, mended);
  return mended;
}

/// The same vocabulary file with its checksum right.
inline Bytes with_vocabulary_checksum(std::span<const std::uint8_t> file) {
  const std::size_t body = file.size() - std::min(file.size(), codec::vocabulary_format::checksum_bytes);
  Bytes mended(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(body));
  codec::append_little_endian(codec::checksum(file.first(body)), codec::vocabulary_format::checksum_bytes,
                              mended);
  return mended;
}

}  // namespace ssmz::fuzz
