// SPDX-License-Identifier: Apache-2.0
// The n-gram hash table: one 64-byte line holds the slots of a few successive decisions of a context.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace ssmz::codec {

/// A cache line of slots. A slot belongs to one (context, node): a 16-bit tag (0:
/// empty), an adaptive probability that the bit is 1 (16 bit) and a bit history. A line
/// is reached by the hash of the context and of the node at which a group of decisions
/// starts; slots of several groups share it and are told apart by their tags.
struct alignas(64) SlotLine {
  static constexpr unsigned slots = 12;
  std::uint16_t tags[slots];
  std::uint16_t probabilities[slots];
  std::uint8_t states[slots];
  std::uint8_t unused[4];
};
static_assert(sizeof(SlotLine) == 64);

/// Index of the slot with `tag`, or -1.
inline int find_slot(const SlotLine& line, std::uint16_t tag) noexcept {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi16(static_cast<short>(tag));
  const __m128i low = _mm_load_si128(reinterpret_cast<const __m128i*>(line.tags));
  const __m128i high = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(line.tags + 8));
  const __m128i hit = _mm_packs_epi16(_mm_cmpeq_epi16(low, wanted), _mm_cmpeq_epi16(high, wanted));
  const unsigned mask = static_cast<unsigned>(_mm_movemask_epi8(hit)) & 0xfffu;
  return mask ? __builtin_ctz(mask) : -1;
#else
  for (unsigned i = 0; i < SlotLine::slots; ++i)
    if (line.tags[i] == tag) return static_cast<int>(i);
  return -1;
#endif
}

/// Index of the slot to give up: an empty one, else the one of
/// the smallest state (least evidence), lowest index first.
inline unsigned victim_slot(const SlotLine& line) noexcept {
  unsigned best = 0;
  for (unsigned i = 1; i < SlotLine::slots; ++i)
    if (line.states[i] < line.states[best]) best = i;
  return best;
}

/// An array of lines, zeroed, on huge pages where the system has them. Allocation failure leaves it empty.
class SlotTable {
 public:
  /// `bytes`: 64 .. 2^38, rounded down to whole lines.
  explicit SlotTable(std::uint64_t bytes) noexcept;
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  [[nodiscard]] bool valid() const noexcept { return lines_ != nullptr; }
  SlotLine& line(std::uint64_t hash) noexcept { return lines_[(hash >> 32) * count_ >> 32]; }

 private:
  SlotLine* lines_ = nullptr;
  std::uint64_t count_ = 0;
};

}  // namespace ssmz::codec
