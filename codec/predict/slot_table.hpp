// SPDX-License-Identifier: Apache-2.0
// The n-gram hash table: one 64-byte line holds the slots of a few successive decisions of a context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include "codec/predict/place_index.hpp"
#include "model/base/memory_image.hpp"

namespace ssmz::codec {

/// A cache line of slots. A slot belongs to one (context, node), known by a 16-bit tag (0: empty), and is one
/// of
///  - a node: an adaptive probability that its bit is 1 (16 bit) and a bit history;
///  - a run: the bits that have always followed from the node on, first bit lowest, below a 1 (so at most
///  15),
///    and instead of the history a level that rises with each time they came (ContextBank).
/// Histories and levels are numbered alike by rising evidence. A line is reached by the hash of the context
/// and of the node at which a group of decisions starts; slots of several groups share it.
struct alignas(64) SlotLine {
  static constexpr unsigned slots = 12;
  std::uint16_t tags[slots];
  std::uint16_t values[slots];  ///< Probability, or the run's bits.
  std::uint8_t states[slots];   ///< History, or the run's level.
  std::uint16_t runs;           ///< Bit i: slot i is a run.
  std::uint16_t clock;          ///< The slot after the last one filled.
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

/// Index of the slot to give up: of those with the least evidence (empty ones first) the first from the clock
/// on.
inline unsigned victim_slot(const SlotLine& line) noexcept {
#if defined(__SSE2__)
  const __m128i beyond = _mm_set_epi32(-1, 0, 0, 0);  // the 16 bytes from `states` on end in what is no state
  const __m128i states = _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(line.states)), beyond);
  __m128i least = _mm_min_epu8(states, _mm_shuffle_epi32(states, _MM_SHUFFLE(1, 0, 3, 2)));
  least = _mm_min_epu8(least, _mm_shuffle_epi32(least, _MM_SHUFFLE(2, 3, 0, 1)));
  least = _mm_min_epu8(least, _mm_srli_epi32(least, 16));
  least = _mm_min_epu8(least, _mm_srli_epi16(least, 8));
  const __m128i wanted = _mm_set1_epi8(static_cast<char>(_mm_cvtsi128_si32(least)));
  const unsigned hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(states, wanted))) & 0xfffu;
  const unsigned twice = hits | hits << SlotLine::slots;  // the line, and once more behind it
  const unsigned at = line.clock + static_cast<unsigned>(__builtin_ctz(twice >> line.clock));
  return at < SlotLine::slots ? at : at - SlotLine::slots;
#else
  unsigned best = line.clock;
  for (unsigned i = 1; i < SlotLine::slots; ++i) {
    const unsigned at = (line.clock + i) % SlotLine::slots;
    if (line.states[at] < line.states[best]) best = at;
  }
  return best;
#endif
}

/// Fills the slot that is given up.
inline void insert_slot(SlotLine& line, std::uint16_t tag, std::uint16_t value, std::uint8_t state,
                        bool run) noexcept {
  const unsigned slot = victim_slot(line);
  line.tags[slot] = tag;
  line.values[slot] = value;
  line.states[slot] = state;
  line.runs = static_cast<std::uint16_t>((line.runs & ~(1u << slot)) | unsigned{run} << slot);
  line.clock = static_cast<std::uint16_t>(slot + 1 < SlotLine::slots ? slot + 1 : 0);
}

/// An array of lines, zeroed. Allocation failure leaves it empty. A large one begins packed: the pairs of
/// lines that were asked for stand side by side, so that it takes memory for what it holds, not a page for
/// each of them, however large a frame's header says it is. Spread out it is on huge pages where the system
/// has them. Nothing that is coded depends on it.
class SlotTable {
 public:
  /// `bytes`: 128 .. 2^38, rounded down to whole lines. `fitting`: it is as large as its input asks, and so
  /// spreads early.
  explicit SlotTable(std::uint64_t bytes, bool fitting = false) noexcept;
  ~SlotTable();
  /// Of a frozen table: takes memory only where it is written.
  SlotTable(const SlotTable& other) noexcept;
  SlotTable& operator=(const SlotTable&) = delete;
  /// As model::ZeroedArray's: from here on the table is only read.
  void freeze() noexcept;

  [[nodiscard]] bool valid() const noexcept { return lines_ != nullptr; }
  /// The first of the two lines side by side that `hash` leads to.
  SlotLine* pair(std::uint64_t hash) noexcept {
    const std::uint32_t number = number_of(hash);
    return lines_ + std::uint64_t{index_.in_use() ? index_.place(number) : number} * 2;
  }
  /// The same for a prefetch: some other pair if it was never asked for.
  [[nodiscard]] const SlotLine* seen_pair(std::uint64_t hash) const noexcept {
    const std::uint32_t number = number_of(hash);
    if (!index_.in_use()) return lines_ + std::uint64_t{number} * 2;
    const std::uint32_t place = index_.find(number);
    return place != PlaceIndex::none ? lines_ + std::uint64_t{place} * 2 : lines_;
  }

  /// Packed, and so full that it should be spread out.
  [[nodiscard]] bool crowded() const noexcept { return index_.used() >= most_used_; }
  /// From here on the lines stand elsewhere: lines that are kept are had by counterpart(line, *this). Without
  /// memory for it the table stays packed. Cost: copying what it holds, and clearing the huge pages of it.
  void spread() noexcept;
  /// How often lines have moved.
  [[nodiscard]] unsigned moves() const noexcept { return index_.used() && !index_.in_use() ? 1 : 0; }

  /// The line that stands here where `line` stands, or stood, in `other`, which is this or what this is a
  /// copy of.
  [[nodiscard]] SlotLine* counterpart(const SlotLine* line, const SlotTable& other) noexcept;

  /// Bytes of the largest table that is never packed.
  static constexpr std::uint64_t largest_spread = std::uint64_t{1} << 25;

 private:
  [[nodiscard]] std::uint32_t number_of(std::uint64_t hash) const noexcept {
    return static_cast<std::uint32_t>((hash >> 32) * (count_ / 2) >> 32);
  }
  void unpack_to(SlotLine* lines) const noexcept;

  SlotLine* lines_ = nullptr;
  std::uint64_t count_ = 0;
  PlaceIndex index_;                                 // packed: of the pairs; later who owned the places
  std::uint64_t most_used_ = ~0ull;                  // packed: of the pairs
  const SlotLine* origin_ = nullptr;                 // where the lines were before the table was frozen
  const SlotLine* old_lines_ = nullptr;              // where they were, packed
  std::shared_ptr<const model::MemoryImage> image_;  // of a frozen table
};

}  // namespace ssmz::codec
