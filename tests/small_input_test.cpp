// SPDX-License-Identifier: Apache-2.0
// A kilobyte asks the system for little: what a coder touches is counted in pages, which no other work of the
// machine changes.
#include <gtest/gtest.h>

#ifdef __linux__
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool counts_pages = true;

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// Memory that earlier tests gave back is not given out again: large arrays come from the system.
void forget_earlier_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

// Page faults of `work` in a process of its own, as a program that has just begun has them; -1 if it fails.
template <class Work>
long page_faults_of(const Work& work) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    const long before = page_faults();
    long count = work() ? page_faults() - before : -1;
    if (write(ends[1], &count, sizeof(count)) != sizeof(count)) count = -1;
    _exit(count < 0);
  }
  close(ends[1]);
  long count = -1;
  int status = 0;
  const bool said = read(ends[0], &count, sizeof(count)) == sizeof(count);
  close(ends[0]);
  return waitpid(child, &status, 0) == child && said && status == 0 ? count : -1;
}
#else
constexpr bool counts_pages = false;
template <class Work>
long page_faults_of(const Work&) {
  return -1;
}
#endif

struct Row {
  int level;
  long text, bytes;  // page faults, at most: a fourth more than measured
  long again;        // of another coder of either in the same process
};

class SmallInputs : public testing::TestWithParam<Row> {
 protected:
  static bool there_and_back(std::span<const std::uint8_t> content) {
    const auto coded = compress(content, {.level = GetParam().level, .threads = 1});
    if (!coded.ok()) return false;
    const auto back = decompress(coded.value());
    return back.ok() && std::equal(back.value().begin(), back.value().end(), content.begin(), content.end());
  }
};

TEST_P(SmallInputs, TouchFewPages) {
  if (!counts_pages) GTEST_SKIP() << "pages are not counted here";
  const auto faults = [](const std::vector<std::uint8_t>& content) {
    return page_faults_of([&] {
      forget_earlier_memory();
      return there_and_back(content);
    });
  };
  const long text = faults(test::text_bytes(1000)), bytes = faults(test::record_bytes(1000));
  EXPECT_GT(text, 0);
  EXPECT_GT(bytes, 0);
  EXPECT_LE(text, GetParam().text);
  EXPECT_LE(bytes, GetParam().bytes);
  RecordProperty("text", static_cast<int>(text));
  RecordProperty("bytes", static_cast<int>(bytes));
}

TEST_P(SmallInputs, OfAReusedLibraryTouchFewerStill) {
  if (!counts_pages) GTEST_SKIP() << "pages are not counted here";
  const std::vector<std::uint8_t> text = test::text_bytes(1000);
  constexpr int times = 10;
  const auto faults = [&](int count) {
    return page_faults_of([&] {
      for (int i = 0; i < count; ++i)
        if (!there_and_back(text)) return false;
      return true;
    });
  };
  const long once = faults(1), often = faults(1 + times);
  ASSERT_GT(once, 0);
  EXPECT_LE((often - once) / times, GetParam().again);
  RecordProperty("again", static_cast<int>((often - once) / times));
}

INSTANTIATE_TEST_SUITE_P(Levels, SmallInputs,
                         testing::Values(Row{1, 600, 1300, 330}, Row{5, 3600, 4400, 700}));

}  // namespace
}  // namespace ssmz
