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
  const bool frugal = parameters.writer == DeflateWriter::frugal;
  for (const bool tell_stored : {false, true}) {
    if (frugal && !tell_stored) continue;
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
constexpr DeflateParameters frugal{6, DeflateWriter::frugal};
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

/// zlib's levels and strategies, those with the fewest differences first.
std::vector<Try> try_levels(Bytes stream, Bytes plain, std::size_t most) {
  std::vector<Try> tries;
  std::size_t least = most;
  for (const std::uint8_t level : std::initializer_list<std::uint8_t>{6, 9, 1, 8, 7, 5, 4, 3, 2}) {
    for (const DeflateWriter writer : {DeflateWriter::zlib, DeflateWriter::zlib_filtered}) {
      if (writer == DeflateWriter::zlib_filtered && level < 4) continue;  // greedy: it says nothing
      const std::size_t count = differences({level, writer}, stream, plain, 4 * least + 64);
      least = std::min(least, count);
      tries.push_back({{level, writer}, count});
    }
  }
  std::stable_sort(tries.begin(), tries.end(),
                   [](const Try& a, const Try& b) { return a.differences < b.differences; });
  return tries;
}

/// Who writes what `tried` does in another frame of blocks.
std::vector<DeflateWriter> writers_of(const Try& tried) {
  if (tried.parameters.writer == DeflateWriter::zlib_filtered)
    return {DeflateWriter::zlib_filtered, DeflateWriter::large_filtered};
  return {DeflateWriter::zlib, DeflateWriter::gzip, DeflateWriter::zlib_large};
}

/// Whose stream it is if it is one's.
std::optional<CorrectedStream> exactly(Bytes stream, Bytes plain, std::span<const Try> tries) {
  for (const Try& tried : tries) {
    if (tried.differences > 1) break;  // the first block's end may be one
    for (const DeflateWriter writer : writers_of(tried)) {
      const DeflateParameters parameters{tried.parameters.level, writer};
      if (corrections_of(parameters, stream, plain, 0)) return CorrectedStream{parameters, {}};
    }
  }
  return std::nullopt;
}

/// As of zlib and gzip at the levels that were best.
std::optional<CorrectedStream> best_of_zlib(Bytes stream, Bytes plain, std::span<const Try> tries,
                                            std::size_t most) {
  std::optional<CorrectedStream> best;
  for (const Try& tried : tries.first(3)) {
    for (const DeflateWriter writer : writers_of(tried)) {
      const DeflateParameters parameters{tried.parameters.level, writer};
      std::optional<Corrections> found = corrections_of(parameters, stream, plain, most);
      if (!found) continue;
      most = found->size() - 1;
      best = CorrectedStream{parameters, std::move(*found)};
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
  const std::vector<Try> tries = try_levels(stream, plain, most);
  if (std::optional<CorrectedStream> exact = exactly(stream, plain, tries)) return exact;
  const std::size_t as_zlib = sampled(tries.front().parameters, stream, plain, most);
  if (as_zlib > few_bytes && sampled(frugal, stream, plain, as_zlib) < as_zlib)
    return as_frugal(stream, plain, most);
  return best_of_zlib(stream, plain, tries, most);
}

}  // namespace ssmz::codec
