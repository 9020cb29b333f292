// SPDX-License-Identifier: Apache-2.0
// Greedy coverage of the k-grams that pieces of the samples share (a monotone submodular function, so that a
// piece's gain only ever falls and a heap of old gains suffices: M. Minoux, "Accelerated greedy algorithms
// for maximizing submodular set functions", 1978).
#include "codec/training/prime_trainer.hpp"

#include <algorithm>

#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// 100 records of each of three kinds (JSON, mail, logs made from Debian's package lists and changelogs) with
// primes of 128 KiB, -1, sum of the three: 92,306 bytes. 6: 92,440; 12: 92,463; 4: 93,431. data/PRIMING.md.
constexpr std::size_t gram_bytes = 8;  // all that 64 bits hold
// How much less a k-gram counts each time it is there already, in powers of two. Without the root of
// weight_of(): 92,457, and with 2 92,550.
constexpr unsigned decay = 1;
constexpr unsigned table_log2 = 21;
constexpr unsigned fraction = 16;            // bits of a gain behind the point
constexpr std::size_t pieces_in_prime = 16;  // at least, if samples are long

// What a k-gram that so many pieces have is worth: the square root, in 256ths, of how many others have it, so
// that what half of them share does not hide what a tenth share. 92,306 bytes (see above); the number itself:
// 92,457, its logarithm 92,433: within what chance does.
std::uint32_t weight_of(std::uint32_t pieces) {
  const std::uint64_t square = std::uint64_t{pieces - 1} << 16;
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 23; bit != 0; bit >>= 1)
    if ((root | bit) * (root | bit) <= square) root |= bit;
  return static_cast<std::uint32_t>(root);
}

struct Candidate {
  std::uint64_t gain;  // a byte, when it was last reckoned: not less than now
  std::size_t piece;
  // Of equal ones the earlier piece comes first.
  bool operator<(const Candidate& other) const {
    return gain != other.gain ? gain < other.gain : piece > other.piece;
  }
};

class Coverage {
 public:
  Coverage() : grams_(std::size_t{1} << table_log2) {}

  // Calls visit(Gram&) for each k-gram of the piece once.
  template <class Visit>
  void each(Bytes piece, Visit&& visit) {
    ++round_;
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < piece.size(); ++at) {
      next = next << 8 | piece[at];
      if (at + 1 < gram_bytes) continue;
      Gram& gram = grams_[hash_mix(next, gram_bytes) >> (64 - table_log2)];
      if (gram.round == round_) continue;
      gram.round = round_;
      visit(gram);
    }
  }

  void count(Bytes piece) {
    each(piece, [](Gram& gram) { ++gram.worth; });
  }
  // After all pieces were counted.
  void weigh() {
    for (Gram& gram : grams_)
      if (gram.worth != 0) gram.worth = weight_of(gram.worth);
  }
  // What the piece would cover anew, for each byte of it.
  [[nodiscard]] std::uint64_t gain(Bytes piece) {
    std::uint64_t sum = 0;
    each(piece, [&](const Gram& gram) { sum += std::uint64_t{gram.worth} << fraction; });
    return sum / piece.size();
  }
  void take(Bytes piece) {
    each(piece, [](Gram& gram) { gram.worth >>= decay; });
  }

 private:
  struct Gram {
    std::uint32_t worth = 0;  // how many pieces have it; then what it is worth
    std::uint32_t round = 0;  // that saw it last
  };
  std::vector<Gram> grams_;
  std::uint32_t round_ = 0;
};

void cut(Bytes sample, std::size_t most, std::vector<Bytes>& pieces) {
  while (sample.size() > most) {
    const auto line = std::find(sample.rend() - static_cast<std::ptrdiff_t>(most), sample.rend(), '\n');
    const auto length = line == sample.rend() ? most : static_cast<std::size_t>(sample.rend() - line);
    pieces.push_back(sample.first(length));
    sample = sample.subspan(length);
  }
  if (!sample.empty()) pieces.push_back(sample);
}

}  // namespace

Result<std::vector<std::uint8_t>> train_prime(std::span<const Bytes> samples, std::size_t size) {
  if (size < least_prime_size) return Status{Code::bad_argument, "a prime of less than 256 bytes"};
  std::vector<Bytes> pieces;
  for (const Bytes sample : samples) cut(sample, size / pieces_in_prime, pieces);
  if (pieces.empty()) return Status{Code::bad_argument, "the samples are empty"};
  Coverage coverage;
  for (const Bytes piece : pieces) coverage.count(piece);
  coverage.weigh();
  std::vector<Candidate> heap;
  for (std::size_t i = 0; i < pieces.size(); ++i) heap.push_back({coverage.gain(pieces[i]), i});
  std::make_heap(heap.begin(), heap.end());
  std::vector<std::size_t> chosen;
  std::size_t left = size;
  while (!heap.empty() && left != 0) {
    std::pop_heap(heap.begin(), heap.end());
    Candidate best = heap.back();
    heap.pop_back();
    const Bytes piece = pieces[best.piece];
    if (piece.size() > left) continue;
    const std::uint64_t gain = coverage.gain(piece);
    if (gain < best.gain && !heap.empty() && Candidate{gain, best.piece} < heap.front()) {
      best.gain = gain;
      heap.push_back(best);
      std::push_heap(heap.begin(), heap.end());
      continue;
    }
    coverage.take(piece);
    chosen.push_back(best.piece);
    left -= piece.size();
  }
  std::vector<std::uint8_t> prime;
  for (auto at = chosen.rbegin(); at != chosen.rend(); ++at)
    prime.insert(prime.end(), pieces[*at].begin(), pieces[*at].end());
  return prime;
}

}  // namespace ssmz::codec
