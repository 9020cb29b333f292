// SPDX-License-Identifier: Apache-2.0
// The options of one layer in a stack description, for example "e256,n16,ladder" of "s6:e256,n16,ladder".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/expected.hpp"

namespace ssmz::model {

/// Options as text, taken one by one by the layer they belong to. The first mistake is kept.
class LayerOptions {
 public:
  /// Reads "name", "name<number>", "<number>" (its name is "") or "name=<number>/<number>/..." separated by
  /// commas. `position` is where `text` starts in the whole description.
  LayerOptions(std::string_view text, std::size_t position);

  /// Takes the whole number called `name`, or gives `fallback`. Outside [low, high] or not whole: a mistake.
  std::size_t take_size(std::string_view name, std::size_t fallback, std::size_t low, std::size_t high);
  /// Takes the number called `name`, or gives `fallback`. Outside [low, high]: a mistake.
  float take_number(std::string_view name, float fallback, float low, float high);
  /// Takes the switch called `name`: whether it was there. A number with it is a mistake.
  bool take_flag(std::string_view name);
  /// Takes the list called `name`; empty without it, `fallback` if it was given without numbers.
  std::vector<float> take_list(std::string_view name, std::vector<float> fallback);
  /// As take_size, of a width: not a multiple of 16 is a mistake.
  std::size_t take_width(std::string_view name, std::size_t fallback, std::size_t low, std::size_t high);
  /// Takes "h", the number of heads (4) of an attention over `width`; one that does not divide it is a
  /// mistake.
  std::size_t take_heads(std::size_t width);
  /// Takes the half-lives called "ladder", in tokens; those not in 0.1..1e6 are a mistake.
  std::vector<float> take_half_lives(std::vector<float> fallback);
  /// Notes a mistake that spans options, at the start of the options.
  void reject(std::string message);

  /// The first mistake, or an option nobody took; nothing if all is well.
  [[nodiscard]] std::optional<Failure> failure() const;

 private:
  struct Option {
    std::string name;
    std::vector<float> numbers;
    std::size_t position;
    bool taken = false;
  };
  Option* find(std::string_view name);
  void reject_at(std::size_t position, std::string message);

  std::vector<Option> options_;
  std::size_t position_;
  std::optional<Failure> failure_;
};

}  // namespace ssmz::model
