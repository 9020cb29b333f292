// SPDX-License-Identifier: Apache-2.0
// The vocabulary file: what the built-in one holds, and that nothing malformed is taken.
#include "codec/vocabulary/vocabulary.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/vocabulary_writer.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

Code parse_code(const std::vector<std::uint8_t>& file) { return Vocabulary::parse(file).status().code; }

std::vector<std::uint8_t> builtin_file() {
  std::ifstream in(SSMZ_STATISTICS_DIR "/builtin.vocab", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Gives a changed file the checksum it would need, so that the checks behind the checksum are reached.
void reseal(std::vector<std::uint8_t>& file) {
  const std::uint64_t sum = XXH3_64bits(file.data(), file.size() - 8);
  for (unsigned i = 0; i < 8; ++i) file[file.size() - 8 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
}

TEST(Vocabulary, BuiltinParsesAndIsSharedBetweenCallers) {
  const auto vocabulary = Vocabulary::builtin();
  ASSERT_NE(vocabulary, nullptr);
  EXPECT_EQ(vocabulary, Vocabulary::builtin());
  EXPECT_GE(vocabulary->size(), 32768u);
  EXPECT_NE(vocabulary->hash(), 0u);
}

// What is shipped that was trained is bounded, as it is packed.
TEST(Vocabulary, StatisticsStayWithinTheirBound) {
  EXPECT_LE(std::filesystem::file_size(SSMZ_SOURCE_DIR "/data/statistics.tar.xz"), 700'000u);
}

// What the build laid into the library is what this machine works out of the file.
TEST(Vocabulary, BuiltinTablesAreThoseOfItsFile) {
  const auto file = builtin_file();
  const auto image = Vocabulary::image_of(file);
  ASSERT_TRUE(image.ok());
  const auto parsed = Vocabulary::parse(file);
  ASSERT_TRUE(parsed.ok());
  const auto builtin = Vocabulary::builtin();
  EXPECT_EQ(builtin->hash(), parsed.value()->hash());
  EXPECT_EQ(builtin->words_weight(), parsed.value()->words_weight());
  EXPECT_TRUE(std::ranges::equal(builtin->bigrams(), parsed.value()->bigrams()));
  TableImageWriter embedded, computed;
  builtin->tables().write(embedded);
  parsed.value()->tables().write(computed);
  EXPECT_EQ(embedded.bytes(), computed.bytes());
  const auto found = Vocabulary::from_image(image.value(), file);
  ASSERT_NE(found, nullptr);
  TableImageWriter again;
  found->tables().write(again);
  EXPECT_EQ(again.bytes(), computed.bytes());
  for (LexemeId id = 0; id <= found->size(); id += 97) EXPECT_EQ(found->spelling(id), builtin->spelling(id));
}

TEST(Vocabulary, AnImageCutOffIsNone) {
  const auto file = builtin_file();
  const auto image = Vocabulary::image_of(file);
  ASSERT_TRUE(image.ok());
  const std::span<const std::uint8_t> whole(image.value());
  for (const std::size_t size : {std::size_t{0}, std::size_t{63}, whole.size() / 2, whole.size() - 64})
    EXPECT_EQ(Vocabulary::from_image(whole.first(size), file), nullptr) << size;
}

TEST(Vocabulary, BuiltinHoldsEverySingleByteButUpperCaseLetters) {
  const auto vocabulary = Vocabulary::builtin();
  std::set<int> singles;
  for (LexemeId id = 0; id < vocabulary->size(); ++id) {
    const std::string_view spelling = vocabulary->spelling(id);
    if (spelling.size() == 1) singles.insert(static_cast<std::uint8_t>(spelling[0]));
    for (char c : spelling) EXPECT_FALSE(c >= 'A' && c <= 'Z');
    EXPECT_GE(vocabulary->weight(id), 1u);
    EXPECT_LT(vocabulary->distributional_class(id), 1u << 12);
  }
  EXPECT_EQ(singles.size(), 230u);
}

TEST(Vocabulary, BuiltinSpellingsAreDistinctAndSorted) {
  const auto vocabulary = Vocabulary::builtin();
  for (LexemeId id = 1; id < vocabulary->size(); ++id) {
    EXPECT_LT(vocabulary->spelling(id - 1), vocabulary->spelling(id));
  }
}

TEST(Vocabulary, TellsWordsFromOthersByTheFirstByte) {
  const auto vocabulary = samples::small_vocabulary();
  for (LexemeId id = 0; id < vocabulary->size(); ++id) {
    const auto first = static_cast<std::uint8_t>(vocabulary->spelling(id)[0]);
    EXPECT_EQ(vocabulary->is_word(id), first >= 0x80 || (first >= 'a' && first <= 'z'));
  }
}

TEST(Vocabulary, GivesBackWhatWasWritten) {
  std::vector<LexemeDraft> drafts = samples::single_bytes();
  drafts.push_back({"the", 1000, 0xabc});
  drafts.push_back({std::string(32, 'x'), 1, 0xfff});
  drafts.push_back({std::string(31, 'x'), std::uint64_t{1} << 40, 0});
  const auto parsed = Vocabulary::parse(write_vocabulary(drafts));
  ASSERT_TRUE(parsed.ok()) << parsed.status().detail;
  const Vocabulary& vocabulary = *parsed.value();
  ASSERT_EQ(vocabulary.size(), drafts.size());
  const LexemeId the = samples::find(vocabulary, "the");
  EXPECT_EQ(vocabulary.distributional_class(the), 0xabc);
  EXPECT_NEAR(vocabulary.weight(the), 1000, 90);
  EXPECT_EQ(vocabulary.weight(samples::find(vocabulary, std::string(32, 'x'))), 1u);
  EXPECT_GT(vocabulary.weight(samples::find(vocabulary, std::string(31, 'x'))), 1u << 31);
}

TEST(Vocabulary, BuildsItsTablesOnceForAllThreads) {
  const auto vocabulary = samples::small_vocabulary();
  std::array<const Segmenter*, 8> segmenters{};
  std::array<const CodeTree*, 8> trees{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < trees.size(); ++i) {
      threads.emplace_back([&, i] {
        segmenters[i] = &vocabulary->tables().segmenter();
        trees[i] = &vocabulary->tables().tree();
      });
    }
  }
  for (std::size_t i = 1; i < trees.size(); ++i) {
    EXPECT_EQ(segmenters[i], segmenters[0]);
    EXPECT_EQ(trees[i], trees[0]);
  }
  EXPECT_EQ(trees[0]->inner_count(), trees[0]->letter_nodes() + vocabulary->size() - 1);
}

TEST(Vocabulary, HashNamesTheFile) {
  const auto file = samples::small_file();
  EXPECT_EQ(Vocabulary::parse(file).value()->hash(), XXH3_64bits(file.data(), file.size()));
  EXPECT_NE(Vocabulary::parse(file).value()->hash(), Vocabulary::builtin()->hash());
}

TEST(Vocabulary, RejectsEveryTruncation) {
  auto file = samples::small_file();
  while (!file.empty()) {
    file.pop_back();
    ASSERT_EQ(parse_code(file), Code::vocabulary_damaged) << file.size();
  }
}

TEST(Vocabulary, RejectsEveryTruncationWithAFittingChecksum) {
  const auto whole = samples::small_file();
  for (std::size_t size = 8; size < whole.size(); ++size) {
    std::vector<std::uint8_t> file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    reseal(file);
    ASSERT_EQ(parse_code(file), Code::vocabulary_damaged) << size;
  }
}

TEST(Vocabulary, RejectsAnySingleByteChange) {
  const auto whole = samples::small_file();
  std::mt19937 random(1);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto file = whole;
    file[at] ^= static_cast<std::uint8_t>(1 + random() % 255);
    ASSERT_EQ(parse_code(file), Code::vocabulary_damaged) << at;
  }
}

// With the checksum made to fit, a change may give another valid vocabulary, but never one that breaks its
// promises.
TEST(Vocabulary, TakesOnlySoundFilesWhenTheChecksumFits) {
  const auto whole = samples::small_file();
  std::mt19937 random(2);
  for (int round = 0; round < 20000; ++round) {
    auto file = whole;
    for (auto n = 1 + random() % 3; n > 0; --n) {
      file[random() % file.size()] = static_cast<std::uint8_t>(random());
    }
    reseal(file);
    const auto parsed = Vocabulary::parse(file);
    if (!parsed.ok()) {
      ASSERT_EQ(parsed.status().code, Code::vocabulary_damaged);
      continue;
    }
    const Vocabulary& vocabulary = *parsed.value();
    unsigned singles = 0;
    for (LexemeId id = 0; id < vocabulary.size(); ++id) {
      const std::string_view spelling = vocabulary.spelling(id);
      ASSERT_TRUE(spelling.size() >= 1 && spelling.size() <= Vocabulary::max_spelling);
      ASSERT_TRUE(id == 0 || vocabulary.spelling(id - 1) < spelling);
      singles += spelling.size() == 1;
    }
    ASSERT_EQ(singles, 230u);
  }
}

TEST(Vocabulary, RejectsDuplicates) {
  auto drafts = samples::single_bytes();
  drafts.push_back({"the", 1, 0});
  drafts.push_back({"the", 1, 0});
  EXPECT_EQ(parse_code(write_vocabulary(drafts)), Code::vocabulary_damaged);
}

TEST(Vocabulary, RejectsMissingSingleBytesUpperCaseAndLongSpellings) {
  auto missing = samples::single_bytes();
  missing.pop_back();
  EXPECT_EQ(parse_code(write_vocabulary(missing)), Code::vocabulary_damaged);
  auto upper = samples::single_bytes();
  upper.push_back({"tHe", 1, 0});
  EXPECT_EQ(parse_code(write_vocabulary(upper)), Code::vocabulary_damaged);
  auto longer = samples::single_bytes();
  longer.push_back({std::string(33, 'y'), 1, 0});
  EXPECT_EQ(parse_code(write_vocabulary(longer)), Code::vocabulary_damaged);
}

TEST(Vocabulary, RejectsNoise) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> file(random() % 400);
    for (auto& byte : file) byte = static_cast<std::uint8_t>(random());
    ASSERT_EQ(parse_code(file), Code::vocabulary_damaged);
  }
}

TEST(Vocabulary, RejectsACountFarBeyondTheFile) {
  auto file = samples::small_file();
  file[8] = file[9] = file[10] = file[11] = 0xff;
  reseal(file);
  EXPECT_EQ(parse_code(file), Code::vocabulary_damaged);
}

}  // namespace
}  // namespace ssmz::codec
