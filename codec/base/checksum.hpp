// SPDX-License-Identifier: Apache-2.0
// XXH3-64 over bytes that come in pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct XXH3_state_s;

namespace ssmz::codec {

/// XXH3-64 with seed 0 of `bytes`.
[[nodiscard]] std::uint64_t checksum(std::span<const std::uint8_t> bytes) noexcept;

/// The same in pieces. The constructor may throw std::bad_alloc.
class Checksum {
 public:
  Checksum();
  void update(std::span<const std::uint8_t> bytes) noexcept;
  [[nodiscard]] std::uint64_t digest() const noexcept;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const noexcept;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace ssmz::codec
