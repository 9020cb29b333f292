// SPDX-License-Identifier: Apache-2.0
// A kilobyte asks the system for little: what a coder touches is counted in pages, which no other work of the
// machine changes.
#include <gtest/gtest.h>

#ifdef __linux__
#include <sys/resource.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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
#else
constexpr bool counts_pages = false;
long page_faults() { return 0; }
#endif

struct Row {
  int level;
  long text, bytes;  // page faults, at most: a fourth more than measured
  long again;        // of text once more in the same process
};

// Each in a process of its own that has done nothing else: what earlier tests gave back would be given out.
class SmallInputsDeathTest : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    if (!counts_pages) GTEST_SKIP() << "pages are not counted here";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
  static void there_and_back(std::span<const std::uint8_t> content) {
    const auto coded = compress(content, {.level = GetParam().level, .threads = 1});
    if (!coded.ok()) std::exit(2);
    const auto back = decompress(coded.value());
    if (!back.ok() || !std::equal(back.value().begin(), back.value().end(), content.begin(), content.end()))
      std::exit(2);
  }
  [[noreturn]] static void end(long faults, long most) {
    std::fprintf(stderr, "%ld page faults\n", faults);
    std::exit(faults > 0 && faults <= most ? 0 : 1);
  }
  [[noreturn]] static void count(const std::vector<std::uint8_t>& content, long most) {
    const long before = page_faults();
    there_and_back(content);
    end(page_faults() - before, most);
  }
};

TEST_P(SmallInputsDeathTest, TouchFewPages) {
  EXPECT_EXIT(count(test::text_bytes(1000), GetParam().text), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(count(test::record_bytes(1000), GetParam().bytes), testing::ExitedWithCode(0), "");
}

TEST_P(SmallInputsDeathTest, OfAReusedLibraryTouchFewerStill) {
  const auto again = [] {
    const std::vector<std::uint8_t> text = test::text_bytes(1000);
    there_and_back(text);
    constexpr int times = 10;
    const long before = page_faults();
    for (int i = 0; i < times; ++i) there_and_back(text);
    end((page_faults() - before) / times, GetParam().again);
  };
  EXPECT_EXIT(again(), testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Levels, SmallInputsDeathTest,
                         testing::Values(Row{1, 600, 1300, 330}, Row{5, 3600, 4400, 2500}));

}  // namespace
}  // namespace ssmz
