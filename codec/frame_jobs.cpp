// SPDX-License-Identifier: Apache-2.0
// One thread a frame in flight; frames are long, so starting threads costs nothing that shows.
#include "codec/frame_jobs.hpp"

#include <chrono>
#include <new>
#include <system_error>

namespace ssmz::codec {

namespace {
/// How often progress is reported while waiting: quick enough to feel immediate, rare enough to cost nothing.
constexpr std::chrono::milliseconds poll_interval(50);
}  // namespace

FrameJobs::~FrameJobs() {
  cancelled_ = true;
  for (const auto& job : jobs_) {
    if (job->result.valid()) job->result.wait();
  }
}

bool FrameJobs::room_for(std::uint64_t memory) const noexcept {
  if (jobs_.empty()) return true;
  return jobs_.size() < threads_ && (memory_limit_ == 0 || memory_used_ + memory <= memory_limit_);
}

Status FrameJobs::run(Job& job, const Work& work) try {
  // With one thread the work runs on the caller's, which may report at once; others leave it to the waiting
  // caller.
  return work(job.output, [this, &job](std::uint64_t done) {
    job.done = done;
    return (threads_ == 1 ? report() : true) && !cancelled_;
  });
} catch (const std::bad_alloc&) {
  return {Code::out_of_memory, "not enough memory for a frame"};
}

bool FrameJobs::report() {
  if (!progress_) return true;
  std::uint64_t done = content_delivered_;
  for (const auto& job : jobs_) done += job->done;
  if (!progress_(done)) cancelled_ = true;
  return !cancelled_;
}

Status FrameJobs::submit(std::uint64_t memory, std::uint64_t content, Work work, const Sink& deliver) {
  while (!room_for(memory)) {
    if (const Status status = deliver_oldest(deliver); !status.ok()) return status;
  }
  jobs_.push_back(std::make_unique<Job>());
  Job& job = *jobs_.back();
  job.memory = memory;
  job.content = content;
  try {
    const auto policy = threads_ == 1 ? std::launch::deferred : std::launch::async;
    job.result = std::async(policy, [this, &job, work = std::move(work)] { return run(job, work); });
  } catch (const std::system_error&) {
    jobs_.pop_back();
    return {Code::out_of_memory, "the system refused another thread"};
  }
  memory_used_ += memory;
  return threads_ == 1 ? deliver_oldest(deliver) : Status{};
}

Status FrameJobs::deliver_oldest(const Sink& deliver) {
  Job& job = *jobs_.front();
  while (job.result.wait_for(poll_interval) == std::future_status::timeout) report();
  Status status = job.result.get();
  if (status.ok()) status = deliver(job.output);
  content_delivered_ += job.content;
  memory_used_ -= job.memory;
  jobs_.pop_front();
  if (status.ok() && !report()) status = {Code::cancelled, "the caller asked to stop"};
  return status;
}

Status FrameJobs::drain(const Sink& deliver) {
  while (!jobs_.empty()) {
    if (const Status status = deliver_oldest(deliver); !status.ok()) return status;
  }
  return {};
}

}  // namespace ssmz::codec
