// SPDX-License-Identifier: Apache-2.0
// Frames hold what was put in, whatever the content, the chunking and the threads; damage is told.
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/little_endian.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/seek_table.hpp"
#include "tests/frame_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using test::append_to;
using test::decode;
using test::decoder_options;
using test::encode;
using test::encoder_options;
using test::expect_decodes_to;

std::vector<Bytes> contents() {
  return {{},
          {0x41},
          random_bytes(20),
          text_bytes(20),
          text_bytes(100000),
          record_bytes(100000),
          random_bytes(300000),
          Bytes(1 << 20, 0),
          joined({text_bytes(150000), random_bytes(200000), record_bytes(70000), text_bytes(90000, 2)})};
}

TEST(Frame, GivesBackEveryKindOfContent) {
  for (const Bytes& content : contents()) {
    const Bytes frames = encode(content);
    EXPECT_LE(frames.size(), content.size() + content.size() / 1000 + 64);
    expect_decodes_to(frames, content);
  }
}

TEST(Frame, CostsLittleForShortContents) {
  EXPECT_LE(encode({}).size(), 20u);
  EXPECT_LE(encode(random_bytes(20)).size(), 20u + 20u);
  EXPECT_LE(encode(text_bytes(20)).size(), 20u + 20u);
}

TEST(Frame, ShrinksWhatCanBeShrunk) {
  EXPECT_LT(encode(text_bytes(100000)).size(), 60000u);
  EXPECT_LT(encode(Bytes(1 << 20, 0)).size(), 5000u);
}

TEST(Frame, IsTheSameForAnyChunking) {
  const Bytes content = joined({text_bytes(20000), random_bytes(70000), record_bytes(3000)});
  const Bytes whole = encode(content);
  for (const std::size_t chunk : {1u, 7u, 4096u, 65537u})
    EXPECT_TRUE(encode(content, encoder_options(), chunk) == whole);
}

TEST(Frame, DecodesWhenFedOneByteAtATime) {
  const Bytes content = joined({text_bytes(20000), random_bytes(70000), record_bytes(3000)});
  expect_decodes_to(encode(content, encoder_options(30000)), content, decoder_options(), 1);
  StreamDecoderOptions threads = decoder_options();
  threads.threads = 3;
  expect_decodes_to(encode(content, encoder_options(30000)), content, threads, 1);
}

TEST(Frame, IsTheSameForAnyThreadCount) {
  const Bytes content = joined({text_bytes(200000), record_bytes(150000), random_bytes(90000)});
  const Bytes one = encode(content, encoder_options(50000));
  for (const unsigned threads : {2u, 4u, 9u}) {
    StreamEncoderOptions options = encoder_options(50000);
    options.threads = threads;
    EXPECT_TRUE(encode(content, options, 12345) == one);
    StreamDecoderOptions back = decoder_options();
    back.threads = threads;
    expect_decodes_to(one, content, back, 777);
  }
}

TEST(Frame, IsTheSameWhenTheMemoryLimitHoldsThreadsBack) {
  const Bytes content = text_bytes(400000);
  StreamEncoderOptions options = encoder_options(50000);
  options.memory_limit = std::uint64_t{1} << 30;
  const Bytes one = encode(content, options);
  options.threads = 8;
  EXPECT_TRUE(encode(content, options) == one);
}

TEST(Frame, ConcatenationsDecodeToTheConcatenation) {
  const Bytes first = text_bytes(3000);
  const Bytes second = record_bytes(5000);
  const Bytes frames =
      joined({encode(first), encode({}), encode(second), encode(first, encoder_options(1000))});
  expect_decodes_to(frames, joined({first, second, first}));
  StreamDecoderOptions threads = decoder_options();
  threads.threads = 2;
  expect_decodes_to(frames, joined({first, second, first}), threads);
}

TEST(Frame, SkipsSkippableFrames) {
  const Bytes content = text_bytes(3000);
  const Bytes skippable = {0xD3, 'S', 'M', 'K', 3, 0, 0, 0, 1, 2, 3};
  const Bytes empty_one = {0xD3, 'S', 'M', 'K', 0, 0, 0, 0};
  const Bytes frames = joined({skippable, encode(content), empty_one, skippable, encode(content), empty_one});
  expect_decodes_to(frames, joined({content, content}));
  expect_decodes_to(frames, joined({content, content}), decoder_options(), 1);
}

TEST(Frame, EndsSeveralFramesWithASeekTable) {
  const Bytes content = text_bytes(2500);
  const Bytes frames = encode(content, encoder_options(1000));
  const auto table = read_seek_table(frames);
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->size(), 3u);
  EXPECT_EQ((*table)[2].content_size, 500u);
  const Bytes last(
      frames.begin() + static_cast<std::ptrdiff_t>((*table)[0].frame_size + (*table)[1].frame_size),
      frames.end());
  StreamDecoderOptions parts = decoder_options();
  parts.part_of_stream = true;
  expect_decodes_to(last, Bytes(content.begin() + 2000, content.end()), parts);
  EXPECT_FALSE(read_seek_table(encode(content)).has_value());
}

TEST(Frame, FramesTooLargeToHoldAreCodedAsTheyCome) {
  const Bytes content = joined({text_bytes(100000), random_bytes(100000)});
  StreamEncoderOptions options = encoder_options(whole_frame_limit + 1);
  expect_decodes_to(encode(content, options, 1000), content);
  options.content_size = content.size();
  expect_decodes_to(encode(content, options, 1000), content);
}

TEST(Frame, HoldsContentLongerThanAWindow) {
  Bytes content = text_bytes(plan_window + 100000);
  const Bytes noise = random_bytes(500000);
  std::copy(noise.begin(), noise.end(), content.begin() + plan_window - 250000);
  const Bytes frames = encode(content);
  expect_decodes_to(frames, content);
  StreamEncoderOptions unknown = encoder_options(whole_frame_limit + 1);
  expect_decodes_to(encode(content, unknown, 1 << 20), content);
}

TEST(Frame, DoesNotRunTheModelOnRandomData) {
  int made = 0;
  StreamEncoderOptions options = encoder_options();
  options.factory = test::fake_factory(&made);
  const Bytes content = random_bytes(1 << 20);
  const Bytes frames = encode(content, options);
  EXPECT_EQ(made, 0);
  EXPECT_LE(frames.size(), content.size() + 64);
}

TEST(Frame, ModelsRandomDataThatRepeats) {
  int made = 0;
  StreamEncoderOptions options = encoder_options();
  options.factory = test::fake_factory(&made);
  const Bytes part = random_bytes(150000);
  const Bytes content = joined({part, text_bytes(3000), part});
  expect_decodes_to(encode(content, options), content);
  EXPECT_EQ(made, 1);
}

/// Codes everything to more bytes than it had, so that blocks must be stored after the model has seen them.
TEST(Frame, StaysInStepWhenABlockIsStoredAfterCoding) {
  class Growing final : public BlockCoder {
   public:
    [[nodiscard]] KindCosts kind_costs(std::span<const std::uint8_t>) override {
      return {{BlockKind::bytes, 0}};
    }
    Status encode(BlockType type, std::span<const std::uint8_t> raw, Bytes& coded,
                  const Progress& progress) override {
      if (seen_++ == 0) {
        coded.assign(raw.size() + 5, 1);
        return {};
      }
      return inner_.encode(type, raw, coded, progress);
    }
    Status decode(BlockType type, std::span<const std::uint8_t> coded, std::size_t size, Bytes& raw,
                  const Progress& progress) override {
      if (seen_++ == 0) return {Code::data_damaged, "the first block was not replayed"};
      return inner_.decode(type, coded, size, raw, progress);
    }

   private:
    int seen_ = 0;
    test::FakeCoder inner_;
  };
  const CoderFactory factory = [](const ModelParameters&, std::shared_ptr<const Vocabulary>) {
    return Result<std::unique_ptr<BlockCoder>>(std::make_unique<Growing>());
  };
  StreamEncoderOptions options = encoder_options();
  options.factory = factory;
  StreamDecoderOptions back = decoder_options();
  back.factory = factory;
  const Bytes content = text_bytes(plan_window + 1000);
  expect_decodes_to(encode(content, options), content, back);
}

TEST(Frame, RejectsEveryTruncation) {
  const Bytes frames = encode(joined({text_bytes(700), random_bytes(3000)}));
  for (std::size_t size = 0; size < frames.size(); ++size) {
    Bytes out;
    EXPECT_EQ(decode(Bytes(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(size)), out).code,
              Code::truncated)
        << size;
  }
}

TEST(Frame, RejectsEverySingleByteCorruption) {
  for (const Bytes& content : {text_bytes(900), random_bytes(100), Bytes{}}) {
    const Bytes frames = encode(content);
    for (std::size_t at = 0; at < frames.size(); ++at) {
      for (const unsigned change : {1u, 0x10u, 0x80u, 0xFFu}) {
        Bytes damaged = frames;
        damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
        for (const unsigned threads : {1u, 2u}) {
          StreamDecoderOptions options = decoder_options();
          options.threads = threads;
          Bytes out;
          EXPECT_FALSE(decode(damaged, out, options).ok()) << at << " ^ " << change;
        }
      }
    }
  }
}

TEST(Frame, RejectsWhatFollowsTheLastFrame) {
  const Bytes frames = encode(text_bytes(300));
  for (const Bytes& garbage : {Bytes{1}, Bytes{0xD3, 'S', 'M', 'x'}, text_bytes(50)}) {
    Bytes out;
    const Status status = decode(joined({frames, garbage}), out);
    EXPECT_EQ(status.code, Code::not_a_frame);
    EXPECT_EQ(status.offset, frames.size());
  }
  Bytes out;
  EXPECT_EQ(decode(joined({frames, {0xD3, 'S'}}), out).code, Code::truncated);
}

TEST(Frame, RejectsWhatIsNoFrame) {
  Bytes out;
  EXPECT_EQ(decode(text_bytes(100), out).code, Code::not_a_frame);
  EXPECT_EQ(decode(Bytes(100, 0), out).code, Code::not_a_frame);
  EXPECT_EQ(decode({}, out).code, Code::truncated);
}

TEST(Frame, RejectsALaterFormatVersion) {
  Bytes frames = encode(text_bytes(100));
  ++frames[4];
  Bytes out;
  EXPECT_EQ(decode(frames, out).code, Code::unsupported_version);
}

TEST(Frame, RefusesMoreMemoryThanAllowedBeforeMakingAModel) {
  int made = 0;
  for (const unsigned threads : {1u, 2u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    options.frame_memory_limit = 1;
    options.factory = test::fake_factory(&made);
    StreamDecoder decoder(options);
    Bytes out;
    Status status = decoder.update(encode(text_bytes(1000)), append_to(out));
    if (status.ok()) status = decoder.finish(append_to(out));
    EXPECT_EQ(status.code, Code::memory_limit);
    EXPECT_GT(decoder.needs().memory, 1u);
  }
  EXPECT_EQ(made, 0);
}

TEST(Frame, SaysWhichVocabularyIsMissing) {
  for (const unsigned threads : {1u, 2u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    std::uint64_t asked = 1;
    options.find_vocabulary = [&](std::uint64_t hash) -> std::shared_ptr<const Vocabulary> {
      asked = hash;
      return nullptr;
    };
    StreamDecoder decoder(options);
    Bytes out;
    Status status = decoder.update(encode(text_bytes(1000)), append_to(out));
    if (status.ok()) status = decoder.finish(append_to(out));
    EXPECT_EQ(status.code, Code::vocabulary_missing);
    EXPECT_EQ(decoder.needs().vocabulary, asked);
  }
}

TEST(Frame, StopsAtTheOutputLimit) {
  const Bytes frames = encode(text_bytes(5000), encoder_options(1000));
  for (const unsigned threads : {1u, 2u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    options.output_limit = 4999;
    Bytes out;
    EXPECT_EQ(decode(frames, out, options).code, Code::output_limit);
    EXPECT_LE(out.size(), 4999u);
    options.output_limit = 5000;
    expect_decodes_to(frames, text_bytes(5000), options);
  }
}

TEST(Frame, StopsWhenTheCallerAsksFor) {
  for (const unsigned threads : {1u, 2u}) {
    StreamEncoderOptions options = encoder_options(20000);
    options.threads = threads;
    options.progress = [](std::uint64_t done) { return done < 30000; };
    StreamEncoder encoder(options);
    Bytes out;
    Status status = encoder.update(text_bytes(200000), append_to(out));
    if (status.ok()) status = encoder.finish(append_to(out));
    EXPECT_EQ(status.code, Code::cancelled);
    EXPECT_EQ(encoder.finish(append_to(out)).code, Code::cancelled);
  }
}

TEST(Frame, ReportsAllContentAsDone) {
  for (const unsigned threads : {1u, 3u}) {
    std::uint64_t last = 0;
    StreamEncoderOptions options = encoder_options(20000);
    options.threads = threads;
    options.progress = [&](std::uint64_t done) {
      EXPECT_GE(done, last);
      last = done;
      return true;
    };
    encode(text_bytes(100000), options);
    EXPECT_EQ(last, 100000u);
  }
}

TEST(Frame, NeedsNoChecksum) {
  StreamEncoderOptions options = encoder_options();
  options.checksum = false;
  const Bytes content = text_bytes(1000);
  const Bytes frames = encode(content, options);
  EXPECT_EQ(frames.size() + checksum_size(content.size()), encode(content).size());
  expect_decodes_to(frames, content);
}

/// Of decoding.
Code code_of(const Bytes& frames) {
  Bytes out;
  return decode(frames, out).code;
}

TEST(Frame, ABlockForTheRestNeedsContentAndItsSize) {
  const Bytes content = {1, 2, 3, 4, 5};
  const auto frame = [&](std::optional<std::uint64_t> size, int blocks) {
    FrameHeader header;
    header.content_size = size;
    header.has_checksum = false;
    Bytes bytes;
    append_frame_header(header, bytes);
    for (int i = 0; i < blocks; ++i) {
      append_block_header({.type = BlockKind::stored}, bytes);
      bytes.insert(bytes.end(), content.begin(), content.end());
    }
    append_block_header({.role = BlockRole::end}, bytes);
    return bytes;
  };
  expect_decodes_to(frame(content.size(), 1), content);
  EXPECT_EQ(code_of(frame({}, 1)), Code::data_damaged) << "the size is not known";
  EXPECT_EQ(code_of(frame(content.size(), 2)), Code::data_damaged) << "nothing is left";
  EXPECT_EQ(code_of(frame(max_block_size + 1, 1)), Code::data_damaged) << "more than a block";
}

TEST(Frame, ChecksShortAndLongContents) {
  for (const std::size_t size :
       {std::size_t{short_checksum_content}, std::size_t{short_checksum_content} + 1}) {
    const Bytes content = random_bytes(size);
    Bytes frames = joined({encode(content), encode(content)});
    expect_decodes_to(frames, joined({content, content}));
    for (std::size_t i = 1; i <= checksum_size(size); ++i) {
      Bytes damaged = frames;
      damaged[damaged.size() - i] ^= 1;
      EXPECT_EQ(code_of(damaged), Code::data_damaged) << size << ", byte " << i << " from the end";
    }
  }
}

TEST(FrameProbe, ModelsSamplesWhoseByteFrequenciesAreFlat) {
  // A ramp with a little noise, three channels: every byte value is equally frequent, every difference small.
  Bytes ramp;
  for (unsigned i = 0; i < 65536; ++i)
    ramp.push_back(static_cast<std::uint8_t>(i / 3 * 5 + i % 3 * 85 + (i * 2654435761u >> 29)));
  IncompressibilityProbe probe;
  EXPECT_FALSE(probe.incompressible(ramp));
}

TEST(FramePlan, FindsTheBordersBetweenTextAndBytes) {
  const Bytes content = joined({text_bytes(100001), record_bytes(60007), text_bytes(80000, 3)});
  IncompressibilityProbe probe;
  RegionFinder regions;
  test::FakeCoder coder;
  const auto plan = plan_blocks(content, probe, regions, [&](std::span<const std::uint8_t> s) {
    return Result<KindCosts>(coder.kind_costs(s));
  });
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.value().size(), 3u);
  EXPECT_EQ(plan.value()[0].type.kind, BlockKind::text);
  EXPECT_NEAR(static_cast<double>(plan.value()[0].size), 100001.0, 8.0);
  EXPECT_NEAR(static_cast<double>(plan.value()[1].size), 60007.0, 16.0);
}

// The probe knows the second copy from having seen the first, and lets it pass.
TEST(FramePlan, ModelsTheFirstOfSeveralIncompressibleCopies) {
  const Bytes copy = random_bytes(65536);
  const Bytes content = joined({copy, copy, copy, copy, random_bytes(65536, 2)});
  IncompressibilityProbe probe;
  RegionFinder regions;
  const auto plan = plan_blocks(content, probe, regions, [](std::span<const std::uint8_t>) {
    return Result<KindCosts>(KindCosts{{BlockKind::bytes, 0}});
  });
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.value().size(), 2u);
  EXPECT_EQ(plan.value()[0], (PlannedBlock{BlockKind::bytes, 4 * copy.size()}));
  EXPECT_EQ(plan.value()[1], (PlannedBlock{BlockKind::stored, copy.size()}));
}

}  // namespace
}  // namespace ssmz::codec
