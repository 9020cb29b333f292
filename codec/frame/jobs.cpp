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

void FrameJobs::run(Job& job, const Work& work, const Emit& emit, const Progress& progress, bool rethrows) {
  Status status;
  try {
    status = work(emit, progress);
  } catch (const std::bad_alloc&) {
    status = {Code::out_of_memory, "not enough memory for a frame"};
  } catch (...) {
    if (rethrows) throw;
    status = {Code::bad_state, "a frame's work threw an exception"};
  }
  const std::lock_guard lock(job.mutex);
  job.status = status;
  job.ended = true;
  job.changed.notify_one();
}

void FrameJobs::run_on_own_thread(Job& job, const Work& work) {
  const auto emit = [&job](std::vector<std::uint8_t> piece, std::uint64_t content) {
    const std::lock_guard lock(job.mutex);
    job.pieces.push_back({std::move(piece), content});
    job.changed.notify_one();
  };
  // The waiting caller reports.
  const auto progress = [this, &job](std::uint64_t done) {
    job.done = done;
    return !cancelled_;
  };
  run(job, work, emit, progress, false);
}

void FrameJobs::run_here(Job& job, const Work& work, const Sink& deliver) {
  const bool oldest = jobs_.front().get() == &job;
  Status delivered;
  const auto emit = [&](std::vector<std::uint8_t> bytes, std::uint64_t content) {
    Piece piece{std::move(bytes), content};
    if (!oldest) {
      job.pieces.push_back(std::move(piece));
    } else if (delivered.ok()) {
      delivered = give(piece, deliver);
    }
  };
  const auto progress = [&](std::uint64_t done) {
    job.done = done;
    return delivered.ok() && report();
  };
  run(job, work, emit, progress, true);
  if (!delivered.ok()) job.status = delivered;
}

Status FrameJobs::give(const Piece& piece, const Sink& deliver) {
  content_given_ += piece.content;
  return deliver(piece.bytes);
}

bool FrameJobs::report() {
  if (!progress_) return true;
  std::uint64_t done = content_delivered_;
  for (const auto& job : jobs_) done += job->done;
  if (!progress_(done)) cancelled_ = true;
  return !cancelled_;
}

Result<bool> FrameJobs::submit(std::uint64_t memory, std::uint64_t content, const Work& work,
                               const Sink& deliver, Thread thread) {
  while (!room_for(memory)) {
    if (const Status status = serve_until_ended(deliver); !status.ok()) return status;
  }
  jobs_.push_back(std::make_unique<Job>());
  Job& job = *jobs_.back();
  job.memory = memory;
  job.content = content;
  memory_used_ += memory;
  const bool here = threads_ == 1 || (thread == Thread::if_others && jobs_.size() == 1);
  if (!here && start_thread(job, work)) return true;
  if (!here && thread == Thread::needed) {
    memory_used_ -= memory;
    jobs_.pop_back();
    return false;
  }
  run_here(job, work, deliver);
  if (threads_ == 1) {
    if (const Status status = serve_until_ended(deliver); !status.ok()) return status;
  }
  return true;
}

bool FrameJobs::start_thread(Job& job, const Work& work) {
  try {
    job.thread = std::thread([this, &job, work] { run_on_own_thread(job, work); });
    return true;
  } catch (const std::system_error&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;  // a thread's own small allocations
  }
}

Status FrameJobs::serve_oldest(const Sink& deliver, bool wait, bool& idle) {
  Job& job = *jobs_.front();
  std::vector<Piece> pieces;
  bool ended;
  {
    std::unique_lock lock(job.mutex);
    const auto something = [&job] { return job.ended || !job.pieces.empty(); };
    if (wait) job.changed.wait_for(lock, poll_interval, something);
    idle = !something();
    pieces.swap(job.pieces);
    ended = job.ended;
  }
  for (const Piece& piece : pieces) {
    if (const Status status = give(piece, deliver); !status.ok()) return status;
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
