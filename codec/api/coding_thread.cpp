// SPDX-License-Identifier: Apache-2.0
// Hands input, requests and output between the caller and the coder's thread.
#include "codec/api/coding_thread.hpp"

#include <algorithm>
#include <utility>

#include "codec/api/errors_to_values.hpp"

namespace ssmz::interface_detail {

namespace {

/// Enough that the thread does not wait for the caller at every turn; bounds what reset() has to wait for.
constexpr std::size_t most_input = std::size_t{1} << 16;
constexpr std::size_t most_output = std::size_t{1} << 18;

}  // namespace

CodingThread::CodingThread() {
  thread_ = std::thread([this] { run(); });
}

CodingThread::~CodingThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    cancelled_ = true;
  }
  work_.notify_all();
  thread_.join();
}

void CodingThread::run() {
  std::vector<std::uint8_t> in;
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] {
      return ending_ || (failed_.ok() && !cancelled_ && (!input_.empty() || request_ != Request::none));
    });
    if (ending_) return;
    in.clear();
    in.swap(input_);
    const Request request = std::exchange(request_, Request::none);
    busy_ = true;
    ++happened_;
    news_.notify_all();
    lock.unlock();
    const Status status = without_exceptions([&]() -> Status {
      return coder_(in, request, [this](std::span<const std::uint8_t> out) { return put(out); });
    });
    lock.lock();
    busy_ = false;
    failed_ = status;
    answered_ = answered_ || request != Request::none;
    ++happened_;
    news_.notify_all();
    work_.notify_all();  // restart() may wait
  }
}

Status CodingThread::put(std::span<const std::uint8_t> out) {
  std::unique_lock lock(mutex_);
  while (!out.empty()) {
    work_.wait(lock, [&] { return cancelled_ || output_.size() - output_taken_ < most_output; });
    if (cancelled_) return {Code::cancelled, "the caller cancelled"};
    // Not at each turn: a caller with little room would have all that waits moved for each few bytes.
    if (output_taken_ * 2 >= output_.size()) {
      output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(output_taken_));
      output_taken_ = 0;
    }
    const std::size_t waits = output_.size() - output_taken_;
    const auto part = out.first(std::min(out.size(), most_output - waits));
    output_.insert(output_.end(), part.begin(), part.end());
    out = out.subspan(part.size());
    ++happened_;
    news_.notify_all();
  }
  return {};
}

void CodingThread::restart(Coder coder) {
  std::unique_lock lock(mutex_);
  cancelled_ = true;
  work_.notify_all();
  work_.wait(lock, [&] { return !busy_; });
  coder_ = std::move(coder);
  input_.clear();
  output_.clear();
  output_taken_ = 0;
  request_ = Request::none;
  answered_ = false;
  failed_ = {};
  cancelled_ = false;
}

std::size_t CodingThread::room_for_input() {
  const std::lock_guard lock(mutex_);
  return most_input - input_.size();
}

std::size_t CodingThread::give(std::span<const std::uint8_t> in) {
  const std::lock_guard lock(mutex_);
  const auto part = in.first(std::min(in.size(), most_input - input_.size()));
  input_.insert(input_.end(), part.begin(), part.end());
  if (!part.empty()) work_.notify_all();
  return part.size();
}

void CodingThread::request(Request request) {
  const std::lock_guard lock(mutex_);
  request_ = request;
  answered_ = false;
  work_.notify_all();
}

std::size_t CodingThread::take(std::span<std::uint8_t> room) {
  const std::lock_guard lock(mutex_);
  // Here, not in state(): what happens once the caller has found the input full must wake it too.
  seen_ = happened_;
  const std::size_t size = std::min(room.size(), output_.size() - output_taken_);
  std::copy_n(output_.begin() + static_cast<std::ptrdiff_t>(output_taken_), size, room.begin());
  output_taken_ += size;
  if (size != 0) work_.notify_all();
  return size;
}

CodingThread::State CodingThread::state() {
  const std::lock_guard lock(mutex_);
  State state;
  state.output_waits = output_taken_ < output_.size();
  state.idle = !busy_ && input_.empty() && request_ == Request::none;
  state.answered = answered_;
  if (cancelled_) {
    state.failed = {Code::cancelled, "the caller cancelled"};
  } else if (!state.output_waits) {
    state.failed = failed_;
  }
  return state;
}

void CodingThread::wait() {
  std::unique_lock lock(mutex_);
  news_.wait(lock, [&] { return happened_ != seen_ || cancelled_; });
}

void CodingThread::cancel() noexcept {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  work_.notify_all();
  news_.notify_all();
}

}  // namespace ssmz::interface_detail
