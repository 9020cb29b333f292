// SPDX-License-Identifier: Apache-2.0
// Runs one job at a time, on a thread of its own or at once.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace ssmz::model {

/// start() and wait() are called by one thread. Everything the job wrote is visible after wait(). What the
/// job throws comes out of start() or of the wait() after it, once.
class Worker {
 public:
  /// With `own_thread` false, or where the system gives no thread, start() runs the job itself before it
  /// returns.
  Worker(bool own_thread, std::function<void()> job);
  /// Waits for the job under way.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Starts the job; the last one must have been waited for.
  void start();
  /// Returns when no job is under way.
  void wait();

 private:
  void loop();

  std::function<void()> job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false, stop_ = false;
  std::exception_ptr thrown_;
  std::thread thread_;
};

}  // namespace ssmz::model
