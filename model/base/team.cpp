// SPDX-License-Identifier: Apache-2.0
// The threads of a team.
#include "model/base/team.hpp"

#include <algorithm>
#include <new>
#include <system_error>

#include "model/kernels/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ssmz::model {
namespace {

/// Looks before sleeping: some 20 us of a pause each of about 40 cycles (AMD Zen 3). A step of width 768
/// leaves 5 to 50 us between two products.
constexpr int kLooks = 2000;

void pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// Waits until `value` is no longer `old`.
std::uint32_t wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) noexcept {
  for (int look = 0; look < kLooks; ++look) {
    const std::uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

Team::Team(std::size_t threads) {
  const std::size_t members = std::clamp<std::size_t>(threads, 1, 64) - 1;
  members_.reserve(members);
  try {
    for (std::size_t i = 0; i < members; ++i) members_.emplace_back([this, i] { serve(i + 1); });
  } catch (const std::system_error&) {  // no more threads to be had: fewer do
  } catch (const std::bad_alloc&) {
  }
}

Team::~Team() {
  stop_.store(true, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& member : members_) member.join();
}

void Team::run(Call call, const void* work) noexcept {
  if (!members_.empty()) {
    call_ = call;
    work_ = work;
    left_.store(static_cast<std::uint32_t>(members_.size()), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  call(work, 0);
  for (std::uint32_t left = left_.load(std::memory_order_acquire); left != 0;)
    left = wait_for_change(left_, left);
}

void Team::serve(std::size_t part) {
  const ScopedFloatMode mode;
  for (std::uint32_t seen = 0;;) {
    seen = wait_for_change(round_, seen);
    if (stop_.load(std::memory_order_relaxed)) return;
    call_(work_, part);
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
  }
}

}  // namespace ssmz::model
