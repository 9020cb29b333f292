// SPDX-License-Identifier: Apache-2.0
// The C interface in pieces of random sizes, with sinks and progress that stop it at random times: nothing
// leaks, what stopped stays stopped, what ran through comes back.
#include "ssmz/ssmz.h"
#include "tests/fuzz/fuzz_tiny.hpp"

namespace {

using ssmz::fuzz::Bytes;
using ssmz::fuzz::Input;
using ssmz::fuzz::require;

/// Takes output until `calls_left` calls have been made.
struct Taker {
  Bytes bytes;
  unsigned calls_left = 0;
};

int take(void* context, const std::uint8_t* bytes, std::size_t size) {
  auto& taker = *static_cast<Taker*>(context);
  if (taker.calls_left-- == 0) return 1;
  taker.bytes.insert(taker.bytes.end(), bytes, bytes + size);
  return 0;
}

int count_down(void* context, std::uint64_t) {
  auto& calls_left = *static_cast<unsigned*>(context);
  return calls_left-- == 0 ? 1 : 0;
}

ssmz_vocabulary* tiny() {
  static ssmz_vocabulary* vocabulary = [] {
    const Bytes file = ssmz::codec::samples::small_file();
    ssmz_vocabulary* parsed = nullptr;
    require(ssmz_vocabulary_parse(file.data(), file.size(), &parsed) == SSMZ_OK, "no vocabulary");
    return parsed;
  }();
  return vocabulary;
}

/// Calls until a choice of 255 stop nothing.
unsigned stop_after(Input& input) {
  const unsigned choice = input.choice();
  return choice < 64 ? choice : 1u << 30;
}

/// Gives `bytes` to an encoder or decoder in pieces and finishes; the status of the first call that fails,
/// which every call after it must repeat.
template <class Coder, class Update, class Finish>
ssmz_code run(Coder* coder, const Update& update, const Finish& finish, std::span<const std::uint8_t> bytes,
              std::size_t piece, Taker& taker) {
  ssmz_code code = SSMZ_OK;
  ssmz::fuzz::in_pieces(bytes, piece, [&](std::span<const std::uint8_t> part) {
    code = update(coder, part.data(), part.size(), take, &taker);
    return code == SSMZ_OK;
  });
  if (code != SSMZ_OK) {
    require(update(coder, nullptr, 0, take, &taker) == code, "an error is not final");
    return code;
  }
  return finish(coder, take, &taker);
}

ssmz_code encode(Input& input, Taker& taker) {
  ssmz_compress_options options;
  ssmz_compress_options_init(&options, sizeof(options));
  options.level = 1;
  options.vocabulary = tiny();
  options.frame_size = input.choice() * 16u;
  options.checksum = input.choice() % 2;
  const std::size_t piece = input.choice();
  unsigned progress_left = stop_after(input);
  options.progress = count_down;
  options.progress_context = &progress_left;
  taker.calls_left = stop_after(input);
  // Few frames: each takes its time to set up.
  const auto content = input.rest().first(std::min<std::size_t>(input.rest().size(), 400));
  if (options.frame_size > 0) options.frame_size = std::max<std::uint64_t>(options.frame_size, 128);
  ssmz_encoder* encoder = nullptr;
  require(ssmz_encoder_create(&options, &encoder) == SSMZ_OK, "no encoder");
  const ssmz_code code = run(encoder, ssmz_encoder_update, ssmz_encoder_finish, content, piece, taker);
  ssmz_encoder_free(encoder);
  return code;
}

ssmz_code decode(Input input, std::span<const std::uint8_t> frames, Taker& taker) {
  ssmz_decompress_options options;
  ssmz_decompress_options_init(&options, sizeof(options));
  const ssmz_vocabulary* vocabularies[] = {tiny()};
  options.vocabularies = vocabularies;
  options.vocabulary_count = 1;
  options.output_limit = 4096;
  const std::size_t piece = input.choice();
  unsigned progress_left = stop_after(input);
  options.progress = count_down;
  options.progress_context = &progress_left;
  taker.calls_left = stop_after(input);
  ssmz_decoder* decoder = nullptr;
  require(ssmz_decoder_create(&options, &decoder) == SSMZ_OK, "no decoder");
  const ssmz_code code = run(decoder, ssmz_decoder_update, ssmz_decoder_finish, frames, piece, taker);
  ssmz_decoder_free(decoder);
  return code;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Input decoding = input;
  Taker frames;
  const ssmz_code code = encode(input, frames);
  require(code == SSMZ_OK || code == SSMZ_IO_ERROR || code == SSMZ_CANCELLED, "encoding failed otherwise");
  Taker content;
  const ssmz_code back = decode(decoding, frames.bytes, content);
  if (code == SSMZ_OK) {
    require(back == SSMZ_OK || back == SSMZ_IO_ERROR || back == SSMZ_CANCELLED, "decoding failed otherwise");
  }
  const auto raw = input.rest().first(std::min<std::size_t>(input.rest().size(), 400));
  require(content.bytes.size() <= raw.size() &&
              std::equal(content.bytes.begin(), content.bytes.end(), raw.begin()),
          "other content");
  require(back != SSMZ_OK || content.bytes.size() == raw.size(), "content is missing, told as whole");
  return 0;
}
