// SPDX-License-Identifier: Apache-2.0
// Reads and writes sizes and durations.
#include "src/options/size_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace ssmz::cli {

namespace {

constexpr std::string_view unit_letters = "KMGT";

/// The power of 1024 that a suffix stands for.
std::optional<unsigned> unit_shift(std::string_view suffix) {
  if (suffix.empty() || suffix == "B") return 0;
  const char letter = suffix[0] >= 'a' ? static_cast<char>(suffix[0] - 'a' + 'A') : suffix[0];
  const std::size_t at = unit_letters.find(letter);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = suffix.substr(1);
  if (!rest.empty() && rest != "iB" && rest != "ib" && rest != "B" && rest != "i") return std::nullopt;
  return static_cast<unsigned>(10 * (at + 1));
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t whole) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  if (suffix == "%") {
    if (whole == 0 || number > 100) return std::nullopt;
    return whole / 100 * number;
  }
  const std::optional<unsigned> shift = unit_shift(suffix);
  if (!shift || number > (std::numeric_limits<std::uint64_t>::max() >> *shift)) return std::nullopt;
  return number << *shift;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return formatted("%u B", static_cast<unsigned>(bytes));
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < unit_letters.size(); ++unit) value /= 1024;
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return formatted("%.*f %ciB", decimals, value, unit_letters[unit]);
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e7) return "?";
  const auto whole = static_cast<unsigned>(std::lround(seconds));
  const unsigned hours = whole / 3600;
  const unsigned minutes = whole / 60 % 60;
  if (hours > 0) return formatted("%u:%02u:%02u", hours, minutes, whole % 60);
  return formatted("%u:%02u", minutes, whole % 60);
}

}  // namespace ssmz::cli
