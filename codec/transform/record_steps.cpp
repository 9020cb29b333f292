// SPDX-License-Identifier: Apache-2.0
// Numbers of records as steps, and the reverse; relocations found by their kinds.
#include "codec/transform/record_steps.hpp"

#include <algorithm>
#include <array>
#include <optional>

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

/// A look at single bytes, which almost all other data fails: kinds and symbols are small, and two records
/// have one kind.
bool may_begin(const Relocations& form, const std::uint8_t* at) {
  const unsigned what = form.width();  // where kind and symbol stand
  const std::uint8_t* const next = at + form.record;
  if (form.wide) {
    if (!form.big_endian)
      return at[what + 7] == 0 && (at[what + 2] | at[what + 3]) == 0 && at[what] != 0 &&
             next[what] == at[what];
    return at[what] == 0 && (at[what + 4] | at[what + 5]) == 0 && at[what + 7] != 0 &&
           next[what + 7] == at[what + 7];
  }
  const unsigned kind = form.big_endian ? what + 3 : what, symbol = form.big_endian ? what : what + 3;
  return at[kind] != 0 && at[kind] < 32 && at[symbol] < 16 && next[kind] == at[kind] && next[symbol] < 16;
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

/// The run that has a record at `at`, not before `free`.
std::optional<WrittenPart> part_around(Bytes content, std::size_t at, std::size_t free) {
  for (const Relocations& form : all_relocations) {
    if (!may_begin(form, content.data() + at)) continue;
    const auto precedes = [&](std::size_t place) {
      return follows(relocation_at(form, content, place + form.record), relocation_at(form, content, place));
    };
    if (!precedes(at)) continue;
    std::size_t begin = at;
    while (begin >= free + form.record && precedes(begin - form.record)) begin -= form.record;
    const std::size_t size = run_size(form, content.subspan(begin));
    if (size < least_written_part) continue;
    TransformLayout layout{.transform = Transform::steps, .row = form.record};
    layout.line = StepForm{form.wide, form.big_endian}.packed();
    return WrittenPart{begin, size, layout};
  }
  return std::nullopt;
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
  // Each run of the least size has a whole record of any form in such a piece, and one of these places is
  // its beginning.
  constexpr std::size_t piece = 512, alignment = 4, longest_record = 24;
  std::size_t free = 0;  // behind the last part
  for (std::size_t from = 0; from + 3 * longest_record <= content.size(); from += piece) {
    for (std::size_t at = from; at < from + longest_record; at += alignment) {
      if (at < free) continue;
      if (const std::optional<WrittenPart> part = part_around(content, at, free)) {
        parts.push_back(*part);
        free = part->at + part->size;
      }
    }
  }
}

}  // namespace ssmz::codec
