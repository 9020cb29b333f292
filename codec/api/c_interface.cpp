// SPDX-License-Identifier: Apache-2.0
// The C interface over the C++ one.
#include <algorithm>
#include <cstring>
#include <new>

#include "codec/api/errors_to_values.hpp"
#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"

static_assert(SSMZ_VERSION_MAJOR == ssmz::version_major && SSMZ_VERSION_MINOR == ssmz::version_minor &&
              SSMZ_VERSION_PATCH == ssmz::version_patch);
static_assert(SSMZ_PEEK_SIZE == ssmz::peek_size);
static_assert(static_cast<int>(ssmz::Code::size_mismatch) == SSMZ_SIZE_MISMATCH);

struct ssmz_vocabulary {
  ssmz::Vocabulary vocabulary;
};

struct ssmz_encoder {
  ssmz::Encoder coder;
  ssmz::Status last = {};
};

struct ssmz_decoder {
  ssmz::Decoder coder;
  ssmz::Status last = {};
};

namespace {

using ssmz::Code;
using ssmz::Status;
using ssmz::interface_detail::without_exceptions;

ssmz_code code_of(const Status& status) { return static_cast<ssmz_code>(status.code); }

/// The caller's struct over the defaults, as far as the caller's version of it goes.
template <class Options>
Options completed(const Options* given, void (*init)(Options*)) {
  Options options;
  init(&options);
  if (given != nullptr) std::memcpy(&options, given, std::min(given->struct_size, sizeof(Options)));
  return options;
}

ssmz::Progress progress_of(ssmz_progress progress, void* context) {
  if (progress == nullptr) return {};
  return [=](std::uint64_t done) { return progress(context, done) == 0; };
}

ssmz::Sink sink_of(ssmz_sink sink, void* context) {
  return [=](std::span<const std::uint8_t> bytes) -> Status {
    if (sink(context, bytes.data(), bytes.size()) == 0) return {};
    return {Code::io_error, "the sink failed"};
  };
}

ssmz::CompressOptions options_of(const ssmz_compress_options* given) {
  const ssmz_compress_options from = completed(given, ssmz_compress_options_init);
  ssmz::CompressOptions options;
  options.level = from.level;
  options.threads = from.threads;
  options.memory_limit = from.memory_limit;
  options.frame_size = from.frame_size;
  options.checksum = from.checksum != 0;
  if (from.content_size != SSMZ_SIZE_UNKNOWN) options.content_size = from.content_size;
  if (from.vocabulary != nullptr) options.vocabulary = from.vocabulary->vocabulary;
  options.progress = progress_of(from.progress, from.progress_context);
  return options;
}

ssmz::DecompressOptions options_of(const ssmz_decompress_options* given) {
  const ssmz_decompress_options from = completed(given, ssmz_decompress_options_init);
  ssmz::DecompressOptions options;
  options.threads = from.threads;
  options.memory_limit = from.memory_limit;
  options.output_limit = from.output_limit;
  for (std::size_t i = 0; i < from.vocabulary_count; ++i) {
    options.vocabularies.push_back(from.vocabularies[i]->vocabulary);
  }
  options.progress = progress_of(from.progress, from.progress_context);
  return options;
}

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

template <class Coder>
ssmz_code code_at_once(ssmz::Result<Coder> coder, const std::uint8_t* in, std::size_t size,
                       std::uint8_t* output, std::size_t* output_size) {
  if (!coder.ok()) return code_of(coder.status());
  Room room(output, *output_size);
  Status status = coder.value().update({in, size}, room.sink());
  if (status.ok()) status = coder.value().finish(room.sink());
  *output_size = status.ok() ? room.used() : 0;
  return code_of(status);
}

/// Calls `body`, which makes an object, and hands it over.
template <class Object, class Body>
ssmz_code make(Object** object, const Body& body) {
  if (object == nullptr) return SSMZ_BAD_ARGUMENT;
  *object = nullptr;
  return code_of(without_exceptions([&]() -> Status {
    auto made = body();
    if (!made.ok()) return made.status();
    *object = new Object{std::move(made).value()};
    return {};
  }));
}

}  // namespace

extern "C" {

const char* ssmz_code_text(ssmz_code code) { return ssmz::to_string(static_cast<Code>(code)); }

const char* ssmz_version(void) { return ssmz::version_string(); }

unsigned ssmz_frame_format_version(void) { return ssmz::frame_format_version(); }

ssmz_code ssmz_vocabulary_parse(const uint8_t* bytes, size_t size, ssmz_vocabulary** vocabulary) {
  return make(vocabulary, [&] { return ssmz::Vocabulary::parse({bytes, size}); });
}

ssmz_code ssmz_vocabulary_builtin(ssmz_vocabulary** vocabulary) {
  return make(vocabulary, [] { return ssmz::Vocabulary::builtin(); });
}

uint64_t ssmz_vocabulary_hash(const ssmz_vocabulary* vocabulary) { return vocabulary->vocabulary.hash(); }

void ssmz_vocabulary_free(ssmz_vocabulary* vocabulary) { delete vocabulary; }

void ssmz_compress_options_init(ssmz_compress_options* options) {
  *options = {};
  options->struct_size = sizeof(*options);
  options->level = ssmz::usual_level;
  options->threads = 1;
  options->content_size = SSMZ_SIZE_UNKNOWN;
  options->checksum = 1;
}

void ssmz_decompress_options_init(ssmz_decompress_options* options) {
  *options = {};
  options->struct_size = sizeof(*options);
  options->threads = 1;
  options->output_limit = UINT64_MAX;
}

uint64_t ssmz_compress_bound(uint64_t size, uint64_t frame_size) {
  return ssmz::compress_bound(size, frame_size);
}

ssmz_code ssmz_memory_needed(int level, uint64_t content_size, uint64_t memory_limit, uint64_t* bytes) {
  std::optional<std::uint64_t> size;
  if (content_size != SSMZ_SIZE_UNKNOWN) size = content_size;
  const ssmz::Result<std::uint64_t> needed = ssmz::memory_needed(level, size, memory_limit);
  if (needed.ok()) *bytes = needed.value();
  return code_of(needed.status());
}

ssmz_code ssmz_compress(const uint8_t* content, size_t content_size, uint8_t* output, size_t* output_size,
                        const ssmz_compress_options* options) {
  return code_of(without_exceptions([&]() -> Status {
    ssmz::CompressOptions sized = options_of(options);
    if (!sized.content_size) sized.content_size = content_size;
    const ssmz_code code =
        code_at_once(ssmz::Encoder::create(sized), content, content_size, output, output_size);
    return {static_cast<Code>(code)};
  }));
}

ssmz_code ssmz_decompress(const uint8_t* frames, size_t frames_size, uint8_t* output, size_t* output_size,
                          const ssmz_decompress_options* options) {
  return code_of(without_exceptions([&]() -> Status {
    const ssmz_code code =
        code_at_once(ssmz::Decoder::create(options_of(options)), frames, frames_size, output, output_size);
    return {static_cast<Code>(code)};
  }));
}

ssmz_code ssmz_encoder_create(const ssmz_compress_options* options, ssmz_encoder** encoder) {
  return make(encoder, [&] { return ssmz::Encoder::create(options_of(options)); });
}

ssmz_code ssmz_encoder_update(ssmz_encoder* encoder, const uint8_t* content, size_t size, ssmz_sink sink,
                              void* context) {
  encoder->last = encoder->coder.update({content, size}, sink_of(sink, context));
  return code_of(encoder->last);
}

ssmz_code ssmz_encoder_finish(ssmz_encoder* encoder, ssmz_sink sink, void* context) {
  encoder->last = encoder->coder.finish(sink_of(sink, context));
  return code_of(encoder->last);
}

const char* ssmz_encoder_detail(const ssmz_encoder* encoder) { return encoder->last.detail; }

void ssmz_encoder_free(ssmz_encoder* encoder) { delete encoder; }

ssmz_code ssmz_decoder_create(const ssmz_decompress_options* options, ssmz_decoder** decoder) {
  return make(decoder, [&] { return ssmz::Decoder::create(options_of(options)); });
}

ssmz_code ssmz_decoder_update(ssmz_decoder* decoder, const uint8_t* frames, size_t size, ssmz_sink sink,
                              void* context) {
  decoder->last = decoder->coder.update({frames, size}, sink_of(sink, context));
  return code_of(decoder->last);
}

ssmz_code ssmz_decoder_finish(ssmz_decoder* decoder, ssmz_sink sink, void* context) {
  decoder->last = decoder->coder.finish(sink_of(sink, context));
  return code_of(decoder->last);
}

const char* ssmz_decoder_detail(const ssmz_decoder* decoder) { return decoder->last.detail; }

uint64_t ssmz_decoder_error_offset(const ssmz_decoder* decoder) { return decoder->last.offset; }

uint64_t ssmz_decoder_memory_needed(const ssmz_decoder* decoder) { return decoder->coder.memory_needed(); }

uint64_t ssmz_decoder_vocabulary_needed(const ssmz_decoder* decoder) {
  return decoder->coder.vocabulary_needed();
}

void ssmz_decoder_free(ssmz_decoder* decoder) { delete decoder; }

int ssmz_is_frame(const uint8_t* start, size_t size) { return ssmz::is_frame({start, size}) ? 1 : 0; }

ssmz_code ssmz_peek(const uint8_t* start, size_t size, ssmz_frame_info* info) {
  const ssmz::Result<ssmz::FrameInfo> peeked = ssmz::peek({start, size});
  if (!peeked.ok()) return code_of(peeked.status());
  const ssmz::FrameInfo& frame = peeked.value();
  ssmz_frame_info out{};
  out.struct_size = std::min(info->struct_size, sizeof(out));
  out.level = frame.level;
  out.content_size = frame.content_size.value_or(SSMZ_SIZE_UNKNOWN);
  out.memory_needed = frame.memory_needed;
  out.vocabulary = frame.vocabulary.value_or(0);
  out.has_checksum = frame.has_checksum ? 1 : 0;
  std::memcpy(info, &out, out.struct_size);
  return SSMZ_OK;
}

}  // extern "C"
