// SPDX-License-Identifier: Apache-2.0
// Skippable frames that come in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/base/gather.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/frame.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Passes over one skippable frame after the other and tells a StreamOrder of them, or what has its functions
/// for them.
class SkippableWalk {
 public:
  /// Takes what `in` has of the frame whose magic `held` holds; `held` gets the rest of its header. True: the
  /// frame has ended. Errors: those of StreamOrder::end_skippable().
  template <class Order>
  Result<bool> take(std::vector<std::uint8_t>& held, std::span<const std::uint8_t>& in, Order& order) {
    if (!left_) {
      if (!gather(held, in, skippable_header_size)) return false;
      left_ = ByteReader(std::span(held).subspan(skippable_magic.size())).little_endian(4);
      order.begin_skippable(static_cast<std::uint32_t>(*left_));
    }
    const auto payload = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(*left_, in.size())));
    in = in.subspan(payload.size());
    order.skippable(payload);
    *left_ -= payload.size();
    if (*left_ != 0) return false;
    left_.reset();
    if (const Status status = order.end_skippable(); !status.ok()) return status;
    return true;
  }

 private:
  std::optional<std::uint64_t> left_;  // of the payload; none: its size has not come yet
};

}  // namespace ssmz::codec
