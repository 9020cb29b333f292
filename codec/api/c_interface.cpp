// SPDX-License-Identifier: Apache-2.0
// The C interface over the C++ one: versions, vocabularies, primes, coding.
#include <cstring>
#include <new>

#include "codec/api/c_handles.hpp"

static_assert(SSMZ_VERSION_MAJOR == ssmz::version_major && SSMZ_VERSION_MINOR == ssmz::version_minor &&
              SSMZ_VERSION_PATCH == ssmz::version_patch);
static_assert(SSMZ_PEEK_SIZE == ssmz::peek_size && SSMZ_NO_LIMIT == ssmz::no_limit);
static_assert(SSMZ_LEVEL_MIN == ssmz::lowest_level && SSMZ_LEVEL_MAX == ssmz::highest_level &&
              SSMZ_LEVEL_DEFAULT == ssmz::usual_level);
static_assert(static_cast<int>(ssmz::Code::prime_missing) == SSMZ_PRIME_MISSING);

struct ssmz_encoder {
  ssmz::Encoder coder;
  ssmz::Status last = {};
};

struct ssmz_decoder {
  ssmz::Decoder coder;
  ssmz::Status last = {};
  std::string prime_name = {};
};

namespace {

using ssmz::Code;
using ssmz::Result;
using ssmz::Status;
using ssmz::c_interface::code_of;
using ssmz::c_interface::created_with;
using ssmz::c_interface::make;
using ssmz::c_interface::options_of;
using ssmz::c_interface::readable;
using ssmz::c_interface::sink_of;
using ssmz::c_interface::without_exceptions;

/// A sink that fills a fixed room.
class Room {
 public:
  Room(std::uint8_t* start, std::size_t size) : start_(start), size_(size) {}
  [[nodiscard]] ssmz::Sink sink() {
    return [this](std::span<const std::uint8_t> bytes) -> Status {
      if (bytes.size() > size_ - used_)
        return {Code::output_limit, "the output does not fit in the room given"};
      if (!bytes.empty()) std::memcpy(start_ + used_, bytes.data(), bytes.size());
      used_ += bytes.size();
      return {};
    };
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::uint8_t* start_;
  std::size_t size_;
  std::size_t used_ = 0;
};

/// Runs the coder that `create` makes from input to output; the size is 0 unless all goes well.
template <class Create>
ssmz_code code_at_once(const std::uint8_t* in, std::size_t in_size, std::uint8_t* output,
                       std::size_t* output_size, const Create& create) {
  if (output_size == nullptr) return SSMZ_BAD_ARGUMENT;
  const std::size_t size = *output_size;
  *output_size = 0;
  if (!readable(in, in_size) || !readable(output, size)) return SSMZ_BAD_ARGUMENT;
  return code_of(without_exceptions([&]() -> Status {
    auto coder = create();
    if (!coder.ok()) return coder.status();
    Room room(output, size);
    Status status = coder.value().update({in, in_size}, room.sink());
    if (status.ok()) status = coder.value().finish(room.sink());
    if (status.ok()) *output_size = room.used();
    return status;
  }));
}

template <class Coder>
ssmz_code update(Coder* coder, const std::uint8_t* bytes, std::size_t size, ssmz_sink sink, void* context) {
  if (coder == nullptr || sink == nullptr || !readable(bytes, size)) return SSMZ_BAD_ARGUMENT;
  coder->last = coder->coder.update({bytes, size}, sink_of(sink, context));
  return code_of(coder->last);
}

template <class Coder>
ssmz_code finish(Coder* coder, ssmz_sink sink, void* context) {
  if (coder == nullptr || sink == nullptr) return SSMZ_BAD_ARGUMENT;
  coder->last = coder->coder.finish(sink_of(sink, context));
  return code_of(coder->last);
}

}  // namespace

extern "C" {

const char* ssmz_code_text(ssmz_code code) { return ssmz::to_string(static_cast<Code>(code)); }

const char* ssmz_code_name(ssmz_code code) { return ssmz::name_of(static_cast<Code>(code)); }

const char* ssmz_version(void) { return ssmz::version_string(); }

unsigned ssmz_version_number(void) { return SSMZ_VERSION_NUMBER; }

unsigned ssmz_frame_format_version(void) { return ssmz::frame_format_version(); }

ssmz_code ssmz_vocabulary_parse(const uint8_t* bytes, size_t size, ssmz_vocabulary** vocabulary) {
  if (!readable(bytes, size)) return SSMZ_BAD_ARGUMENT;
  return make(vocabulary, [&] { return ssmz::Vocabulary::parse({bytes, size}); });
}

ssmz_code ssmz_vocabulary_builtin(ssmz_vocabulary** vocabulary) {
  return make(vocabulary, [] { return ssmz::Vocabulary::builtin(); });
}

uint64_t ssmz_vocabulary_hash(const ssmz_vocabulary* vocabulary) {
  return vocabulary != nullptr ? vocabulary->vocabulary.hash() : 0;
}

void ssmz_vocabulary_free(ssmz_vocabulary* vocabulary) { delete vocabulary; }

ssmz_code ssmz_prime_create(const uint8_t* content, size_t size, const char* name, uint64_t limit,
                            ssmz_prime** prime) {
  if (!readable(content, size)) return SSMZ_BAD_ARGUMENT;
  return make(prime, [&] {
    return ssmz::Prime::create({content, size}, name != nullptr ? name : "",
                               limit != 0 ? limit : ssmz::usual_prime_limit);
  });
}

uint64_t ssmz_prime_hash(const ssmz_prime* prime) { return prime != nullptr ? prime->prime.hash() : 0; }

uint64_t ssmz_prime_memory(const ssmz_prime* prime) { return prime != nullptr ? prime->prime.memory() : 0; }

void ssmz_prime_free(ssmz_prime* prime) { delete prime; }

uint64_t ssmz_compress_bound(uint64_t size, uint64_t frame_size) {
  return ssmz::compress_bound(size, frame_size);
}

ssmz_code ssmz_ssm_problem(int level, const char* ssm, unsigned ssm_width, char* text, size_t size) {
  if (text == nullptr || size == 0) return SSMZ_BAD_ARGUMENT;
  text[0] = 0;
  const Result<std::string> problem = without_exceptions([&]() -> Result<std::string> {
    return ssmz::ssm_problem(level, ssm != nullptr ? ssm : "", ssm_width);
  });
  if (!problem.ok()) return code_of(problem.status());
  text[problem.value().copy(text, size - 1)] = 0;
  return problem.value().empty() ? SSMZ_OK : SSMZ_BAD_ARGUMENT;
}

ssmz_code ssmz_memory_needed(int level, uint64_t content_size, uint64_t memory_limit, uint64_t* bytes) {
  if (bytes == nullptr) return SSMZ_BAD_ARGUMENT;
  *bytes = 0;
  std::optional<std::uint64_t> size;
  if (content_size != SSMZ_SIZE_UNKNOWN) size = content_size;
  const Result<std::uint64_t> needed = ssmz::memory_needed(level, size, memory_limit);
  if (needed.ok()) *bytes = needed.value();
  return code_of(needed.status());
}

ssmz_code ssmz_compress_memory(const ssmz_compress_options* options, uint64_t* bytes) {
  if (bytes == nullptr) return SSMZ_BAD_ARGUMENT;
  *bytes = 0;
  return code_of(without_exceptions([&]() -> Status {
    const Result<ssmz::CompressOptions> whole = options_of(options);
    if (!whole.ok()) return whole.status();
    const Result<std::uint64_t> needed = ssmz::memory_needed(whole.value());
    if (needed.ok()) *bytes = needed.value();
    return needed.status();
  }));
}

ssmz_code ssmz_compress(const uint8_t* content, size_t content_size, uint8_t* output, size_t* output_size,
                        const ssmz_compress_options* options) {
  return code_at_once(content, content_size, output, output_size, [&]() -> Result<ssmz::Encoder> {
    Result<ssmz::CompressOptions> sized = options_of(options);
    if (!sized.ok()) return sized.status();
    if (!sized.value().content_size) sized.value().content_size = content_size;
    return ssmz::Encoder::create(sized.value());
  });
}

ssmz_code ssmz_decompress(const uint8_t* frames, size_t frames_size, uint8_t* output, size_t* output_size,
                          const ssmz_decompress_options* options) {
  return code_at_once(frames, frames_size, output, output_size,
                      [&] { return created_with<ssmz::Decoder>(options); });
}

ssmz_code ssmz_encoder_create(const ssmz_compress_options* options, ssmz_encoder** encoder) {
  return make(encoder, [&] { return created_with<ssmz::Encoder>(options); });
}

ssmz_code ssmz_encoder_update(ssmz_encoder* encoder, const uint8_t* content, size_t size, ssmz_sink sink,
                              void* context) {
  return update(encoder, content, size, sink, context);
}

ssmz_code ssmz_encoder_end_frame(ssmz_encoder* encoder, ssmz_sink sink, void* context) {
  if (encoder == nullptr || sink == nullptr) return SSMZ_BAD_ARGUMENT;
  encoder->last = encoder->coder.end_frame(sink_of(sink, context));
  return code_of(encoder->last);
}

ssmz_code ssmz_encoder_flush(ssmz_encoder* encoder, ssmz_sink sink, void* context) {
  if (encoder == nullptr || sink == nullptr) return SSMZ_BAD_ARGUMENT;
  encoder->last = encoder->coder.flush(sink_of(sink, context));
  return code_of(encoder->last);
}

ssmz_code ssmz_encoder_finish(ssmz_encoder* encoder, ssmz_sink sink, void* context) {
  return finish(encoder, sink, context);
}

uint64_t ssmz_encoder_content_given(const ssmz_encoder* encoder) {
  return encoder != nullptr ? encoder->coder.content_given() : 0;
}

const char* ssmz_encoder_detail(const ssmz_encoder* encoder) {
  return encoder != nullptr ? encoder->last.detail : "";
}

void ssmz_encoder_free(ssmz_encoder* encoder) { delete encoder; }

ssmz_code ssmz_decoder_create(const ssmz_decompress_options* options, ssmz_decoder** decoder) {
  return make(decoder, [&] { return created_with<ssmz::Decoder>(options); });
}

ssmz_code ssmz_decoder_update(ssmz_decoder* decoder, const uint8_t* frames, size_t size, ssmz_sink sink,
                              void* context) {
  return update(decoder, frames, size, sink, context);
}

ssmz_code ssmz_decoder_finish(ssmz_decoder* decoder, ssmz_sink sink, void* context) {
  return finish(decoder, sink, context);
}

const char* ssmz_decoder_detail(const ssmz_decoder* decoder) {
  return decoder != nullptr ? decoder->last.detail : "";
}

uint64_t ssmz_decoder_error_offset(const ssmz_decoder* decoder) {
  return decoder != nullptr ? decoder->last.offset : 0;
}

uint64_t ssmz_decoder_memory_needed(const ssmz_decoder* decoder) {
  return decoder != nullptr ? decoder->coder.memory_needed() : 0;
}

uint64_t ssmz_decoder_vocabulary_needed(const ssmz_decoder* decoder) {
  return decoder != nullptr ? decoder->coder.vocabulary_needed() : 0;
}

int ssmz_decoder_prime_needed(ssmz_decoder* decoder, uint64_t* hash, uint64_t* length, const char** name) {
  if (decoder == nullptr || decoder->last.code != Code::prime_missing) return 0;
  const Status status = without_exceptions([&]() -> Status {
    const std::optional<ssmz::PrimeInfo> prime = decoder->coder.prime_needed();
    if (!prime) return {Code::bad_state, "no prime was asked for"};
    decoder->prime_name = prime->name;
    if (hash != nullptr) *hash = prime->hash;
    if (length != nullptr) *length = prime->length;
    if (name != nullptr) *name = decoder->prime_name.c_str();
    return {};
  });
  return status.ok() ? 1 : 0;
}

void ssmz_decoder_free(ssmz_decoder* decoder) { delete decoder; }

}  // extern "C"
