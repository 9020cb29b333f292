// SPDX-License-Identifier: Apache-2.0
// Numbers of records as steps, and the reverse; relocations found by their kinds.
#include "codec/transform/record_steps.hpp"

#include <algorithm>
#include <array>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

template <bool plain>
void exchange(const TransformLayout& layout, std::span<std::uint8_t> records) {
  const StepForm form = StepForm::of(layout.line);
  const ByteOrder order{form.big_endian};
  const unsigned size = form.wide ? 8 : 4;
  std::uint64_t before = 0;
  for (std::size_t at = 0; at + layout.row <= records.size(); at += layout.row) {
    const std::uint64_t is = order.get(records, at, size);
    order.put(plain ? is + before : is - before, size, records, at);
    before = plain ? is + before : is;
  }
}

// ---- Relocations.

/// Of an ELF file's relocations: a place, what is to be done there with which symbol, maybe an addend.
struct Relocations {
  bool wide, big_endian;
  std::uint8_t record;

  [[nodiscard]] unsigned width() const { return wide ? 8 : 4; }
};
constexpr std::array<Relocations, 6> all_relocations = {{{true, false, 24},
                                                         {true, true, 24},
                                                         {false, false, 8},
                                                         {false, true, 8},
                                                         {false, false, 12},
                                                         {false, true, 12}}};

// What a loader does most often: adds where it has loaded the file (R_*_RELATIVE), or where a procedure is
// (R_*_JUMP_SLOT), of x86-64, i386, AArch64, ARM, RISC-V, PowerPC, MIPS, SPARC, s390 and the 68000.
constexpr std::uint32_t usual_kinds[] = {3, 5, 7, 8, 11, 12, 21, 22, 23, 1026, 1027};

struct Relocation {
  std::uint64_t place = 0;
  std::uint64_t symbol = 0;
  std::uint32_t kind = 0;
};

Relocation relocation_at(const Relocations& form, Bytes content, std::size_t at) {
  const ByteOrder order{form.big_endian};
  const std::uint64_t what = order.get(content, at + form.width(), form.width());
  const unsigned kind_bits = form.wide ? 32 : 8;
  return {order.get(content, at, form.width()), what >> kind_bits,
          static_cast<std::uint32_t>(what & ((std::uint64_t{1} << kind_bits) - 1))};
}

/// Whether `next` may follow: its place is not far behind, and its kind is usual.
bool follows(const Relocation& next, const Relocation& before) {
  constexpr std::uint64_t most_step = 1u << 16, most_place = std::uint64_t{1} << 40, most_symbols = 1u << 20;
  return next.place > before.place && next.place - before.place < most_step && next.place < most_place &&
         next.symbol < most_symbols && next.kind == before.kind &&
         std::ranges::count(usual_kinds, next.kind) > 0;
}

/// Bytes of the relocations that `content` begins with.
std::size_t run_size(const Relocations& form, Bytes content) {
  std::size_t at = 0;
  Relocation before;
  for (; at + form.record <= content.size(); at += form.record) {
    const Relocation is = relocation_at(form, content, at);
    if (at != 0 && !follows(is, before)) break;
    before = is;
  }
  return at;
}

}  // namespace

bool valid_steps_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line < 4 && layout.row >= (StepForm::of(layout.line).wide ? 8u : 4u);
}

std::vector<std::uint8_t> from_steps(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  exchange<false>(layout, plain);
  return plain;
}

void append_steps(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  exchange<true>(layout, std::span(raw).subspan(start));
}

void find_steps(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr std::size_t alignment = 4, longest_record = 24;
  for (std::size_t at = 0; at + least_written_part + longest_record <= content.size();) {
    std::size_t size = 0;
    for (const Relocations& form : all_relocations) {
      // Most places are none after a look at two.
      const Relocation first = relocation_at(form, content, at);
      if (!follows(relocation_at(form, content, at + form.record), first)) continue;
      size = run_size(form, content.subspan(at));
      if (size < least_written_part) {
        size = 0;
        continue;
      }
      TransformLayout layout{.transform = Transform::steps, .row = form.record};
      layout.line = StepForm{form.wide, form.big_endian}.packed();
      parts.push_back({at, size, layout});
      break;
    }
    at += std::max(size, alignment);
  }
}

}  // namespace ssmz::codec
