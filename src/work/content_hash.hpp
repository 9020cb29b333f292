// SPDX-License-Identifier: Apache-2.0
// A checksum of content, to compare what was read with what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace ssmz::cli {

/// XXH3-64, as in frames, over bytes that come in pieces.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;

  void reset();
  void update(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ssmz::cli
