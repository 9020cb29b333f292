// SPDX-License-Identifier: Apache-2.0
// Remembers the sample that last followed a context exactly: drawn pictures repeat themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmz::codec {

/// What a context remembers.
struct Recalled {
  std::int32_t sample = -1;  ///< Of 8 or 16 bits; -1: the context is new.
  unsigned trust = 0;        ///< How often in turn it was right, 0..max_trust.
  static constexpr unsigned max_trust = 15;
};

/// A table of contexts with one sample each; a new context takes the place of an old one. Not thread-safe.
class Recall {
 public:
  /// Bytes that one takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory() noexcept { return sizeof(Entry) << table_log2; }

  Recall() : table_(std::size_t{1} << table_log2) {}

  /// `hash`: well mixed. The next update() is of this context.
  [[nodiscard]] Recalled find(std::uint64_t hash) noexcept;
  void update(std::uint32_t sample) noexcept;

 private:
  static constexpr unsigned table_log2 = 16;
  struct Entry {
    std::uint32_t check = 0;
    std::uint16_t sample = 0;
    std::uint8_t trust = 0;
    bool used = false;
  };

  std::vector<Entry> table_;
  std::size_t at_ = 0;
  std::uint32_t check_ = 0;
};

}  // namespace ssmz::codec
