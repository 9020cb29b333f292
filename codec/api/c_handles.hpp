// SPDX-License-Identifier: Apache-2.0
// What stands behind the C interface's handles, options and callbacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "codec/api/errors_to_values.hpp"
#include "ssmz/archive.hpp"
#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"

struct ssmz_vocabulary {
  ssmz::Vocabulary vocabulary;
};

struct ssmz_prime {
  ssmz::Prime prime;
};

namespace ssmz::c_interface {

using interface_detail::without_exceptions;

[[nodiscard]] inline ssmz_code code_of(const Status& status) { return static_cast<ssmz_code>(status.code); }

/// A buffer as the caller gives it: no pointer is fine for no bytes.
[[nodiscard]] inline bool readable(const std::uint8_t* bytes, std::size_t size) {
  return bytes != nullptr || size == 0;
}

/// What to give options of a caller; nullptr stands for the defaults. Errors: bad_argument.
[[nodiscard]] Result<CompressOptions> options_of(const ssmz_compress_options* given);
[[nodiscard]] Result<DecompressOptions> options_of(const ssmz_decompress_options* given);

/// Makes a coder with a caller's options.
template <class Coder, class Options>
[[nodiscard]] Result<Coder> created_with(const Options* options) {
  const auto whole = options_of(options);
  return whole.ok() ? Coder::create(whole.value()) : whole.status();
}

[[nodiscard]] inline Sink sink_of(ssmz_sink sink, void* context) {
  return [=](std::span<const std::uint8_t> bytes) -> Status {
    if (sink(context, bytes.data(), bytes.size()) == 0) return {};
    return {Code::io_error, "the sink failed"};
  };
}

/// Calls `body`, which makes an object, and hands it over.
template <class Object, class Body>
ssmz_code make(Object** object, const Body& body) {
  if (object == nullptr) return SSMZ_BAD_ARGUMENT;
  *object = nullptr;
  return code_of(without_exceptions([&]() -> Status {
    auto made = body();
    if (!made.ok()) return made.status();
    *object = new Object{std::move(made).value()};
    return {};
  }));
}

}  // namespace ssmz::c_interface
