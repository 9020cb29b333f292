// SPDX-License-Identifier: Apache-2.0
// The queue: a worker sends how its last task went, and is sent the next one's number.
#include "src/mpi/work_queue.hpp"

#include <chrono>
#include <thread>

namespace ssmz::mpi {
namespace {

constexpr int request_tag = 1;
constexpr int task_tag = 2;
constexpr std::uint64_t no_task = ~std::uint64_t{0};

enum class Report : std::uint64_t { first = 0, done = 1, failed = 2 };

bool hand_out(std::uint64_t count, int workers, const TasksDone& done) {
  std::uint64_t next = 0;
  std::uint64_t finished = 0;
  bool good = true;
  while (workers > 0) {
    // Waiting in MPI_Recv would take a processor from the workers.
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, request_tag, MPI_COMM_WORLD, &there, &status);
    if (there == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    std::uint64_t report = 0;
    MPI_Recv(&report, 1, MPI_UINT64_T, status.MPI_SOURCE, request_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (report == static_cast<std::uint64_t>(Report::failed)) good = false;
    if (report == static_cast<std::uint64_t>(Report::done)) done(++finished);
    const std::uint64_t task = good && next < count ? next++ : no_task;
    if (task == no_task) --workers;
    MPI_Send(&task, 1, MPI_UINT64_T, status.MPI_SOURCE, task_tag, MPI_COMM_WORLD);
  }
  return good;
}

void take_tasks(const DoTask& work) {
  Report report = Report::first;
  for (;;) {
    const auto number = static_cast<std::uint64_t>(report);
    std::uint64_t task = no_task;
    MPI_Send(&number, 1, MPI_UINT64_T, 0, request_tag, MPI_COMM_WORLD);
    MPI_Recv(&task, 1, MPI_UINT64_T, 0, task_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (task == no_task) return;
    report = work(task) ? Report::done : Report::failed;
  }
}

}  // namespace

bool run_tasks(std::uint64_t count, const DoTask& work, const TasksDone& done) {
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int good = 1;
  if (ranks == 1) {
    for (std::uint64_t task = 0; task < count && good != 0; ++task) {
      good = work(task) ? 1 : 0;
      done(task + 1);
    }
  } else if (rank == 0) {
    good = hand_out(count, ranks - 1, done) ? 1 : 0;
  } else {
    take_tasks(work);
  }
  MPI_Bcast(&good, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return good != 0;
}

}  // namespace ssmz::mpi
