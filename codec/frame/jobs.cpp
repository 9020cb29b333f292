// SPDX-License-Identifier: Apache-2.0
// One thread a frame in flight; frames are long, so starting threads costs nothing that shows.
#include "codec/frame/jobs.hpp"

#include <chrono>
#include <new>
#include <system_error>
#include <utility>

namespace ssmz::codec {

namespace {
/// How often progress is reported while waiting: quick enough to feel immediate, rare enough to cost nothing.
constexpr std::chrono::milliseconds poll_interval(50);
}  // namespace

FrameJobs::~FrameJobs() {
  cancelled_ = true;
  for (const auto& job : jobs_) {
    if (job->thread.joinable()) job->thread.join();
  }
}

bool FrameJobs::room_for(std::uint64_t memory) const noexcept {
  if (jobs_.empty()) return true;
  return jobs_.size() < threads_ && (memory_limit_ == 0 || memory_used_ + memory <= memory_limit_);
}

void FrameJobs::run(Job& job, const Work& work, Runner runner) {
  const auto emit = [&job](std::vector<std::uint8_t> piece) {
    const std::lock_guard lock(job.mutex);
    job.pieces.push_back(std::move(piece));
    job.changed.notify_one();
  };
  // The caller's own thread may report at once; others leave it to the waiting caller.
  const auto progress = [this, &job, runner](std::uint64_t done) {
    job.done = done;
    return (runner == Runner::caller ? report() : true) && !cancelled_;
  };
  Status status;
  try {
    status = work(emit, progress);
  } catch (const std::bad_alloc&) {
    status = {Code::out_of_memory, "not enough memory for a frame"};
  } catch (...) {
    if (runner == Runner::caller) throw;  // the caller's callback threw
    status = {Code::bad_state, "a frame's work threw an exception"};
  }
  const std::lock_guard lock(job.mutex);
  job.status = status;
  job.ended = true;
  job.changed.notify_one();
}

bool FrameJobs::report() {
  if (!progress_) return true;
  std::uint64_t done = content_delivered_;
  for (const auto& job : jobs_) done += job->done;
  if (!progress_(done)) cancelled_ = true;
  return !cancelled_;
}

Result<bool> FrameJobs::submit(std::uint64_t memory, std::uint64_t content, const Work& work,
                               const Sink& deliver, WithoutThread otherwise) {
  while (!room_for(memory)) {
    if (const Status status = serve_until_ended(deliver); !status.ok()) return status;
  }
  jobs_.push_back(std::make_unique<Job>());
  Job& job = *jobs_.back();
  job.memory = memory;
  job.content = content;
  memory_used_ += memory;
  if (threads_ > 1 && start_thread(job, work)) return true;
  if (threads_ > 1 && otherwise == WithoutThread::refuse) {
    memory_used_ -= memory;
    jobs_.pop_back();
    return false;
  }
  run(job, work, Runner::caller);
  if (threads_ == 1) {
    if (const Status status = serve_until_ended(deliver); !status.ok()) return status;
  }
  return true;
}

bool FrameJobs::start_thread(Job& job, const Work& work) {
  try {
    job.thread = std::thread([this, &job, work] { run(job, work, Runner::own_thread); });
    return true;
  } catch (const std::system_error&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;  // a thread's own small allocations
  }
}

Status FrameJobs::serve_oldest(const Sink& deliver, bool wait, bool& idle) {
  Job& job = *jobs_.front();
  std::vector<std::vector<std::uint8_t>> pieces;
  bool ended;
  {
    std::unique_lock lock(job.mutex);
    const auto something = [&job] { return job.ended || !job.pieces.empty(); };
    if (wait) job.changed.wait_for(lock, poll_interval, something);
    idle = !something();
    pieces.swap(job.pieces);
    ended = job.ended;
  }
  for (const std::vector<std::uint8_t>& piece : pieces) {
    if (const Status status = deliver(piece); !status.ok()) return status;
  }
  if (ended) return retire_oldest();
  return report() ? Status{} : Status{Code::cancelled, "the caller asked to stop"};
}

Status FrameJobs::retire_oldest() {
  Job& job = *jobs_.front();
  if (job.thread.joinable()) job.thread.join();
  const Status status = job.status;
  content_delivered_ += job.content;
  memory_used_ -= job.memory;
  jobs_.pop_front();
  if (status.ok() && !report()) return {Code::cancelled, "the caller asked to stop"};
  return status;
}

Status FrameJobs::serve_until_ended(const Sink& deliver) {
  const std::size_t before = jobs_.size();
  bool idle = false;
  while (jobs_.size() == before) {
    if (const Status status = serve_oldest(deliver, true, idle); !status.ok()) return status;
  }
  return {};
}

Status FrameJobs::deliver_ready(const Sink& deliver) {
  for (bool idle = false; !idle && !jobs_.empty();) {
    if (const Status status = serve_oldest(deliver, false, idle); !status.ok()) return status;
  }
  return {};
}

Status FrameJobs::drain(const Sink& deliver) {
  while (!jobs_.empty()) {
    if (const Status status = serve_until_ended(deliver); !status.ok()) return status;
  }
  return {};
}

}  // namespace ssmz::codec
