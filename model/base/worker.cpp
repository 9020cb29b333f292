// SPDX-License-Identifier: Apache-2.0
// The worker thread.
#include "model/base/worker.hpp"

#include <new>
#include <system_error>
#include <utility>

#include "model/kernels/kernels.hpp"

namespace ssmz::model {

Worker::Worker(bool own_thread, std::function<void()> job) : job_(std::move(job)) {
  if (!own_thread) return;
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (const std::system_error&) {  // no thread to be had: the work is done without
  } catch (const std::bad_alloc&) {
  }
}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::start() {
  if (!thread_.joinable()) return job_();
  {
    const std::lock_guard lock(mutex_);
    busy_ = true;
  }
  changed_.notify_all();
}

void Worker::wait() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Worker::loop() {
  const ScopedFloatMode mode;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return busy_ || stop_; });
    if (!busy_) return;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      job_();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    thrown_ = std::move(thrown);
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace ssmz::model
