// SPDX-License-Identifier: Apache-2.0
// Parsing of a layer's options.
#include "model/layers/layer_options.hpp"

#include <utility>

#include "model/base/aligned.hpp"

namespace ssmz::model {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

/// Reads digits with at most one point; nothing if there are none. Own code, so that the locale has no say
/// and the value is the same everywhere.
std::optional<float> read_number(std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  double value = 0.0, unit = 1.0;
  bool point = false;
  std::size_t digits = 0;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    if (++digits > 15) break;
    value = value * 10.0 + (text[at] - '0');
    if (point) unit *= 10.0;
  }
  if (digits == 0 || digits > 15) {
    at = start;
    return std::nullopt;
  }
  return static_cast<float>(value / unit);
}

}  // namespace

LayerOptions::LayerOptions(std::string_view text, std::size_t position) : position_(position) {
  std::size_t at = 0;
  while (at < text.size()) {
    Option option{{}, {}, position + at};
    while (at < text.size() && is_name(text[at])) option.name += text[at++];
    if (at < text.size() && text[at] == '=') ++at;
    while (const auto number = read_number(text, at)) {
      option.numbers.push_back(*number);
      if (at < text.size() && text[at] == '/') ++at;
    }
    const bool empty = option.name.empty() && option.numbers.empty();
    const bool ended = at == text.size() || (text[at] == ',' && at + 1 < text.size());
    if (empty || !ended) {
      reject_at(position + at, empty ? "an option is missing" : "unexpected character in an option");
      return;
    }
    options_.push_back(std::move(option));
    ++at;
  }
}

LayerOptions::Option* LayerOptions::find(std::string_view name) {
  Option* found = nullptr;
  for (Option& option : options_) {
    if (option.name != name) continue;
    if (found != nullptr) reject_at(option.position, "option '" + option.name + "' is given twice");
    option.taken = true;
    found = &option;
  }
  return found;
}

float LayerOptions::take_number(std::string_view name, float fallback, float low, float high) {
  const Option* option = find(name);
  if (option == nullptr) return fallback;
  const std::string called = option->name.empty() ? "the number" : "option '" + option->name + "'";
  if (option->numbers.size() != 1) {
    reject_at(option->position, called + " needs one number");
    return fallback;
  }
  const float value = option->numbers[0];
  if (value < low || value > high) {
    reject_at(option->position, called + " is out of range");
    return fallback;
  }
  return value;
}

std::size_t LayerOptions::take_size(std::string_view name, std::size_t fallback, std::size_t low,
                                    std::size_t high) {
  const float value =
      take_number(name, static_cast<float>(fallback), static_cast<float>(low), static_cast<float>(high));
  const auto whole = static_cast<std::size_t>(value);
  if (static_cast<float>(whole) != value) reject("option '" + std::string(name) + "' must be a whole number");
  return whole;
}

bool LayerOptions::take_flag(std::string_view name) {
  const Option* option = find(name);
  if (option != nullptr && !option->numbers.empty()) {
    reject_at(option->position, "option '" + option->name + "' takes no number");
  }
  return option != nullptr;
}

std::vector<float> LayerOptions::take_list(std::string_view name, std::vector<float> fallback) {
  const Option* option = find(name);
  if (option == nullptr) return {};
  return option->numbers.empty() ? fallback : option->numbers;
}

std::size_t LayerOptions::take_width(std::string_view name, std::size_t fallback, std::size_t low,
                                     std::size_t high) {
  const std::size_t value = take_size(name, fallback, low, high);
  if (value % 16 == 0) return value;
  const std::string called = name.empty() ? "the number" : "option '" + std::string(name) + "'";
  reject(called + " must be a multiple of 16");
  return round_up16(value);
}

std::size_t LayerOptions::take_heads(std::size_t width) {
  const std::size_t heads = take_size("h", 4, 1, 64);
  if (width % heads == 0) return heads;
  reject("option 'h' must divide the width");
  return 1;
}

std::vector<float> LayerOptions::take_half_lives(std::vector<float> fallback) {
  std::vector<float> list = take_list("ladder", std::move(fallback));
  for (const float value : list) {
    if (value >= 0.1f && value <= 1e6f) continue;
    reject("half-lives must be in 0.1..1e6 tokens");
    return {};
  }
  return list;
}

void LayerOptions::reject(std::string message) { reject_at(position_, std::move(message)); }

void LayerOptions::reject_at(std::size_t position, std::string message) {
  if (!failure_) failure_ = Failure{std::move(message), position};
}

std::optional<Failure> LayerOptions::failure() const {
  if (failure_) return failure_;
  for (const Option& option : options_) {
    if (option.taken) continue;
    const std::string name = option.name.empty() ? "a bare number" : "option '" + option.name + "'";
    return Failure{name + " is unknown to this layer", option.position};
  }
  return std::nullopt;
}

}  // namespace ssmz::model
