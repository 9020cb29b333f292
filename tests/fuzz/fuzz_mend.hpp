// SPDX-License-Identifier: Apache-2.0
// Puts checksums right, so that a fuzzer gets past them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/header.hpp"
#include "codec/vocabulary/vocabulary_format.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ssmz::fuzz {

/// Where the check of the header that starts at `in` stands, or 0.
inline std::size_t check_position(std::span<const std::uint8_t> in) {
  namespace detail = codec::header_detail;
  codec::ByteReader reader(in);
  reader.little_endian(codec::frame_magic.size() + 1);
  const std::uint64_t flags = reader.little_endian(1);
  if ((flags & detail::flag_model) != 0) {
    reader.little_endian(2);
    reader.varint();
    reader.little_endian(8);
  }
  if ((flags & detail::flag_content_size) != 0) reader.varint();
  const std::size_t at = reader.position();
  reader.little_endian(detail::check_size);
  return reader.state() == codec::ByteReader::State::good ? at : 0;
}

/// The same frames with the version of all headers the present one and their checks right.
inline Bytes with_header_checks(std::span<const std::uint8_t> frames) {
  Bytes mended(frames.begin(), frames.end());
  const auto& magic = codec::frame_magic;
  for (auto at = mended.begin();
       (at = std::search(at, mended.end(), magic.begin(), magic.end())) != mended.end(); ++at) {
    const std::size_t size = check_position({at, mended.end()});
    if (size != 0) at[static_cast<std::ptrdiff_t>(magic.size())] = codec::format_version;
    const std::uint64_t check = codec::checksum({at, at + static_cast<std::ptrdiff_t>(size)});
    for (std::size_t i = 0; size != 0 && i < codec::header_detail::check_size; ++i) {
      at[static_cast<std::ptrdiff_t>(size + i)] = static_cast<std::uint8_t>(check >> (8 * i));
    }
  }
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
