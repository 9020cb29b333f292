// SPDX-License-Identifier: Apache-2.0
// A small frame takes little memory, whatever its header says: what a decoder has resident while it refuses
// one.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>

#include "codec/frame/header.hpp"
#include "codec/ssmz/ssmz.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/allocated.hpp"
#include "tests/test_data.hpp"

#ifdef __linux__
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace ssmz {
namespace {

using test::Bytes;

constexpr std::uint64_t MiB = std::uint64_t{1} << 20;

/// A sound header with the largest tables that the level allows, and a block of random bytes.
Bytes frame(int level, std::optional<std::uint64_t> content, codec::BlockKind kind, std::size_t coded) {
  codec::FrameHeader header;
  header.model.emplace();
  header.model->vocabulary_hash = codec::Vocabulary::builtin_hash();
  header.model->parameters = *codec::parameters_for(level, content, 0);
  header.content_size = content;
  Bytes bytes;
  append_frame_header(header, bytes);
  codec::BlockHeader block;
  block.type.kind = kind;
  block.raw_size = 65536;
  block.coded_size = static_cast<std::uint32_t>(coded);
  append_block_header(block, bytes);
  const Bytes random = test::random_bytes(coded);
  bytes.insert(bytes.end(), random.begin(), random.end());
  return bytes;
}

#ifdef __linux__

/// Most that was resident beyond what the process has now, while a process of its own tries to decode the
/// frame.
std::optional<std::uint64_t> resident(const Bytes& bytes) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak from here on
    const std::uint64_t before = process_status("VmRSS:");
    const bool refused = !decompress(bytes).ok();
    const std::uint64_t peak = process_status("VmHWM:");
    const std::uint64_t more = !refused || before == 0 ? ~std::uint64_t{0}
                               : peak > before         ? peak - before
                                                       : 0;
    _exit(write(ends[1], &more, sizeof(more)) == sizeof(more) ? 0 : 1);
  }
  std::uint64_t more = 0;
  const bool told = child > 0 && read(ends[0], &more, sizeof(more)) == sizeof(more);
  if (child > 0) waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return told && more != ~std::uint64_t{0} ? std::optional(more) : std::nullopt;
}

TEST(HostileFrame, TakesLittleMemoryWhateverItsHeaderSays) {
  if (!allocated()) GTEST_SKIP() << "a sanitizer's memory is not the program's";
  for (const auto kind : {codec::BlockKind::text, codec::BlockKind::bytes})
    for (const int level : {1, 5, 9})
      for (const std::size_t coded : {std::size_t{20}, std::size_t{500}}) {
        // What the same block takes that says how much content there is.
        const auto honest = resident(frame(level, 65536, kind, coded));
        ASSERT_TRUE(honest);
        for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(), {1ull << 40}}) {
          const auto taken = resident(frame(level, size, kind, coded));
          ASSERT_TRUE(taken);
          EXPECT_LE(*taken, *honest + 64 * MiB)
              << "-" << level << ", kind " << static_cast<int>(kind) << ", " << coded << " bytes";
        }
      }
}

/// A sound frame of text without its end mark, that tells how much there is or has the largest tables.
Bytes text_frame(int level, const Bytes& content, bool tells) {
  codec::FrameHeader header;
  header.model.emplace();
  header.model->vocabulary_hash = codec::Vocabulary::builtin_hash();
  if (tells) header.content_size = content.size();
  header.model->parameters = *codec::parameters_for(level, header.content_size, 0);
  Bytes bytes, coded;
  append_frame_header(header, bytes);
  auto coder = codec::BlockCoder::create(header.model->parameters, codec::Vocabulary::builtin()).value();
  EXPECT_TRUE(coder->encode(codec::BlockKind::text, content, coded, {}).ok());
  codec::append_block_header({.type = codec::BlockKind::text,
                              .raw_size = static_cast<std::uint32_t>(content.size()),
                              .coded_size = static_cast<std::uint32_t>(coded.size())},
                             bytes);
  bytes.insert(bytes.end(), coded.begin(), coded.end());
  return bytes;
}

TEST(HostileFrame, TakesMemoryAsContentComes) {
  if (!allocated()) GTEST_SKIP() << "a sanitizer's memory is not the program's";
  const Bytes content = test::text_bytes(8000);
  for (const int level : {1, 5, 9}) {
    const auto told = resident(text_frame(level, content, true));
    const auto hidden = resident(text_frame(level, content, false));
    ASSERT_TRUE(told && hidden);
    EXPECT_LE(*hidden, *told + 64 * MiB) << "-" << level;
  }
}

#endif

}  // namespace
}  // namespace ssmz
