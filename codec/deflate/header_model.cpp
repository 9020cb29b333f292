// SPDX-License-Identifier: Apache-2.0
// Lengths by frequencies, runs by lengths, the code of the runs by them.
#include "codec/deflate/header_model.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

constexpr unsigned codes = 3;          // of literals, of distances, of the runs
constexpr unsigned most_known = 1024;  // frequencies that are told apart
constexpr std::uint8_t unknown = 0xFF;
constexpr unsigned kinds = 4;  // a length, and the three symbols of runs

unsigned last_used(std::span<const std::uint8_t> lengths) {
  auto size = static_cast<unsigned>(lengths.size());
  while (size > 0 && lengths[size - 1] == 0) --size;
  return size;
}

unsigned run_from(std::span<const std::uint8_t> lengths, unsigned at, unsigned end) {
  unsigned run = 1;
  while (at + run < end && lengths[at + run] == lengths[at]) ++run;
  return run;
}

/// Of the symbol with which zlib goes on where `run` equal lengths are next: 0 a length, 1..3 a run.
unsigned usual_kind(unsigned length, bool as_before, unsigned run) {
  if (run < 3) return 0;
  if (length != 0) return as_before ? 1 : 0;
  return run < 11 ? 2 : 3;
}

unsigned kind_of(const DeflateSymbol& symbol) {
  return symbol.symbol < repeat_last ? 0 : symbol.symbol - repeat_last + 1;
}

}  // namespace

HeaderModel::HeaderModel()
    : is_length_(codes * 3 * 4 * 4),
      lengths_(4, codes * 16),
      is_least_(codes),
      told_(5, codes),
      is_kind_(kinds * 2 * 4 * 2),
      kinds_(2, kinds),
      is_count_(kinds * 2),
      is_whole_(1),
      counts_(7, kinds) {}

void HeaderModel::code_lengths(DecisionIo& io, std::span<const std::uint32_t> counts,
                               std::span<const std::uint8_t> predicted, std::span<const std::uint8_t> is,
                               unsigned code, std::span<std::uint8_t> out) {
  std::vector<std::uint8_t> known(most_known, unknown);  // of the last symbol as frequent
  unsigned last = 0;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    std::uint8_t& before = known[std::min(counts[symbol], most_known - 1)];
    const bool rare = counts[symbol] < most_known - 1 && before != unknown;
    const std::uint8_t likely = rare ? before : predicted[symbol];
    const unsigned of = !rare ? 0 : before == predicted[symbol] ? 1 : 2;
    const unsigned context = ((code * 3 + of) * 4 + std::min(counts[symbol], 3u)) * 4 + last % 4;
    const bool hit = is_length_.code(io, is[symbol] == likely, context);
    out[symbol] =
        hit ? likely
            : static_cast<std::uint8_t>(lengths_.code(io, is[symbol], code * 16 + predicted[symbol]));
    before = out[symbol];
    if (counts[symbol] != 0) last = last * 2 + hit;
  }
}

unsigned HeaderModel::code_told(DecisionIo& io, std::span<const std::uint8_t> lengths, unsigned least,
                                unsigned is, unsigned code) {
  const unsigned used = std::max(least, last_used(lengths));
  if (is_least_.code(io, is == used, code)) return used;
  return used + told_.code(io, is - used, code);
}

unsigned HeaderModel::code_count(DecisionIo& io, unsigned symbol, unsigned to_border, unsigned to_end,
                                 unsigned is) {
  const RunRange range = runs_of(symbol);
  const unsigned most = range.least + (1u << range.extra_bits) - 1, kind = symbol - repeat_last + 1;
  const unsigned likely = std::min(most, to_border), whole = std::min(most, to_end);
  if (is_count_.code(io, is == likely, kind * 2 + (likely != whole))) return likely;
  if (likely != whole && is_whole_.code(io, is == whole)) return whole;
  return range.least + counts_.code(io, is - range.least, kind);
}

bool HeaderModel::code_runs(DecisionIo& io, std::span<const std::uint8_t> lengths, unsigned border,
                            std::span<const DeflateSymbol> is, std::vector<DeflateSymbol>& out) {
  const auto size = static_cast<unsigned>(lengths.size());
  unsigned last = 0;
  std::size_t next = 0;
  for (unsigned at = 0; at < size; ++next) {
    const DeflateSymbol told = next < is.size() ? is[next] : DeflateSymbol{};
    const unsigned to_end = run_from(lengths, at, size);
    const unsigned to_border = at < border ? run_from(lengths, at, border) : to_end;
    const bool as_before = at != 0 && lengths[at - 1] == lengths[at];
    const unsigned likely = usual_kind(lengths[at], as_before && at != border, to_border);
    const unsigned context = ((likely * 2 + (to_border != to_end)) * 4 + last % 4) * 2 + as_before;
    const bool hit = is_kind_.code(io, kind_of(told) == likely, context);
    const unsigned kind = hit ? likely : kinds_.code(io, kind_of(told), likely);
    last = last * 2 + hit;
    if (kind == 0) {
      out.push_back({lengths[at++], 0, 0});
      continue;
    }
    const unsigned symbol = repeat_last + kind - 1;
    const RunRange range = runs_of(symbol);
    if (to_end < range.least || (symbol == repeat_last ? !as_before : lengths[at] != 0)) return false;
    const unsigned count = code_count(io, symbol, to_border, to_end, range.least + told.extra);
    if (count < range.least || count - range.least >= 1u << range.extra_bits || count > to_end) return false;
    out.push_back({symbol, range.extra_bits, count - range.least});
    at += count;
  }
  return true;
}

std::optional<DynamicHeader> HeaderModel::code(DecisionIo& io, const SymbolCounts& counts,
                                               const DynamicHeader& is, const CodeLengths& lengths) {
  const CodeLengths usual = DynamicCodes(counts).lengths;
  CodeLengths coded;
  code_lengths(io, counts.literals, usual.literals, lengths.literals, 0, coded.literals);
  code_lengths(io, counts.distances, usual.distances, lengths.distances, 1, coded.distances);
  DynamicHeader header;
  header.literals = code_told(io, coded.literals, 257, is.literals, 0);
  header.distances = code_told(io, coded.distances, 1, is.distances, 1);
  if (header.literals > literal_symbols || header.distances > distance_symbols) return std::nullopt;
  std::vector<std::uint8_t> both(coded.literals.begin(), coded.literals.begin() + header.literals);
  both.insert(both.end(), coded.distances.begin(), coded.distances.begin() + header.distances);
  if (!code_runs(io, both, header.literals, is.runs, header.runs)) return std::nullopt;
  std::array<std::uint32_t, code_length_symbols> frequencies{};
  for (const DeflateSymbol& symbol : header.runs) ++frequencies[symbol.symbol];
  code_lengths(io, frequencies, run_code_lengths(header.runs), is.code_lengths, 2, header.code_lengths);
  std::array<std::uint8_t, code_length_symbols> ordered{};
  for (unsigned i = 0; i < ordered.size(); ++i) ordered[i] = header.code_lengths[code_length_order[i]];
  header.told = code_told(io, ordered, 4, is.told, 2);
  if (header.told > code_length_symbols) return std::nullopt;
  return header;
}

}  // namespace ssmz::codec
