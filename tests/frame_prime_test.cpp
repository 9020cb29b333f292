// SPDX-License-Identifier: Apache-2.0
// Frames over a prime: smaller, decoded only with it, the same whatever is done how.
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/little_endian.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/prime.hpp"
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

std::shared_ptr<const PrimeContent> prime_of(Bytes bytes, std::string_view name = "prime") {
  return std::make_shared<const PrimeContent>(std::move(bytes), name);
}

StreamEncoderOptions encoding_with(const std::shared_ptr<const PrimeContent>& prime,
                                   std::uint64_t frame_size = 1 << 20) {
  StreamEncoderOptions options = encoder_options(frame_size);
  options.prime = prime;
  return options;
}

StreamDecoderOptions decoding_with(const std::shared_ptr<const PrimeContent>& prime) {
  StreamDecoderOptions options = decoder_options();
  options.find_prime = [prime](const PrimeId& id) { return prime->id().same_content(id) ? prime : nullptr; };
  return options;
}

TEST(FramePrime, FramesAreSmallerAndComeBack) {
  const Bytes content = text_bytes(4000);
  const auto prime = prime_of(text_bytes(100000, 7));
  const Bytes primed = encode(content, encoding_with(prime));
  EXPECT_LT(primed.size(), encode(content).size());
  for (const unsigned threads : {1u, 3u}) {
    StreamDecoderOptions options = decoding_with(prime);
    options.threads = threads;
    expect_decodes_to(primed, content, options);
    const Bytes several = encode(content, encoding_with(prime, 1000));
    expect_decodes_to(several, content, options, 100);
  }
}

TEST(FramePrime, HoldsAnyMixtureOfKinds) {
  const Bytes mixture =
      joined({text_bytes(70000), random_bytes(200000), record_bytes(90000), text_bytes(30000)});
  const auto prime = prime_of(mixture);
  for (const Bytes& content : {Bytes{}, Bytes{1}, mixture, random_bytes(100000), record_bytes(5000)})
    expect_decodes_to(encode(content, encoding_with(prime)), content, decoding_with(prime));
  expect_decodes_to(encode(text_bytes(500), encoding_with(prime_of({'x'}))), text_bytes(500),
                    decoding_with(prime_of({'x'})));
}

TEST(FramePrime, AMissingPrimeIsNamed) {
  const auto prime = prime_of(text_bytes(3000), "dir/last week.tar");
  const auto other = prime_of(text_bytes(3000, 4));
  const Bytes frames = encode(text_bytes(2000), encoding_with(prime));
  for (const unsigned threads : {1u, 2u}) {
    for (StreamDecoderOptions options : {decoder_options(), decoding_with(other)}) {
      options.threads = threads;
      StreamDecoder decoder(options);
      Bytes out;
      Status status = decoder.update(frames, append_to(out));
      if (status.ok()) status = decoder.finish(append_to(out));
      EXPECT_EQ(status.code, Code::prime_missing);
      EXPECT_TRUE(out.empty());
      ASSERT_TRUE(decoder.needs().prime.has_value());
      EXPECT_TRUE(decoder.needs().prime->same_content(prime->id()));
      EXPECT_EQ(decoder.needs().prime->name, "dir/last week.tar");
    }
  }
}

TEST(FramePrime, NamesAreBounded) {
  const auto prime = prime_of(text_bytes(3000), std::string(5000, 'n'));
  EXPECT_EQ(prime->id().name.size(), max_prime_name);
  expect_decodes_to(encode(text_bytes(2000), encoding_with(prime)), text_bytes(2000), decoding_with(prime));
}

/// A frame whose header names a prime of `length` bytes and whose body begins with `steps`.
Bytes frame_with(std::uint64_t length, const std::vector<PrimeStep>& steps, const PrimeContent& prime) {
  FrameHeader header;
  header.model.emplace();
  header.model->parameters.level = 1;
  header.model->parameters.table_log2 = 18;
  header.model->prime = prime.id();
  header.model->prime->length = length;
  header.has_checksum = false;
  Bytes frame;
  append_frame_header(header, frame);
  for (const PrimeStep& step : steps)
    append_block_header({.type = step.type, .role = BlockRole::prime, .raw_size = step.size}, frame);
  append_block_header({.type = BlockKind::text, .raw_size = 1, .coded_size = 1}, frame);
  frame.push_back('x');
  append_block_header({.role = BlockRole::end}, frame);
  return frame;
}

TEST(FramePrime, RefusesStepsThatDoNotCoverIt) {
  const auto prime = prime_of(text_bytes(1000));
  const auto code_of = [&](const std::vector<PrimeStep>& steps) {
    Bytes out;
    return decode(frame_with(1000, steps, *prime), out, decoding_with(prime)).code;
  };
  constexpr BlockKind text = BlockKind::text, stored = BlockKind::stored;
  EXPECT_EQ(code_of({{text, 0}}), Code::ok);
  EXPECT_EQ(code_of({{text, 999}, {stored, 1}}), Code::ok);
  EXPECT_EQ(code_of({{stored, 400}, {text, 0}}), Code::ok);
  EXPECT_EQ(code_of({}), Code::data_damaged);
  EXPECT_EQ(code_of({{text, 999}}), Code::data_damaged);
  EXPECT_EQ(code_of({{text, 1001}}), Code::data_damaged);
  EXPECT_EQ(code_of({{text, 0}, {text, 1}}), Code::data_damaged);
  EXPECT_EQ(code_of({{text, 0}, {text, 0}}), Code::data_damaged);
  Bytes out;
  EXPECT_EQ(decode(frame_with(varint_limit - 1, {{text, 0}}, *prime), out, decoding_with(prime)).code,
            Code::prime_missing)
      << "a huge prime costs nothing";
}

TEST(FramePrime, APrimeMayOnlyBeShownInFront) {
  const auto prime = prime_of(text_bytes(1000));
  Bytes frame = frame_with(1000, {{BlockKind::text, 0}}, *prime);
  frame.pop_back();  // the end mark
  append_block_header({.type = BlockKind::text, .role = BlockRole::prime, .raw_size = 0}, frame);
  append_block_header({.role = BlockRole::end}, frame);
  Bytes out;
  EXPECT_EQ(decode(frame, out, decoding_with(prime)).code, Code::data_damaged);
}

}  // namespace
}  // namespace ssmz::codec
