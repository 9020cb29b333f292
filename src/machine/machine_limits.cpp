// SPDX-License-Identifier: Apache-2.0
// Asks the scheduler, the resource limits and the control groups.
#include "src/machine/machine_limits.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace ssmz::cli {

namespace {

constexpr const char* group_root = "/sys/fs/cgroup";

/// Keeps the lower of two limits; 0 is none.
void lower(Limit& limit, std::uint64_t value, const std::string& source) {
  if (value == 0 || (limit.value != 0 && value >= limit.value)) return;
  limit = {value, source};
}

/// This process's group of cgroup v2, for example "/user.slice/job"; empty if there is none.
std::string own_group() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return {};
}

/// Calls `read(stream, path)` with the file `name` of the group and of all that hold it, which limit as well.
template <class Read>
void for_each_group(const char* name, const Read& read) {
  for (std::string group = own_group(); !group.empty();) {
    const std::string path = group_root + (group == "/" ? std::string() : group) + "/" + name;
    if (std::ifstream file(path); file) read(file, path);
    if (group == "/") break;
    group.erase(group.find_last_of('/'));
    if (group.empty()) group = "/";
  }
}

}  // namespace

Limit core_limit() {
  Limit limit{std::max(std::thread::hardware_concurrency(), 1u), "the machine's cores"};
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    lower(limit, static_cast<std::uint64_t>(CPU_COUNT(&allowed)), "the cores this process is bound to");
  }
  for_each_group("cpu.max", [&](std::ifstream& file, const std::string& path) {
    std::string quota;
    double period = 0;
    if (!(file >> quota >> period) || quota == "max" || !(period > 0)) return;
    const double cores = std::strtod(quota.c_str(), nullptr) / period;
    lower(limit, static_cast<std::uint64_t>(std::max(cores + 0.999, 1.0)), path);
  });
#endif
  return limit;
}

Limit memory_limit_of_process() {
  Limit limit;
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) {
    lower(limit, static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page), "physical memory");
  }
  for_each_group("memory.max", [&](std::ifstream& file, const std::string& path) {
    std::uint64_t bytes = 0;
    if (file >> bytes) lower(limit, bytes, path);  // "max" is no number.
  });
  rlimit space{};
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
    lower(limit, space.rlim_cur, "RLIMIT_AS (ulimit -v)");
  }
  return limit;
}

std::uint64_t machine_memory() { return memory_limit_of_process().value; }

}  // namespace ssmz::cli
