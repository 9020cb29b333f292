// SPDX-License-Identifier: Apache-2.0
// Codes, their lengths, and the strings that they stand for.
#include "codec/lzw/lzw.hpp"

#include <algorithm>
#include <bit>

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Which code comes with which length: readers and writers count alike.
class CodeLengths {
 public:
  explicit CodeLengths(LzwParameters parameters) : parameters_(parameters) { clear(); }

  /// Bits of the next code.
  [[nodiscard]] unsigned bits() const noexcept { return bits_; }
  /// Codes since the last clear.
  [[nodiscard]] std::uint64_t codes() const noexcept { return codes_; }
  /// Of the string that a reader knows last, one more: below limit() the next string has this code.
  [[nodiscard]] std::uint32_t next() const noexcept { return next_; }
  [[nodiscard]] std::uint32_t limit() const noexcept { return 1u << longest(); }
  /// The code that clears; of all forms but compress the one behind it ends the stream.
  [[nodiscard]] std::uint32_t clear_code() const noexcept {
    return is_compress() ? 256u : 1u << symbol_bits();
  }
  [[nodiscard]] std::uint32_t end_code() const noexcept { return clear_code() + 1; }
  [[nodiscard]] std::uint32_t first_string() const noexcept { return clear_code() + (is_compress() ? 1 : 2); }

  void clear() noexcept {
    codes_ = 0;
    next_ = first_string();
    bits_ = symbol_bits() + 1;
  }

  /// After a code of a symbol or a string; true if codes become longer.
  bool count() noexcept {
    if (codes_++ > 0 && next_ < limit()) ++next_;
    const std::uint32_t early = parameters_.form == LzwForm::tiff ? 1 : 0;
    if (bits_ == longest() || next_ + early < 1u << bits_) return false;
    ++bits_;
    return true;
  }

 private:
  [[nodiscard]] bool is_compress() const noexcept { return parameters_.form == LzwForm::compress; }
  [[nodiscard]] unsigned symbol_bits() const noexcept { return is_compress() ? 8 : parameters_.bits; }
  [[nodiscard]] unsigned longest() const noexcept { return is_compress() ? parameters_.bits : 12; }

  LzwParameters parameters_;
  std::uint64_t codes_ = 0;
  std::uint32_t next_ = 0;
  unsigned bits_ = 0;
};

/// Unix' compress writes eight codes at a time: the rest of eight is left free when their length changes.
class Groups {
 public:
  explicit Groups(LzwForm form) : used_(form == LzwForm::compress) {}
  void count() noexcept { ++codes_; }
  /// Bits to leave free behind codes of `bits`.
  std::size_t rest(unsigned bits) noexcept {
    constexpr std::size_t group = 8;
    const std::size_t free = (group - codes_ % group) % group;
    codes_ = 0;
    return used_ ? free * bits : 0;
  }

 private:
  bool used_;
  std::size_t codes_ = 0;
};

/// The `bits` bits, at most 16, from bit `at` on; they must be there.
std::uint32_t bits_at(Bytes bytes, bool high_first, std::size_t at, unsigned bits) {
  const std::size_t first = at / 8;
  std::uint32_t window = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint32_t byte = first + i < bytes.size() ? bytes[first + i] : 0;
    window |= byte << (high_first ? 16 - 8 * i : 8 * i);
  }
  const unsigned in_byte = at % 8;
  return window >> (high_first ? 24 - in_byte - bits : in_byte) & ((1u << bits) - 1);
}

class CodeWriter {
 public:
  CodeWriter(bool high_first, std::vector<std::uint8_t>& out) : high_first_(high_first), out_(out) {}

  void put(std::uint32_t code, unsigned bits) {
    for (; bits > 0; code >>= high_first_ ? 0 : 1, --bits) {
      const std::uint32_t bit = (high_first_ ? code >> (bits - 1) : code) & 1u;
      byte_ |= bit << (high_first_ ? 7 - held_ : held_);
      if (++held_ == 8) flush();
    }
  }
  void leave_free(std::size_t bits) {
    for (; bits > 0; --bits) put(0, 1);
  }
  void fill_byte() {
    if (held_ != 0) flush();
  }

 private:
  void flush() {
    out_.push_back(static_cast<std::uint8_t>(byte_));
    byte_ = held_ = 0;
  }

  bool high_first_;
  std::vector<std::uint8_t>& out_;
  std::uint32_t byte_ = 0;
  unsigned held_ = 0;
};

/// Strings by that of which they are one symbol more.
class StringTable {
 public:
  explicit StringTable(std::uint32_t limit)
      : mask_(2 * std::bit_ceil(limit) - 1), slots_(mask_ + std::size_t{1}) {}

  void clear() noexcept { ++generation_; }
  /// Its code, or nothing.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t code, std::uint8_t symbol) const {
    const Slot& slot = slots_[place(code, symbol)];
    if (slot.generation != generation_) return std::nullopt;
    return slot.code;
  }
  /// One that is not there.
  void add(std::uint32_t code, std::uint8_t symbol, std::uint32_t as) {
    slots_[place(code, symbol)] = {generation_, code << 8 | symbol, as};
  }

 private:
  struct Slot {
    std::uint64_t generation = 0;
    std::uint32_t key = 0, code = 0;
  };

  /// Where it is or would be: half of the slots are free.
  [[nodiscard]] std::size_t place(std::uint32_t code, std::uint8_t symbol) const {
    const std::uint32_t key = code << 8 | symbol;
    std::size_t at = static_cast<std::size_t>(key * 0x9E3779B1u >> 8) & mask_;
    while (slots_[at].generation == generation_ && slots_[at].key != key) at = (at + 1) & mask_;
    return at;
  }

  std::size_t mask_;
  std::uint64_t generation_ = 1;
  std::vector<Slot> slots_;
};

/// Gives clears as they are told, or by the period.
class ClearClock {
 public:
  explicit ClearClock(const LzwClears& clears) : clears_(clears) {}

  [[nodiscard]] bool due(std::uint64_t codes, bool more) {
    if (clears_.period != 0) return codes == clears_.period && more;
    if (next_ == clears_.told.size() || clears_.told[next_] != codes) return false;
    ++next_;
    return true;
  }
  [[nodiscard]] bool all_came() const noexcept { return clears_.period != 0 || next_ == clears_.told.size(); }

 private:
  const LzwClears& clears_;
  std::size_t next_ = 0;
};

/// As a period if one gives them all.
LzwClears clears_of(std::vector<std::uint64_t> told, std::uint64_t codes_behind) {
  const bool periodic =
      !told.empty() && told[0] != 0 && codes_behind != 0 && codes_behind <= told[0] &&
      std::all_of(told.begin(), told.end(), [&](std::uint64_t codes) { return codes == told[0]; });
  if (periodic) return {.period = told[0]};
  return {.period = 0, .told = std::move(told)};
}

}  // namespace

bool LzwParameters::valid() const noexcept {
  switch (form) {
    case LzwForm::gif: return bits >= 2 && bits <= 8;
    case LzwForm::tiff: return bits == 8;
    case LzwForm::compress: return bits >= 10 && bits <= 16;
  }
  return false;
}

std::optional<LzwContent> read_lzw(LzwParameters parameters, Bytes bytes, std::size_t most_plain,
                                   std::size_t& work) {
  // Where in the content each string stands: all but the last symbol of one stand where a code began.
  struct String {
    std::size_t at = 0, size = 0;
  };
  const bool has_end = parameters.form != LzwForm::compress, high_first = parameters.form == LzwForm::tiff;
  CodeLengths lengths(parameters);
  Groups groups(parameters.form);
  std::vector<String> strings;
  std::vector<std::uint64_t> told;
  LzwContent content;
  std::vector<std::uint8_t>& plain = content.plain;
  String before;
  std::size_t bit = 0;
  bool ended = false;
  for (bool first = has_end; !ended; first = false) {
    const unsigned bits = lengths.bits();
    if (bit + bits > 8 * bytes.size()) break;
    const std::uint32_t code = bits_at(bytes, high_first, bit, bits);
    bit += bits;
    groups.count();
    if (code == lengths.clear_code() || first) {
      if (code != lengths.clear_code()) return std::nullopt;
      if (!first) told.push_back(lengths.codes());
      if (told.size() > most_told_clears(plain.size())) break;
      bit += groups.rest(bits);
      lengths.clear();
      strings.clear();
      continue;
    }
    ended = has_end && code == lengths.end_code();
    if (ended) break;
    const std::uint32_t known = lengths.first_string() + static_cast<std::uint32_t>(strings.size());
    const bool is_symbol = code < lengths.clear_code();
    String string{plain.size(), 1};
    // The last string may be the one that this code makes.
    const bool grows = lengths.codes() > 0 && known < lengths.limit();
    if (grows) strings.push_back({before.at, before.size + 1});
    if (!is_symbol) {
      if (code - lengths.first_string() >= strings.size()) {
        work += bit / 8 + plain.size();
        return std::nullopt;
      }
      string.size = strings[code - lengths.first_string()].size;
    }
    if (string.size > most_plain - plain.size()) break;
    if (is_symbol)
      plain.push_back(static_cast<std::uint8_t>(code));
    else
      for (std::size_t i = 0, from = strings[code - lengths.first_string()].at; i < string.size; ++i)
        plain.push_back(plain[from + i]);
    before = string;
    if (lengths.count()) bit += groups.rest(bits);
  }
  work += bit / 8 + plain.size();
  content.size = (bit + 7) / 8;
  const bool whole = has_end ? ended : 8 * bytes.size() - std::min(bit, 8 * bytes.size()) < 8;
  if (!whole || plain.empty()) return std::nullopt;
  content.clears = clears_of(std::move(told), lengths.codes());
  return content;
}

bool append_lzw(LzwParameters parameters, const LzwClears& clears, Bytes plain, std::size_t most,
                std::vector<std::uint8_t>& stream) {
  const bool has_end = parameters.form != LzwForm::compress;
  CodeLengths lengths(parameters);
  Groups groups(parameters.form);
  CodeWriter writer(parameters.form == LzwForm::tiff, stream);
  StringTable strings(lengths.limit());
  ClearClock clock(clears);
  const std::size_t begin = stream.size();
  std::uint32_t next = lengths.first_string();
  const auto clear = [&] {
    const unsigned bits = lengths.bits();
    writer.put(lengths.clear_code(), bits);
    groups.count();
    writer.leave_free(groups.rest(bits));
    lengths.clear();
    strings.clear();
    next = lengths.first_string();
  };
  if (has_end) clear();
  for (std::size_t at = 0; stream.size() - begin <= most;) {
    if (clock.due(lengths.codes(), at < plain.size())) {
      clear();
      continue;
    }
    if (at == plain.size()) {
      if (has_end) writer.put(lengths.end_code(), lengths.bits());
      writer.fill_byte();
      return stream.size() - begin <= most && clock.all_came();
    }
    std::uint32_t code = plain[at];
    if (code >= lengths.clear_code()) return false;
    for (++at; at < plain.size(); ++at) {
      const std::optional<std::uint32_t> longer = strings.find(code, plain[at]);
      if (!longer) break;
      code = *longer;
    }
    const unsigned bits = lengths.bits();
    writer.put(code, bits);
    groups.count();
    if (at < plain.size() && next < lengths.limit()) strings.add(code, plain[at], next++);
    if (lengths.count()) writer.leave_free(groups.rest(bits));
  }
  return false;
}

}  // namespace ssmz::codec
