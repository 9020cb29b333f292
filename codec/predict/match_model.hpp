// SPDX-License-Identifier: Apache-2.0
// Match model: follows the longest earlier occurrence of the last symbols and expects what came next there.
// M. Mahoney, PAQ documentation; recovery after a mismatch as in later context mixers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/first_values.hpp"
#include "codec/predict/symbol_path.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// The symbols of a frame so far: a ring of full ids and of keys (what must be equal for a match).
class SymbolHistory {
 public:
  explicit SymbolHistory(unsigned size_log2) : symbols_(std::size_t{1} << size_log2) {}

  /// Bytes that a history of so many symbols takes.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned size_log2) noexcept {
    return std::uint64_t{sizeof(Symbol)} << size_log2;
  }
  void push(std::uint32_t id, std::uint32_t key) noexcept {
    symbols_[place(count_)] = {id, key};
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Symbol at absolute position `at` (only the newest size() are kept).
  [[nodiscard]] std::uint32_t id(std::uint64_t at) const noexcept { return symbols_[place(at)].id; }
  [[nodiscard]] std::uint32_t key(std::uint64_t at) const noexcept { return symbols_[place(at)].key; }
  /// k-th last symbol's key (1: the newest); 0 before the beginning.
  [[nodiscard]] std::uint32_t key_back(std::uint64_t k) const noexcept {
    return k <= count_ ? key(count_ - k) : 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return symbols_.size(); }
  void use_huge_pages(std::uint64_t symbols) noexcept { symbols_.use_huge_pages(symbols); }

 private:
  // Side by side: what is compared lies in a line with what is then expected.
  struct Symbol {
    std::uint32_t id, key;
  };
  [[nodiscard]] std::size_t place(std::uint64_t at) const noexcept {
    return static_cast<std::size_t>(at) & (symbols_.size() - 1);
  }

  model::Zeroed<Symbol> symbols_;
  std::uint64_t count_ = 0;
};

/// One match model of a given minimum length (in symbols).
class MatchModel {
 public:
  static constexpr unsigned inputs = 2;
  static constexpr unsigned max_length = 400;
  /// Symbols after which long repeats are asked for. FORMAT.
  static constexpr unsigned trusted_length = max_length;

  MatchModel(unsigned min_length, unsigned table_log2);

  /// Bytes that a model takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned table_log2) noexcept {
    return std::uint64_t{sizeof(std::uint32_t)} << table_log2;
  }

  void use_huge_pages(std::uint64_t symbols) noexcept { table_.use_huge_pages(symbols); }

  /// The map begins with the trained values of the model numbered `number` if there are some.
  void start_from(const FirstValues& first, unsigned number) noexcept;
  /// Was the expected bit right.
  [[nodiscard]] const AdaptiveMap& map() const noexcept { return map_; }

  /// Finds or continues the match from where finish() left it; call once a symbol, before its first decision.
  /// Returns the expected id or FollowerBank::none.
  std::uint32_t find(const SymbolHistory& history);
  /// The decisions of the id that find() returned.
  void expect(const SymbolPath& path) noexcept { path_ = path; }

  /// It is known not to be the id that find() returned: no decision of this symbol is expected any more.
  void reject() noexcept { path_.depth = 0; }

  /// The id that the last find() returned.
  [[nodiscard]] std::uint32_t expected_id() const noexcept { return expected_id_; }

  void predict(const Position& at, float* out) noexcept;
  void update(unsigned bit) noexcept;
  /// Checks the expectation against the symbol that came (already pushed to the history).
  void finish(const SymbolHistory& history) noexcept;

  /// Position of the symbol expected next, once it has long been right; else 0.
  [[nodiscard]] std::uint64_t trusted() const noexcept {
    return pointer_ && misses_ == 0 && length_ >= trusted_length ? pointer_ : 0;
  }
  /// The expected symbol came, without find() and finish(). resume() before they are called again.
  void follow() noexcept { ++pointer_; }
  /// After symbols that came so: `followed` says whether this model followed them.
  void resume(const SymbolHistory& history, bool followed) noexcept;

  /// Matched symbols, 0 if there is no match.
  [[nodiscard]] unsigned length() const noexcept { return length_; }
  /// Of the coming symbol: 0 (none) .. 15 for use as a mixer context; grows with the length, shrinks with
  /// recent misses.
  [[nodiscard]] unsigned bucket() const noexcept { return bucket_; }
  /// -1, or the bit expected at the last predict().
  [[nodiscard]] int expected() const noexcept { return expected_; }

 private:
  void hash(const SymbolHistory& history) noexcept;
  void note_standing() noexcept;
  [[nodiscard]] unsigned verify(const SymbolHistory& history, std::uint64_t at) const noexcept;

  unsigned min_length_;
  unsigned shift_;
  model::Zeroed<std::uint32_t> table_;
  std::size_t head_ = 0;  // entry of the last min_length_ symbols: the newest position behind them, 0: none
  std::uint64_t pointer_ = 0;  // position of the expected symbol; 0: none
  unsigned length_ = 0;
  unsigned misses_ = 0;  // recent mispredictions while following, a shift register of 8
  SymbolPath path_;
  std::uint32_t expected_id_ = 0xffffffffu;
  AdaptiveMap map_;
  std::size_t first_index_ = 0;  // in the map, of the coming symbol's first stage
  unsigned bucket_ = 0;
  std::size_t index_ = 0;
  int expected_ = -1;
};

/// What a match model expects next.
struct ExpectedSymbol {
  std::uint32_t id = 0xffffffffu;  ///< FollowerBank::none if it follows no match.
  unsigned length = 0;             ///< Symbols that matched.
};

/// The longest of several matches, and what it expects.
struct MatchSummary {
  unsigned bucket = 0;  ///< MatchModel::bucket() of the longest that expects a bit.
  int expected = -1;    ///< Bit expected by the last of the models that expects one, or -1.
};
[[nodiscard]] MatchSummary summarise(const std::vector<MatchModel>& matches) noexcept;

}  // namespace ssmz::codec
