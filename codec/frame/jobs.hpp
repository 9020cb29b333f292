// SPDX-License-Identifier: Apache-2.0
// Runs the frames of a stream side by side and hands their outputs on in order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "codec/frame/frame.hpp"

namespace ssmz::codec {

/// Not thread-safe itself: one caller submits and drains. Outputs come in the order of submission whatever
/// the number of threads, those of the oldest job while it still runs. The destructor cancels what runs and
/// waits for it.
class FrameJobs {
 public:
  /// Takes a piece of a frame's output and how many bytes of content it stands for; pieces reach the caller
  /// as they were emitted.
  using Emit = std::function<void(std::vector<std::uint8_t> piece, std::uint64_t content)>;
  /// Emits a frame's output; `progress` must be called now and then with the content bytes done and its
  /// answer obeyed.
  using Work = std::function<Status(const Emit& emit, const Progress& progress)>;

  /// At most `threads` (>= 1) jobs run at once, and no more than fit in `memory_limit` bytes together (0: no
  /// limit; one always runs). `progress` (may be empty) is called on the caller's thread with the content
  /// bytes of all jobs.
  FrameJobs(unsigned threads, std::uint64_t memory_limit, Progress progress)
      : threads_(threads), memory_limit_(memory_limit), progress_(std::move(progress)) {}
  ~FrameJobs();
  FrameJobs(const FrameJobs&) = delete;
  FrameJobs& operator=(const FrameJobs&) = delete;

  enum class Thread : std::uint8_t {
    wished,    ///< If the system refuses one the work is done on the caller's.
    needed,    ///< If so nothing is done: the work waits for what the caller does next.
    if_others  ///< As wished, but alone the work is done on the caller's: it would only wait for it.
  };
  /// Starts `work`, which holds `memory` bytes (its output included) and does `content` bytes; first waits
  /// for room and delivers meanwhile. False if a thread that is needed was refused. Errors: the first of the
  /// work delivered or of `deliver`; cancelled.
  Result<bool> submit(std::uint64_t memory, std::uint64_t content, const Work& work, const Sink& deliver,
                      Thread thread = Thread::wished);

  /// Delivers what is there without waiting. Errors: as submit().
  Status deliver_ready(const Sink& deliver);

  /// Waits for all and delivers.
  Status drain(const Sink& deliver);

  /// Adds to what is reported as done: content that went past the jobs.
  void count_content(std::uint64_t bytes) noexcept { content_delivered_ += bytes; }
  /// Bytes of content that the pieces delivered so far stand for.
  [[nodiscard]] std::uint64_t content_given() const noexcept { return content_given_; }

 private:
  struct Piece {
    std::vector<std::uint8_t> bytes;
    std::uint64_t content = 0;
  };
  struct Job {
    std::uint64_t memory = 0;
    std::uint64_t content = 0;
    std::atomic<std::uint64_t> done = 0;
    std::mutex mutex;  // Guards what follows, up to `thread`.
    std::condition_variable changed;
    std::vector<Piece> pieces;
    bool ended = false;
    Status status;
    std::thread thread;
  };

  [[nodiscard]] bool room_for(std::uint64_t memory) const noexcept;
  /// Does the work of `job`. Exceptions other than missing memory are those of the caller's callbacks if it
  /// `rethrows`.
  void run(Job& job, const Work& work, const Emit& emit, const Progress& progress, bool rethrows);
  /// The same on the caller's thread; the oldest job's pieces are delivered at once.
  void run_here(Job& job, const Work& work, const Sink& deliver);
  void run_on_own_thread(Job& job, const Work& work);
  Status give(const Piece& piece, const Sink& deliver);
  /// False if the system refused another thread.
  bool start_thread(Job& job, const Work& work);
  /// Delivers what the oldest job has, after waiting for it if `wait`; takes the job away if it has ended.
  /// Sets `idle` if there was nothing.
  Status serve_oldest(const Sink& deliver, bool wait, bool& idle);
  Status serve_until_ended(const Sink& deliver);
  Status retire_oldest();
  bool report();

  unsigned threads_;
  std::uint64_t memory_limit_;
  Progress progress_;
  std::deque<std::unique_ptr<Job>> jobs_;
  std::uint64_t memory_used_ = 0;
  std::uint64_t content_delivered_ = 0;
  std::uint64_t content_given_ = 0;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace ssmz::codec
