// SPDX-License-Identifier: Apache-2.0
// Marker and length of a segment say how many bytes it has.
#include "codec/jpeg/segment_bytes.hpp"

#include <algorithm>

#include "codec/block/content_model.hpp"
#include "codec/jpeg/jpeg_header.hpp"

namespace ssmz::codec {

void encode_jpeg_bytes(DecisionIo& io, HeaderBytes& model, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) model.code(io, byte);
}

Status decode_jpeg_bytes(DecisionIo& io, HeaderBytes& model, std::size_t end,
                         std::vector<std::uint8_t>& out) {
  for (std::size_t i = 0; out.size() < end; ++i) {
    out.push_back(model.code(io, 0));
    if (const Status status = may_go_on(io, i, i, {}); !status.ok()) return status;
  }
  return {};
}

Status decode_jpeg_segments(DecisionIo& io, HeaderBytes& model, std::size_t end,
                            std::vector<std::uint8_t>& out) {
  constexpr std::size_t before_data = 4;  // marker and length
  for (unsigned i = 0; i < most_jpeg_segments; ++i) {
    const std::size_t at = out.size();
    if (const Status status = decode_jpeg_bytes(io, model, std::min(end, at + before_data), out);
        !status.ok())
      return status;
    if (out.size() < at + before_data) break;
    const std::size_t size = out[at + 2] * 256u + out[at + 3];
    if (size < 2 || size > end - at - 2) break;
    if (const Status status = decode_jpeg_bytes(io, model, at + 2 + size, out); !status.ok()) return status;
    if (out[at + 1] == jpeg_start_of_scan) return {};
  }
  return {Code::data_damaged, "no segments of JPEG are in front of a scan"};
}

}  // namespace ssmz::codec
