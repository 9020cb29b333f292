// SPDX-License-Identifier: Apache-2.0
// Streams and tables that go on behind the content at hand. Encoders only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ssmz::codec {

/// Where the deflate stream (of gzip, zlib or zip), bzip2 stream, PNG file, program of Windows, table that
/// unwinds or ZIP archive begins that `content` ends within; its size if there is none. Of an archive that is
/// longer than a block may be it is the member. Whole ones are walked over: cost as of reading them, and a
/// few times `content` of what turns out to be none.
[[nodiscard]] std::size_t unfinished_from(std::span<const std::uint8_t> content);

}  // namespace ssmz::codec
