// SPDX-License-Identifier: Apache-2.0
// What the files behind the public interface share.
#pragma once

#include <cstdint>
#include <new>
#include <thread>
#include <vector>

#include "codec/frame/frame.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::interface_detail {

/// Calls `body` and turns failing allocations into a value; nothing else in the library throws.
template <class Body>
auto without_exceptions(const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Status{Code::out_of_memory, "an allocation failed"};
  } catch (...) {
    return Status{Code::bad_state, "a callback threw an exception"};
  }
}

/// Of a coder: keeps the first failure, also one by an exception, which leaves it in no usable state.
class FirstFailure {
 public:
  template <class Body>
  Status call(const Body& body) {
    if (failed_.ok()) failed_ = without_exceptions(body);
    return failed_;
  }

 protected:
  Status failed_ = {};
};

/// The number of threads an option asks for.
[[nodiscard]] inline unsigned resolved_threads(unsigned threads) noexcept {
  if (threads != 0) return threads;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores != 0 ? cores : 1;
}

/// Bytes of memory of the machine; 0 if that is not known.
[[nodiscard]] std::uint64_t physical_memory() noexcept;

[[nodiscard]] inline Sink append_to(std::vector<std::uint8_t>& out) {
  return [&out](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return Status{};
  };
}

}  // namespace ssmz::interface_detail
