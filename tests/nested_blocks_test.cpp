// SPDX-License-Identifier: Apache-2.0
// Blocks of a transform's plain bytes: each kind in a compressed archive has its own, and hostile ones cost
// no more than others.
#include "codec/frame/nested_blocks.hpp"

#include <gtest/gtest.h>

#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/transform.hpp"
#include "tests/fake_coder.hpp"
#include "tests/frame_rig.hpp"
#include "tests/gzip_file.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::deflated;
using ssmz::test::gzip_file;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

const Progress go_on = [](std::uint64_t) { return true; };

/// The header of a frame for so much content, without checksum.
Bytes frame_start(std::uint64_t size) {
  FrameHeader header;
  header.has_checksum = false;
  header.model.emplace();
  header.model->parameters = *parameters_for(1, size, 0);
  Bytes frame;
  append_frame_header(header, frame);
  return frame;
}

/// Smooth samples, which have a header.
Bytes greymap() {
  Bytes picture = bytes_of("P5\n128 96\n255\n");
  const Bytes noise = random_bytes(std::size_t{128} * 96);
  for (std::size_t i = 0; i < noise.size(); ++i)
    picture.push_back(static_cast<std::uint8_t>(i % 128 + i / 128 / 2 + noise[i] % 8));
  return picture;
}

TransformLayout nested_layout(std::size_t plain) {
  return {.transform = Transform::deflated,
          .kind = TransformLayout::blocks,
          .line = packed({6, DeflateWriter::zlib}),
          .plain_size = static_cast<std::uint32_t>(plain)};
}

TEST(NestedBlocks, MembersOfACompressedArchiveHaveTheirKinds) {
  const Bytes archive = joined({text_bytes(30000), greymap(), text_bytes(20000, 2), record_bytes(20000)});
  const Bytes file = gzip_file(archive);
  EXPECT_LE(packed_size(file), packed_size(archive) + 64);
}

// A picture of more bytes than a block's header can say.
TEST(NestedBlocks, GoOnInTheNextOne) {
  constexpr unsigned width = 4096, rows = max_block_size / width + 30;
  Bytes picture = bytes_of("P5\n4096 " + std::to_string(rows) + "\n255\n");
  const Bytes noise = random_bytes(10007);
  for (std::size_t i = 0; i < std::size_t{width} * rows; ++i)
    picture.push_back(static_cast<std::uint8_t>(i % width / 32 + noise[i % noise.size()] % 4));
  const Bytes file = gzip_file(picture, 1);
  IncompressibilityProbe probe;
  RegionFinder regions;
  test::FakeCoder coder;
  const auto plan = plan_blocks(file, probe, regions, [&](std::span<const std::uint8_t> segment) {
    return Result<KindCosts>(coder.kind_costs(segment));
  });
  ASSERT_TRUE(plan.ok());
  std::vector<PlannedBlock> pixels;
  for (const PlannedBlock& block : plan.value())
    for (const PlannedBlock& inner : block.blocks)
      if (inner.type.kind == BlockKind::picture) pixels.push_back(inner);
  ASSERT_EQ(pixels.size(), 2u);
  EXPECT_EQ(pixels[0].size, max_block_size / 6 * 6) << "whole samples of any size";
  EXPECT_EQ(pixels[0].size + pixels[1].size, std::size_t{width} * rows);
  EXPECT_EQ(pixels[0].type.layout | 1, pixels[1].type.layout);
}

TEST(NestedBlocks, AreTwoDeepAndNoMore) {
  Bytes archive = joined({text_bytes(20000), greymap()});
  for (unsigned depth = 1; depth <= 4; ++depth) {
    archive = joined({text_bytes(9000, depth), gzip_file(archive)});
    const std::size_t size = packed_size(archive);
    EXPECT_LT(size, archive.size());
  }
}

TEST(NestedBlocks, ThatDoNotPayTakeNoMoreThanTheContent) {
  // What deflate made small and this coder makes long: it knows bytes one by one only.
  Bytes content = random_bytes(plan_window);  // else the whole would be stored
  for (unsigned i = 0; i < 4; ++i) {
    const Bytes page = random_bytes(4000, i);
    Bytes plain = text_bytes(5000);
    for (unsigned k = 0; k < 40; ++k) plain.insert(plain.end(), page.begin(), page.end());
    content = joined({content, gzip_file(joined({plain, greymap()})), random_bytes(1000, i)});
  }
  const Bytes frames = test::encode(content);
  FrameParser parser(FrameParser::BlockData::keep);
  unsigned anew = 0;
  for (std::span<const std::uint8_t> in = frames;;) {
    const auto event = parser.next(in);
    ASSERT_TRUE(event.ok());
    if (event.value() == FrameParser::Event::end) break;
    anew += event.value() == FrameParser::Event::anew;
  }
  EXPECT_EQ(anew, 1u);
  EXPECT_LE(frames.size(), content.size() + content.size() / 2048 + 100);
  Bytes back;
  EXPECT_TRUE(test::decode(frames, back).ok());
  EXPECT_EQ(back, content);
}

// Of what no model knows better than deflate nothing is learned that would have to be given up.
TEST(NestedBlocks, OfNoiseStayAsTheyAre) {
  Bytes noise = random_bytes(70000);
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(byte % 240);
  const Bytes archive = gzip_file(joined({text_bytes(20000), greymap()})), file = gzip_file(noise);
  ASSERT_LT(file.size(), noise.size());
  EXPECT_LE(packed_size(joined({file, text_bytes(2000), archive, text_bytes(2000, 3)})),
            packed_size(joined({archive, text_bytes(2000), file, text_bytes(2000, 3)})) + 512);
}

TEST(NestedBlocks, AttachedFilesAreCodedAsTheyAreThemselves) {
  const Bytes file = gzip_file(joined({text_bytes(30000), greymap()}));
  const TransformLayout lines{.transform = Transform::base64, .ends_line = true, .line = 76};
  Bytes mail = text_bytes(3000);
  const std::size_t digits = (file.size() + 2) / 3 * 4;
  mail.push_back('\n');
  ASSERT_TRUE(append_written(lines, file, digits + (digits + 75) / 76, mail));
  EXPECT_LE(packed_size(mail), packed_size(joined({text_bytes(3000), file})) + 64);
}

/// A block of deflated content with these blocks in it.
struct Hand {
  Bytes plain, stream, data;

  explicit Hand(const Bytes& content) : plain(content), stream(deflated(content)) {}

  void add(BlockType type, std::size_t size, const Bytes& coded) {
    append_block_header({.type = type,
                         .raw_size = static_cast<std::uint32_t>(size),
                         .coded_size = static_cast<std::uint32_t>(coded.size())},
                        data);
    data.insert(data.end(), coded.begin(), coded.end());
  }
  [[nodiscard]] Status decode(Bytes& raw) const {
    test::FakeCoder coder;
    const BlockHeader block{.type = {BlockKind::transformed, nested_layout(plain.size()).packed()},
                            .raw_size = static_cast<std::uint32_t>(stream.size()),
                            .coded_size = static_cast<std::uint32_t>(data.size())};
    return decode_block(coder, block, data, raw, go_on);
  }
  [[nodiscard]] bool comes_back() const {
    Bytes raw;
    return decode(raw).ok() && raw == stream;
  }
};

TEST(NestedBlocks, AreReadAsTheyAreWritten) {
  const Bytes text = text_bytes(3000);
  Hand whole(text);
  whole.add(BlockKind::stored, 0, text);
  EXPECT_TRUE(whole.comes_back()) << "the rest";
  Hand two(text);
  two.add(BlockKind::stored, 1000, Bytes(text.begin(), text.begin() + 1000));
  two.add(BlockKind::bytes, 2000, Bytes(text.begin() + 1000, text.end()));
  EXPECT_TRUE(two.comes_back()) << "content as it is, which the model sees";
  Hand deeper(joined({bytes_of("front"), whole.stream}));
  deeper.add(BlockKind::stored, 5, bytes_of("front"));
  deeper.add({BlockKind::transformed, nested_layout(text.size()).packed()}, 0, whole.data);
  EXPECT_TRUE(deeper.comes_back());
  Hand deepest(deeper.stream);
  deepest.add({BlockKind::transformed, nested_layout(deeper.plain.size()).packed()}, 0, deeper.data);
  EXPECT_FALSE(deepest.comes_back()) << "three deep";
}

TEST(NestedBlocks, OfOtherSizesAreRefused) {
  const Bytes text = text_bytes(3000);
  const auto refused = [&](auto&& change) {
    Hand hand(text);
    change(hand);
    Bytes raw;
    return hand.decode(raw).code == Code::data_damaged;
  };
  const auto all = [&](Hand& hand) { hand.add(BlockKind::stored, 3000, text); };
  EXPECT_TRUE(refused([](Hand&) {})) << "nothing";
  EXPECT_TRUE(refused([&](Hand& hand) { all(hand), hand.data.push_back(0); })) << "more";
  EXPECT_TRUE(refused([&](Hand& hand) { all(hand), hand.data.pop_back(); })) << "cut off";
  EXPECT_TRUE(refused([&](Hand& hand) { hand.add(BlockKind::stored, 3001, text_bytes(3001)); }));
  EXPECT_TRUE(refused([&](Hand& hand) {
    hand.add(BlockKind::stored, 1, {'a'});
    hand.add({BlockKind::copy, 1}, 2999, {});
  })) << "a copy";
  EXPECT_TRUE(refused([&](Hand& hand) { append_block_header({.role = BlockRole::end}, hand.data); }));
  EXPECT_TRUE(refused([&](Hand& hand) { append_block_header({.role = BlockRole::anew}, hand.data); }));
  EXPECT_TRUE(refused([&](Hand& hand) { hand.add(BlockKind::stored, 3000, text_bytes(3000, 9)); }))
      << "what is written otherwise";
}

TEST(NestedBlocks, OfTooManyPlainBytesAreRefused) {
  // Lines of CR LF make nothing longer, but each of many small blocks says that it is of much.
  Hand hand(Bytes(60000, '\n'));
  const TransformLayout much{.transform = Transform::deflated,
                             .kind = static_cast<std::uint8_t>(BlockKind::bytes),
                             .line = packed({6, DeflateWriter::zlib}),
                             .plain_size = 1u << 20};
  for (unsigned i = 0; i < 3; ++i) hand.add({BlockKind::transformed, much.packed()}, 20000, Bytes(100));
  Bytes raw;
  EXPECT_EQ(hand.decode(raw).code, Code::data_damaged);
}

/// Plain bytes of the transforms in a planned block, its own with them.
std::uint64_t plain_size(const PlannedBlock& block) {
  std::uint64_t sum = 0;
  if (block.type.kind == BlockKind::transformed)
    sum = TransformLayout::unpacked(block.type.layout).plain_size;
  for (const PlannedBlock& inner : block.blocks) sum += plain_size(inner);
  return sum;
}

// Streams of much content in a stream of much content: an encoder stops where decoders would refuse, and
// before it has worked on all that there is.
TEST(NestedBlocks, AreNotOfMoreThanDecodersTake) {
  Bytes content;
  for (unsigned i = 0; i < 20; ++i) content = joined({content, text_bytes(3000), {'\r', '\n'}});
  Bytes archive;
  const Bytes member = gzip_file(content);
  for (unsigned i = 0; i < 100; ++i) archive = joined({archive, member, text_bytes(20, i)});
  const Bytes file = gzip_file(archive);
  ASSERT_GT(100 * content.size(), 2 * most_nested_plain(file.size()));
  IncompressibilityProbe probe;
  RegionFinder regions;
  std::uint64_t estimated = 0;
  test::FakeCoder coder;
  const auto plan = plan_blocks(file, probe, regions, [&](std::span<const std::uint8_t> segment) {
    estimated += segment.size();
    return Result<KindCosts>(coder.kind_costs(segment));
  });
  ASSERT_TRUE(plan.ok());
  bool nested = false;
  for (const PlannedBlock& block : plan.value()) {
    nested = nested || is_nested(block.type);
    EXPECT_LE(plain_size(block), most_nested_plain(block.size));
  }
  EXPECT_TRUE(nested);
  EXPECT_LE(estimated, 3 * most_nested_plain(file.size()));
  const Bytes two = joined({file, file, text_bytes(1000)});
  const Bytes frames = test::encode(two);
  Bytes back;
  EXPECT_TRUE(test::decode(frames, back).ok());
  EXPECT_EQ(back, two);
}

TEST(NestedBlocks, ThatCannotBeWrittenSoAreRefusedBeforeTheyAreLookedAt) {
  Hand hand(Bytes(3000, '\n'));
  const TransformLayout lines{
      .kind = static_cast<std::uint8_t>(BlockKind::text), .crlf = true, .plain_size = 100};
  hand.add({BlockKind::transformed, lines.packed()}, 3000, Bytes(3000, '\n'));
  Bytes raw;
  EXPECT_EQ(hand.decode(raw).code, Code::data_damaged);
}

// What would come at the end only.
TEST(NestedBlocks, OfMoreContentThanIsWantedAreNotDecoded) {
  const Bytes text = text_bytes(60000);
  Hand hand(text);
  hand.add(BlockKind::stored, 0, text);
  Bytes frame = frame_start(60000);
  append_block_header({.type = {BlockKind::transformed, nested_layout(text.size()).packed()},
                       .raw_size = static_cast<std::uint32_t>(hand.stream.size()),
                       .coded_size = static_cast<std::uint32_t>(hand.data.size())},
                      frame);
  frame = joined({frame, hand.data});
  append_block_header({.role = BlockRole::end}, frame);
  for (const std::size_t less : {0u, 1u}) {
    int made = 0;
    StreamDecoderOptions options = test::decoder_options();
    options.output_limit = hand.stream.size() - less;
    options.factory = test::fake_factory(&made);
    StreamDecoder decoder(options);
    Bytes back;
    EXPECT_EQ(decoder.update(frame, test::append_to(back)).code, less == 0 ? Code::ok : Code::output_limit);
    EXPECT_EQ(made, less == 0 ? 1 : 0);
    EXPECT_EQ(back, less == 0 ? hand.stream : Bytes());
  }
}

TEST(NestedBlocks, AModelStartsAnewOnceAFrame) {
  Bytes frame = frame_start(2000);
  const auto block = [&] {
    append_block_header({.type = BlockKind::bytes, .raw_size = 1000, .coded_size = 1000}, frame);
    frame = joined({frame, text_bytes(1000)});
  };
  const auto decodes = [&] {
    Bytes whole = frame, out;
    append_block_header({.role = BlockRole::end}, whole);
    return test::decode(whole, out).ok();
  };
  block();
  append_block_header({.role = BlockRole::anew}, frame);
  block();
  EXPECT_TRUE(decodes());
  append_block_header({.role = BlockRole::anew}, frame);
  EXPECT_FALSE(decodes());
}

}  // namespace
}  // namespace ssmz::codec
