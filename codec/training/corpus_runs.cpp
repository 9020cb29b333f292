// SPDX-License-Identifier: Apache-2.0
// Finds the runs of each stretch of text and tallies them.
#include "codec/training/corpus_runs.hpp"

#include <algorithm>

#include "codec/base/ascii.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {
namespace {

enum class Kind { letter, digit, punctuation, space };

constexpr std::size_t stretch_bytes = 64 * 1024;

Kind kind_of(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (is_letter(byte)) return Kind::letter;
  if (is_digit(byte)) return Kind::digit;
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r' ? Kind::space : Kind::punctuation;
}

// Length of a UTF-8 sign of punctuation (general, CJK, full width) at `at`, or 0: it parts words though its
// bytes are those of letters.
std::size_t sign_at(std::string_view text, std::size_t at) {
  const std::string_view two = text.substr(at, 2);
  return text.size() - at >= 3 &&
                 (two == "\xe2\x80" || two == "\xe2\x81" || two == "\xe3\x80" || two == "\xef\xbc")
             ? 3
             : 0;
}

std::size_t end_of_run(std::string_view text, std::size_t at) {
  const Kind kind = kind_of(text[at]);
  std::size_t end = at;
  if (kind == Kind::letter) {
    if (const std::size_t sign = sign_at(text, at)) return at + sign;
    while (end < text.size() && kind_of(text[end]) == kind && sign_at(text, end) == 0) ++end;
    return end;
  }
  while (end < text.size() && kind_of(text[end]) == kind) ++end;
  return end;
}

}  // namespace

void RunCounter::add(std::span<const std::uint8_t> text, std::uint32_t weight) {
  weight_ = weight;
  std::string lower(text.begin(), text.end());
  for (char& c : lower) c = static_cast<char>(to_lower(static_cast<std::uint8_t>(c)));
  for (std::size_t at = 0; at < lower.size(); at += stretch_bytes) {
    ++stretch_;
    add_stretch(std::string_view(lower).substr(at, stretch_bytes));
  }
}

void RunCounter::count(Table& table, std::string_view run) {
  if (run.size() < 2) return;
  auto found = table.find(run);
  if (found == table.end()) found = table.emplace(std::string(run), Tally{}).first;
  Tally& tally = found->second;
  if (tally.stretch != stretch_) {
    tally.stretch = stretch_;
    tally.in_stretch = 0;
  }
  tally.count += weight_ * std::max<std::uint64_t>(1, unit / ++tally.in_stretch);
}

void RunCounter::add_stretch(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Kind kind = kind_of(text[at]);
    const std::size_t end = end_of_run(text, at);
    std::string_view run = text.substr(at, end - at);
    if (kind == Kind::space && end < text.size() && (run.back() == ' ' || run.back() == '\n'))
      run.remove_suffix(1);
    if (kind == Kind::punctuation) add_mixed(text, at);
    if (kind != Kind::digit) count(divisible_, run.substr(0, 64));
    at = end;
  }
}

// At a run of punctuation that ends at `at`'s run: `&name;`, `<name>`, `</name>` and `'s`.
void RunCounter::add_mixed(std::string_view text, std::size_t at) {
  const std::size_t punctuation_end = end_of_run(text, at);
  if (punctuation_end == text.size() || kind_of(text[punctuation_end]) != Kind::letter) return;
  const std::size_t letters_end = end_of_run(text, punctuation_end);
  const std::size_t letters = letters_end - punctuation_end;
  if (letters > 12) return;
  const char last = text[punctuation_end - 1];
  const char next = letters_end < text.size() ? text[letters_end] : '\0';
  if (last == '\'' && letters <= 2) count(whole_, text.substr(punctuation_end - 1, letters + 1));
  if (last == '&' && next == ';') count(whole_, text.substr(punctuation_end - 1, letters + 2));
  if (next != '>') return;
  if (last == '<') count(whole_, text.substr(punctuation_end - 1, letters + 2));
  const bool closing = last == '/' && punctuation_end - at >= 2 && text[punctuation_end - 2] == '<';
  if (closing) count(whole_, text.substr(punctuation_end - 2, letters + 3));
}

std::vector<CountedRun> RunCounter::sorted(const Table& table) {
  std::vector<CountedRun> runs;
  runs.reserve(table.size());
  for (const auto& [spelling, tally] : table) runs.push_back({spelling, tally.count});
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.spelling < b.spelling; });
  return runs;
}

}  // namespace ssmz::codec
