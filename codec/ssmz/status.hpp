// SPDX-License-Identifier: Apache-2.0
// The error values of the library: what went wrong, whether it is final, and what to do.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "ssmz/export.h"

namespace ssmz {

/// Numbers are part of the C ABI and never change meaning.
enum class Code : std::uint8_t {
  ok = 0,
  not_a_frame = 1,          ///< The magic is missing: this is not ssmz data. Final.
  unsupported_version = 2,  ///< Made by a later format version. Use a newer ssmz.
  header_damaged = 3,       ///< Header checksum or a header field is wrong. Final.
  truncated = 4,            ///< Input ended inside a frame. Fetch the rest.
  data_damaged = 5,         ///< A block or the content checksum is wrong. Final.
  vocabulary_missing = 6,   ///< The frame names a vocabulary that was not given. Pass it.
  vocabulary_damaged = 7,   ///< A vocabulary file does not parse. Final.
  memory_limit = 8,         ///< More memory needed than allowed. Raise the limit.
  out_of_memory = 9,        ///< The system refused memory.
  output_limit = 10,        ///< Output would pass the caller's limit.
  bad_argument = 11,        ///< A parameter is out of range.
  bad_state = 12,           ///< Call not allowed now (for example after finish).
  io_error = 13,            ///< A read or write failed (command line only).
  cancelled = 14,           ///< The caller's callback asked to stop.
  size_mismatch = 15,       ///< The pledged size and the size given differ.
  prime_missing = 16,       ///< The frame names a prime that was not given. Pass it.
};

/// A code, a static text that says more, and the input
/// offset in bytes where it was seen (if it was in input).
struct [[nodiscard]] Status {
  Code code = Code::ok;
  const char* detail = "";
  std::uint64_t offset = 0;

  [[nodiscard]] bool ok() const noexcept { return code == Code::ok; }
  static Status success() noexcept { return {}; }
};

/// Static one-line text of a code.
[[nodiscard]] SSMZ_API const char* to_string(Code code) noexcept;

/// Its name in C, for example "SSMZ_TRUNCATED".
[[nodiscard]] SSMZ_API const char* name_of(Code code) noexcept;

/// A value or the status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}  // NOLINT: implicit by design
  Result(Status status) : held_(status) {}      // NOLINT: implicit by design
  [[nodiscard]] bool ok() const noexcept { return held_.index() == 0; }
  [[nodiscard]] Status status() const noexcept { return ok() ? Status{} : std::get<1>(held_); }
  T& value() & { return std::get<0>(held_); }
  const T& value() const& { return std::get<0>(held_); }
  T&& value() && { return std::get<0>(std::move(held_)); }

 private:
  std::variant<T, Status> held_;
};

}  // namespace ssmz
