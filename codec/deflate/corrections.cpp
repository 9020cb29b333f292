// SPDX-License-Identifier: Apache-2.0
// Guides that record what differs, and that follow what was recorded.
#include "codec/deflate/corrections.hpp"

#include <algorithm>

#include "codec/deflate/deflate_walk.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Walks along `stream`; false if it does not come back.
bool comes_back(DeflateParameters parameters, Bytes stream, Bytes plain, DeflateGuide& guide) {
  std::vector<std::uint8_t> again;
  again.reserve(stream.size());
  return walk_deflate(parameters, plain, guide, stream.size(), again) &&
         std::equal(again.begin(), again.end(), stream.begin(), stream.end());
}

/// Corrections with stored blocks told or not.
std::optional<Corrections> coded(DeflateParameters parameters, Bytes stream, Bytes plain, std::size_t most,
                                 bool tell_stored) {
  DeflateGuide guide(stream, tell_stored);
  Corrections corrections;
  EncodeIo io(corrections);
  DecisionModels models;
  if (most == 0) guide.limit({.differences = 0});
  if (most != 0) guide.code(io, models), guide.limit({.coded = &corrections, .bytes = most});
  if (!comes_back(parameters, stream, plain, guide)) return std::nullopt;
  if (guide.differences() == 0) return Corrections();
  io.finish();
  if (corrections.empty() || corrections.size() > most) return std::nullopt;
  return corrections;
}

}  // namespace

std::optional<Corrections> corrections_of(DeflateParameters parameters, Bytes stream, Bytes plain,
                                          std::size_t most) {
  // A stored block's tokens are not seen: where the predicted ones do not lead to its end it is told.
  for (const bool tell_stored : {false, true}) {
    std::optional<Corrections> found = coded(parameters, stream, plain, most, tell_stored);
    if (found) return found;
  }
  return std::nullopt;
}

bool append_deflated(DeflateParameters parameters, Bytes corrections, Bytes plain, std::size_t most,
                     std::vector<std::uint8_t>& stream) {
  DeflateGuide guide;
  if (corrections.empty()) return walk_deflate(parameters, plain, guide, most, stream);
  DecodeIo io(corrections);
  DecisionModels models;
  guide.code(io, models);
  return walk_deflate(parameters, plain, guide, most, stream) && guide.differences() != 0 && io.finished();
}

namespace {

constexpr std::size_t tried_tokens = 16384;
// 512 places for each search. Against it, corrections of 8 streams (7-Zip -9, libdeflate -9 and -12, Go,
// zopfli; of text, a program, a table): 256 +12 %, 1,024 -3 % in 1.25 of the time.
constexpr DeflateParameters frugal{8, DeflateWriter::frugal};
constexpr std::size_t few_bytes = 64;  // of corrections: nobody else would have less

/// How many of the first decisions are not as predicted.
std::size_t differences(DeflateParameters parameters, Bytes stream, Bytes plain, std::size_t most) {
  DeflateGuide guide(stream, true);
  guide.limit({.differences = most, .tokens = tried_tokens});
  std::vector<std::uint8_t> again;
  (void)walk_deflate(parameters, plain, guide, stream.size(), again);
  return guide.differences();
}

/// Bytes of the first decisions' corrections, about.
std::size_t sampled(DeflateParameters parameters, Bytes stream, Bytes plain, std::size_t most) {
  DeflateGuide guide(stream, true);
  Corrections corrections;
  EncodeIo io(corrections);
  DecisionModels models;
  guide.code(io, models);
  guide.limit({.tokens = tried_tokens, .coded = &corrections, .bytes = most});
  std::vector<std::uint8_t> again;
  (void)walk_deflate(parameters, plain, guide, stream.size(), again);
  return corrections.size();
}

struct Try {
  DeflateParameters parameters;
  std::size_t differences;
};

/// Whom the first decisions are compared with, the most usual first: zlib and Z_FILTERED, which says nothing
/// of levels that are greedy, Chromium's zlib, and Go's lowest level.
std::vector<DeflateParameters> usual_parameters() {
  constexpr std::uint8_t levels[] = {6, 9, 1, 8, 7, 5, 4, 3, 2}, first_lazy = 4;
  std::vector<DeflateParameters> usual;
  for (const std::uint8_t level : levels) {
    usual.push_back({level, DeflateWriter::zlib});
    if (level >= first_lazy) usual.push_back({level, DeflateWriter::zlib_filtered});
    usual.push_back({level, DeflateWriter::chromium});
  }
  usual.push_back({1, DeflateWriter::hasty});
  return usual;
}

/// Those, with the fewest differences first.
std::vector<Try> try_usual(Bytes stream, Bytes plain, std::size_t most) {
  std::vector<Try> tries;
  std::size_t least = most;
  for (const DeflateParameters parameters : usual_parameters()) {
    const std::size_t count = differences(parameters, stream, plain, 4 * least + 64);
    least = std::min(least, count);
    tries.push_back({parameters, count});
  }
  std::stable_sort(tries.begin(), tries.end(),
                   [](const Try& a, const Try& b) { return a.differences < b.differences; });
  return tries;
}

/// Who writes what `tried` does in another frame of blocks.
std::vector<DeflateWriter> writers_of(const Try& tried) {
  switch (tried.parameters.writer) {
    case DeflateWriter::zlib: return {DeflateWriter::zlib, DeflateWriter::gzip, DeflateWriter::zlib_large};
    case DeflateWriter::zlib_filtered: return {DeflateWriter::zlib_filtered, DeflateWriter::large_filtered};
    default: return {tried.parameters.writer};
  }
}

/// Whose stream it is if it is one's.
std::optional<CorrectedStream> exactly(Bytes stream, Bytes plain, std::span<const Try> tries) {
  for (const Try& tried : tries) {
    constexpr std::size_t most_ends = 16;  // of blocks, and their forms
    if (tried.differences > most_ends) break;
    for (const DeflateWriter writer : writers_of(tried)) {
      const DeflateParameters parameters{tried.parameters.level, writer};
      if (corrections_of(parameters, stream, plain, 0)) return CorrectedStream{parameters, {}};
    }
  }
  return std::nullopt;
}

/// As of those that were best.
std::optional<CorrectedStream> best_of_usual(Bytes stream, Bytes plain, std::span<const Try> tries,
                                             std::size_t most) {
  std::optional<CorrectedStream> best;
  for (const Try& tried : tries.first(3)) {
    if (tried.differences > 2 * tries.front().differences + 16) break;
    for (const DeflateWriter writer : writers_of(tried)) {
      const DeflateParameters parameters{tried.parameters.level, writer};
      std::optional<Corrections> found = corrections_of(parameters, stream, plain, most);
      if (!found) continue;
      most = found->empty() ? 0 : found->size() - 1;
      best = CorrectedStream{parameters, std::move(*found)};
      if (best->corrections.empty()) return best;
    }
  }
  return best;
}

std::optional<CorrectedStream> as_frugal(Bytes stream, Bytes plain, std::size_t most) {
  std::optional<Corrections> found = corrections_of(frugal, stream, plain, most);
  if (!found) return std::nullopt;
  return CorrectedStream{frugal, std::move(*found)};
}

}  // namespace

std::optional<CorrectedStream> best_corrections(Bytes stream, Bytes plain, DeflateParameters first,
                                                std::size_t most) {
  const bool after_frugal = first.writer == DeflateWriter::frugal;
  const DeflateParameters likely = after_frugal ? DeflateParameters() : first;
  if (std::optional<Corrections> exact = corrections_of(likely, stream, plain, 0))
    return CorrectedStream{likely, std::move(*exact)};
  constexpr std::size_t usual_share = 16;  // of a stream, or more: its writer is another one than the last
  if (after_frugal) {
    std::optional<CorrectedStream> found =
        as_frugal(stream, plain, std::min(most, stream.size() / usual_share));
    if (found) return found;
  }
  const std::vector<Try> tries = try_usual(stream, plain, most);
  if (std::optional<CorrectedStream> exact = exactly(stream, plain, tries)) return exact;
  // The first tokens do not tell which is better of what is alike there: the window is not full yet.
  const std::size_t as_usual = sampled(tries.front().parameters, stream, plain, most);
  std::optional<CorrectedStream> found;
  if (as_usual > few_bytes) {
    const std::size_t other = sampled(frugal, stream, plain, 2 * as_usual);
    if (other < 2 * as_usual) found = as_frugal(stream, plain, most);
    if (as_usual > 2 * other) return found;
    if (found) most = found->corrections.size() - 1;
  }
  std::optional<CorrectedStream> usual = best_of_usual(stream, plain, tries, most);
  return usual ? std::move(usual) : std::move(found);
}

}  // namespace ssmz::codec
