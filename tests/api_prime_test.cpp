// SPDX-License-Identifier: Apache-2.0
// Primes through the public interface with the real models.
#include <gtest/gtest.h>

#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::record_bytes;
using test::text_bytes;

TEST(ApiPrime, MakesWhatResemblesItSmallAtEveryKindOfLevel) {
  const Bytes content = text_bytes(3000);
  const Prime prime = Prime::create(joined({text_bytes(2500), record_bytes(500)}), "old").value();
  for (const int level : {1, 5}) {
    CompressOptions options{.level = level};
    const Bytes plain = compress(content, options).value();
    options.prime = prime;
    const Bytes primed = compress(content, options).value();
    EXPECT_LT(primed.size(), plain.size() / 2);
    const auto back = decompress(primed, {.primes = {prime}});
    ASSERT_TRUE(back.ok()) << back.status().detail;
    EXPECT_TRUE(back.value() == content);
    EXPECT_EQ(decompress(primed).status().code, Code::prime_missing);
    const FrameInfo info = inspect(primed).value().front();
    ASSERT_TRUE(info.prime.has_value());
    EXPECT_EQ(info.prime->hash, prime.info().hash);
    EXPECT_EQ(info.prime->length, 3000u);
    EXPECT_EQ(info.prime->name, "old");
  }
}

// Such markup is text at -5 and bytes at -1: what one level planned is not for the other.
TEST(ApiPrime, IsTheSameWhateverLevelUsedItBefore) {
  std::string markup;
  for (unsigned i = 0; i < 100; ++i)
    markup += "<and><var id='" + std::to_string(i * 7 % 31) + "'/><integer val='" + std::to_string(i % 3) +
              "'/></and>\n";
  const Bytes content(markup.begin(), markup.end());
  const auto coded = [&](int level, const Prime& prime) {
    CompressOptions options{.level = level};
    options.prime = prime;
    return compress(content, options).value();
  };
  const Prime used = Prime::create(content).value();
  const Bytes before = coded(5, used);
  EXPECT_TRUE(coded(1, used) == coded(1, Prime::create(content).value()));
  EXPECT_TRUE(coded(5, used) == before);
}

TEST(ApiPrime, IsTheSameForAnyThreadCount) {
  const Bytes content = text_bytes(4000);
  const Prime prime = Prime::create(text_bytes(1500)).value();
  CompressOptions options{.level = 5, .frame_size = 1000};
  options.prime = prime;
  const Bytes one = compress(content, options).value();
  options.threads = 3;
  EXPECT_TRUE(compress(content, options).value() == one);
  EXPECT_TRUE(decompress(one, {.threads = 3, .primes = {prime}}).value() == content);
}

TEST(ApiPrime, RefusesWhatIsNoPrime) {
  EXPECT_EQ(Prime::create({}).status().code, Code::bad_argument);
  EXPECT_EQ(Prime::create(Bytes(101), "", 100).status().code, Code::bad_argument);
  EXPECT_TRUE(Prime::create(Bytes(100), "", 100).ok());
}

TEST(ApiPrime, IsNamedByADecoderThatHasNone) {
  const Prime prime = Prime::create(text_bytes(2000), "last week").value();
  CompressOptions options{.level = 1};
  options.prime = prime;
  const Bytes frames = compress(text_bytes(1000), options).value();
  Decoder decoder = Decoder::create().value();
  Bytes out;
  EXPECT_FALSE(decoder.prime_needed().has_value());
  EXPECT_EQ(decoder.update(frames, out).code, Code::prime_missing);
  ASSERT_TRUE(decoder.prime_needed().has_value());
  EXPECT_EQ(decoder.prime_needed()->hash, prime.info().hash);
  EXPECT_EQ(decoder.prime_needed()->name, "last week");
}

}  // namespace
}  // namespace ssmz
