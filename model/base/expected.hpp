// SPDX-License-Identifier: Apache-2.0
// A value, or the reason why there is none: the model's errors are values.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace ssmz::model {

/// Why something could not be made.
struct Failure {
  std::string message;       ///< One line, for people.
  std::size_t position = 0;  ///< In the text or file that was read, where that makes sense.
};

/// A value or a failure.
template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Expected(Failure failure)
      : held_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT: implicit by design
  [[nodiscard]] bool ok() const noexcept { return held_.index() == 0; }
  [[nodiscard]] const Failure& failure() const { return std::get<1>(held_); }
  T& value() & { return std::get<0>(held_); }
  const T& value() const& { return std::get<0>(held_); }
  T&& value() && { return std::get<0>(std::move(held_)); }

 private:
  std::variant<T, Failure> held_;
};

}  // namespace ssmz::model
