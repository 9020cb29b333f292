// SPDX-License-Identifier: Apache-2.0
// A thread that codes what one caller gives it, with bounded buffers on both sides.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "ssmz/ssmz.hpp"

namespace ssmz::interface_detail {

/// The caller's side is for one thread, but cancel() for any.
class CodingThread {
 public:
  /// What the coder is asked to do after its input.
  enum class Request : std::uint8_t { none, flush, end_frame, finish };
  /// Codes input (may be empty) and does what is requested; gives its output to the sink.
  using Coder = std::function<Status(std::span<const std::uint8_t> in, Request request, const Sink& sink)>;
  /// What there is to know between two steps of the caller.
  struct State {
    bool output_waits = false;
    bool idle = false;      ///< All input is coded and nothing is asked for.
    bool answered = false;  ///< The last request has been done.
    Status failed;          ///< Ok if output waits: that stands before the failure.
  };

  /// Throws std::system_error if there is no thread to be had.
  CodingThread();
  ~CodingThread();
  CodingThread(const CodingThread&) = delete;
  CodingThread& operator=(const CodingThread&) = delete;

  /// Gives up what is being coded, waits until that has stopped, and goes on with another coder.
  void restart(Coder coder);
  /// Takes from the front of `in` what there is room for; returns how much.
  std::size_t give(std::span<const std::uint8_t> in);
  [[nodiscard]] std::size_t room_for_input();
  void request(Request request);
  /// Moves output to the front of `room`; returns how much.
  std::size_t take(std::span<std::uint8_t> room);
  [[nodiscard]] State state();
  /// Waits until the thread has done something since the last take(), which begins a step of the caller.
  void wait();
  void cancel() noexcept;
  /// For coders' progress.
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

 private:
  void run();
  Status put(std::span<const std::uint8_t> out);

  std::mutex mutex_;  // Guards all but cancelled_ and thread_.
  std::condition_variable work_;
  std::condition_variable news_;
  Coder coder_;
  std::vector<std::uint8_t> input_;
  std::vector<std::uint8_t> output_;
  std::size_t output_taken_ = 0;
  Request request_ = Request::none;
  bool answered_ = false;
  bool busy_ = false;
  bool ending_ = false;
  Status failed_;
  std::uint64_t happened_ = 0;  ///< Counts what the caller may wait for,
  std::uint64_t seen_ = 0;      ///< and how far it knows.
  std::atomic<bool> cancelled_ = false;
  std::thread thread_;
};

}  // namespace ssmz::interface_detail
