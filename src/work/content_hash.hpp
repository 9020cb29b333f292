// SPDX-License-Identifier: Apache-2.0
// A checksum of content, to compare what was read with what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace ssmz::cli {

/// XXH3 with 128 bits over bytes that come in pieces.
class ContentHash {
 public:
  using Value = std::pair<std::uint64_t, std::uint64_t>;

  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;

  void reset();
  void update(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Value value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ssmz::cli
