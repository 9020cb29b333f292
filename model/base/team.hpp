// SPDX-License-Identifier: Apache-2.0
// Threads that share one piece of work again and again, each time within microseconds.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace ssmz::model {

/// A few threads that stay. run() is called by one thread at a time, which takes a part itself. Members look
/// for work for some microseconds before they sleep, so that the next piece of a step finds them awake; where
/// other programs take the processors they sleep, and waking them costs more than small pieces gain.
class Team {
 public:
  /// `threads` with the caller: at least 1, at most 64. Where the system gives fewer, size() is less.
  explicit Team(std::size_t threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return members_.size() + 1; }

  /// Calls work(part) once for each part below size(), all at the same time, and returns when all have
  /// returned; what they wrote is visible then. `work` must not throw and not call run().
  template <class Work>
  void run(const Work& work) noexcept {
    run([](const void* of, std::size_t part) { (*static_cast<const Work*>(of))(part); }, &work);
  }

 private:
  using Call = void (*)(const void* work, std::size_t part);
  void run(Call call, const void* work) noexcept;
  void serve(std::size_t part);

  Call call_ = nullptr;
  const void* work_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> round_{0};  // rises with each piece of work
  alignas(64) std::atomic<std::uint32_t> left_{0};   // members that have not finished it
  std::atomic<bool> stop_{false};
  std::vector<std::thread> members_;
};

}  // namespace ssmz::model
