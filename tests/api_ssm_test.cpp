// SPDX-License-Identifier: Apache-2.0
// Layers of the caller's choice through the public interface: every kind round-trips, what is wrong is
// refused.
#include <gtest/gtest.h>

#include "codec/frame/header.hpp"
#include "codec/levels/levels.hpp"
#include "model/zoo/all_layers.hpp"
#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::text_bytes;

CompressOptions with_layers(std::string stack, unsigned width = 32, int level = 1) {
  CompressOptions options{.level = level};
  options.ssm = std::move(stack);
  options.ssm_width = width;
  return options;
}

/// A stack in which the kind may stand: a memory unit reads what a layer below offers.
std::string stack_of(std::string_view kind) { return kind == "gmu" ? "s6 | gmu" : std::string(kind); }

TEST(ApiSsm, RoundTripsEveryKindOfLayer) {
  const Bytes content = text_bytes(700);
  const Bytes plain = compress(content, {.level = 1}).value();
  for (const model::LayerKind* kind : model::all_layers()) {
    CompressOptions options = with_layers(stack_of(kind->name));
    const auto frames = compress(content, options);
    ASSERT_TRUE(frames.ok()) << kind->name << ": " << frames.status().detail;
    EXPECT_FALSE(frames.value() == plain) << kind->name;
    const auto back = decompress(frames.value(), {.threads = 2});
    ASSERT_TRUE(back.ok()) << kind->name << ": " << back.status().detail;
    EXPECT_TRUE(back.value() == content) << kind->name;
    EXPECT_EQ(inspect(frames.value()).value().front().ssm, stack_of(kind->name));
    EXPECT_EQ(inspect(frames.value()).value().front().ssm_width, 32u);
    EXPECT_NE(ssm_layers().find(std::string(kind->name).append(": ")), std::string::npos);
  }
}

TEST(ApiSsm, EqualStacksGiveEqualFramesWithAnyNumberOfThreads) {
  const Bytes content = text_bytes(3000);
  const Bytes one = compress(content, with_layers("s6 | mlp:64")).value();
  CompressOptions other = with_layers(" s6|mlp : 64");
  other.threads = 2;
  EXPECT_TRUE(compress(content, other).value() == one);
}

TEST(ApiSsm, TheLevelsOwnLayersAreNotNamed) {
  const Bytes content = text_bytes(3000);
  const Bytes plain = compress(content, {.level = 5}).value();
  EXPECT_TRUE(compress(content, with_layers(" s6", 32, 5)).value() == plain);
  EXPECT_TRUE(compress(content, with_layers("", 32, 5)).value() == plain);
  EXPECT_TRUE(inspect(plain).value().front().ssm.empty());
  const Bytes wide = compress(content, with_layers("", 80, 5)).value();
  EXPECT_EQ(inspect(wide).value().front().ssm, "s6");
  EXPECT_EQ(decompress(wide).value(), content);
}

TEST(ApiSsm, SaysWhatIsWrongWithAStack) {
  EXPECT_EQ(ssm_problem(1, "s6 | nosuch", 0), "there is no layer called 'nosuch'");
  EXPECT_EQ(ssm_problem(1, "gmu", 64), "a GMU needs a layer below that offers memory");
  EXPECT_EQ(ssm_problem(1, "", 64), "the level has no layers to widen");
  EXPECT_EQ(ssm_problem(5, "", 64), "");
  for (const unsigned width : {8u, 40u, 1040u}) EXPECT_NE(ssm_problem(5, "s6", width), "") << width;
  for (const std::string& text :
       {std::string(256, 's'), std::string("s6:\n"), std::string("|"), std::string(" ")}) {
    EXPECT_NE(ssm_problem(5, text, 0), "") << text;
    EXPECT_EQ(compress(text_bytes(10), with_layers(text, 0, 5)).status().code, Code::bad_argument) << text;
    EXPECT_EQ(memory_needed(with_layers(text, 0, 5), 10).status().code, Code::bad_argument) << text;
  }
}

TEST(ApiSsm, MemoryIsThatOfTheLayersAndBounded) {
  const std::uint64_t size = 1 << 20;
  const std::uint64_t plain = memory_needed({.level = 1}, size).value();
  const std::uint64_t narrow = memory_needed(with_layers("s6"), size).value();
  const std::uint64_t wide = memory_needed(with_layers("s6", 512), size).value();
  EXPECT_LT(plain, narrow);
  EXPECT_LT(narrow, wide);
  // Without a limit the tables shrink until a decoder takes the frame without being told more.
  EXPECT_LE(memory_needed(with_layers("s6", 256, 9), std::nullopt).value(), usual_memory_limit());
  // What cannot shrink so far needs to be allowed, on both sides.
  CompressOptions huge = with_layers("swa:w4096 | swa:w4096", 1024);
  EXPECT_EQ(memory_needed(huge, size).status().code, Code::memory_limit);
  EXPECT_EQ(compress(text_bytes(500), huge).status().code, Code::memory_limit);
  huge.memory_limit = no_limit;
  EXPECT_GT(memory_needed(huge, size).value(), usual_memory_limit());
}

/// A frame of text whose header names the stack.
Bytes frame_naming(const codec::SsmChoice& ssm) {
  const Bytes frame = compress(text_bytes(400), with_layers("s6")).value();
  codec::Parsed<codec::FrameHeader> parsed = codec::parse_frame_header(frame).value();
  parsed.header.model->parameters.ssm = ssm;
  Bytes out;
  codec::append_frame_header(parsed.header, out);
  out.insert(out.end(), frame.begin() + static_cast<std::ptrdiff_t>(parsed.size), frame.end());
  return out;
}

TEST(ApiSsm, DecodersRefuseWhatIsOutOfBoundsOrTooLarge) {
  EXPECT_TRUE(decompress(frame_naming({"s6", 32, 0})).ok());
  EXPECT_EQ(decompress(frame_naming({"nosuch", 32, 0})).status().code, Code::header_damaged);
  EXPECT_EQ(decompress(frame_naming({"s6", 40, 0})).status().code, Code::header_damaged);
  EXPECT_EQ(decompress(frame_naming({"s6", 32, 17})).status().code, Code::header_damaged);
  EXPECT_EQ(decompress(frame_naming({"swa:w4096 | swa:w4096", 1024, 16})).status().code, Code::memory_limit);
}

TEST(ApiSsm, IsTheSameInC) {
  const Bytes content = text_bytes(600);
  ssmz_compress_options options;
  ssmz_compress_options_init(&options, sizeof(options));
  options.level = 1;
  options.ssm = "s5|mlp:32";
  options.ssm_width = 32;
  Bytes out(ssmz_compress_bound(content.size(), 0));
  std::size_t size = out.size();
  ASSERT_EQ(ssmz_compress(content.data(), content.size(), out.data(), &size, &options), SSMZ_OK);
  out.resize(size);
  EXPECT_TRUE(out == compress(content, with_layers("s5 | mlp:32")).value());
  options.ssm = "nosuch";
  EXPECT_EQ(ssmz_compress(content.data(), content.size(), out.data(), &size, &options), SSMZ_BAD_ARGUMENT);
  char text[16];
  EXPECT_EQ(ssmz_ssm_problem(1, "nosuch", 0, text, sizeof(text)), SSMZ_BAD_ARGUMENT);
  EXPECT_STREQ(text, "there is no lay");
  EXPECT_EQ(ssmz_ssm_problem(1, "s6", 0, text, sizeof(text)), SSMZ_OK);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(ssmz_ssm_problem(1, "s6", 0, nullptr, 0), SSMZ_BAD_ARGUMENT);
}

}  // namespace
}  // namespace ssmz
