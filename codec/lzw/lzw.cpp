// SPDX-License-Identifier: Apache-2.0
// Codes, their lengths, and the strings that they stand for.
#include "codec/lzw/lzw.hpp"

#include <algorithm>
#include <bit>

#include "codec/base/bit_io.hpp"

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
  /// What strings have codes below.
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
  std::uint32_t next_ = 0;  // of the string that a reader knows last, one more
  unsigned bits_ = 0;
};

/// Unix' compress writes eight codes at a time: what is missing of eight is 0 when their length changes.
class Groups {
 public:
  explicit Groups(LzwForm form) : used_(form == LzwForm::compress) {}
  void count() noexcept { ++codes_; }
  /// Codes that the group has room for.
  std::size_t rest() noexcept {
    constexpr std::size_t group = 8;
    const std::size_t free = (group - codes_ % group) % group;
    codes_ = 0;
    return used_ ? free : 0;
  }

 private:
  bool used_;
  std::size_t codes_ = 0;
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

/// read_lzw() of a form whose codes stand in this order.
template <BitOrder order>
std::optional<LzwContent> read_codes(LzwParameters parameters, Bytes bytes, std::size_t most_plain,
                                     std::size_t& work) {
  // Where in the content each string stands: all but the last symbol of one stand where a code began.
  struct String {
    std::size_t at = 0, size = 0;
  };
  const bool has_end = parameters.form != LzwForm::compress;
  BasicBitReader<order> reader(bytes);
  CodeLengths lengths(parameters);
  Groups groups(parameters.form);
  std::vector<String> strings;
  std::vector<std::uint64_t> told;
  LzwContent content;
  std::vector<std::uint8_t>& plain = content.plain;
  String before;
  bool ended = false, good = true;
  const auto skip_rest = [&](unsigned bits) {
    for (std::size_t free = groups.rest(); free > 0; --free) (void)reader.take(bits);
  };
  for (bool first = has_end; !ended; first = false) {
    const unsigned bits = lengths.bits();
    if (reader.position() + bits > 8 * bytes.size()) break;
    const std::uint32_t code = reader.take(bits);
    groups.count();
    if (code == lengths.clear_code() || first) {
      if (code != lengths.clear_code()) return std::nullopt;
      if (!first) told.push_back(lengths.codes());
      if (told.size() > most_told_clears(plain.size())) break;
      skip_rest(bits);
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
    good = is_symbol || code - lengths.first_string() < strings.size();
    if (!good) break;
    if (!is_symbol) string.size = strings[code - lengths.first_string()].size;
    if (string.size > most_plain - plain.size()) break;
    if (is_symbol)
      plain.push_back(static_cast<std::uint8_t>(code));
    else
      for (std::size_t i = 0, from = strings[code - lengths.first_string()].at; i < string.size; ++i)
        plain.push_back(plain[from + i]);
    before = string;
    if (lengths.count()) skip_rest(bits);
  }
  const std::size_t end = reader.position();
  work += end / 8 + plain.size();
  content.size = (end + 7) / 8;
  const bool whole = has_end ? ended : end + 8 > 8 * bytes.size();
  if (!good || !whole || plain.empty()) return std::nullopt;
  content.clears = clears_of(std::move(told), lengths.codes());
  return content;
}

/// append_lzw() of a form whose codes stand in this order.
template <BitOrder order>
bool append_codes(LzwParameters parameters, const LzwClears& clears, Bytes plain, std::size_t most,
                  std::vector<std::uint8_t>& stream) {
  const bool has_end = parameters.form != LzwForm::compress;
  CodeLengths lengths(parameters);
  Groups groups(parameters.form);
  BasicBitWriter<order> writer(stream);
  StringTable strings(lengths.limit());
  ClearClock clock(clears);
  const std::size_t begin = stream.size();
  const auto fill_group = [&](unsigned bits) {
    for (std::size_t free = groups.rest(); free > 0; --free) writer.put(0, bits);
  };
  const auto clear = [&] {
    const unsigned bits = lengths.bits();
    writer.put(lengths.clear_code(), bits);
    groups.count();
    fill_group(bits);
    lengths.clear();
    strings.clear();
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
    const std::uint64_t next = lengths.first_string() + lengths.codes();  // each code has made a string
    if (at < plain.size() && next < lengths.limit())
      strings.add(code, plain[at], static_cast<std::uint32_t>(next));
    if (lengths.count()) fill_group(bits);
  }
  return false;
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
  return parameters.form == LzwForm::tiff
             ? read_codes<BitOrder::high_first>(parameters, bytes, most_plain, work)
             : read_codes<BitOrder::low_first>(parameters, bytes, most_plain, work);
}

bool append_lzw(LzwParameters parameters, const LzwClears& clears, Bytes plain, std::size_t most,
                std::vector<std::uint8_t>& stream) {
  return parameters.form == LzwForm::tiff
             ? append_codes<BitOrder::high_first>(parameters, clears, plain, most, stream)
             : append_codes<BitOrder::low_first>(parameters, clears, plain, most, stream);
}

}  // namespace ssmz::codec
