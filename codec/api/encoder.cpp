// SPDX-License-Identifier: Apache-2.0
// The public encoder.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/plan.hpp"
#include "codec/frame/stream_encoder.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

using interface_detail::append_to;
using interface_detail::resolved_threads;
using interface_detail::without_exceptions;

struct Encoder::Parts : interface_detail::FirstFailure {
  explicit Parts(codec::StreamEncoderOptions options) : stream(std::move(options)) {}
  codec::StreamEncoder stream;
};

namespace {

Status check(const CompressOptions& options) {
  if (options.level < lowest_level || options.level > highest_level) {
    return {Code::bad_argument, "there is no such level"};
  }
  if (options.content_size && *options.content_size >= codec::varint_limit)
    return {Code::bad_argument, "a content size of 2^63 or more"};
  if (!ssm_problem(options.level, options.ssm, options.ssm_width).empty())
    return {Code::bad_argument, "the SSM's layers or their width are wrong (ssm_problem() says why)"};
  if (options.threads > most_threads) return {Code::bad_argument, "too many threads"};
  return {};
}

/// Of a frame of `size` bytes: the model, which reads the prime too. Errors: memory_limit.
Result<std::uint64_t> model_memory(const CompressOptions& options, std::uint64_t size) {
  const std::uint64_t prime = options.prime ? options.prime->info().length : 0;
  return memory_needed(options, size + prime);
}

}  // namespace

Result<std::uint64_t> memory_needed(const CompressOptions& options) {
  return without_exceptions([&]() -> Result<std::uint64_t> {
    if (const Status status = check(options); !status.ok()) return status;
    std::uint64_t frame = options.frame_size;
    if (frame == 0) frame = usual_frame_size(options.level).value();
    const std::uint64_t content = options.content_size.value_or(no_limit);
    frame = std::max<std::uint64_t>(1, std::min(frame, content));
    const Result<std::uint64_t> model = model_memory(options, frame);
    if (!model.ok()) return model;
    // Larger frames are not held whole and are coded one after the other.
    if (frame > codec::whole_frame_limit) return model.value() + codec::longest_window + codec::plan_window;
    const std::uint64_t frames = content / frame + (content % frame != 0 ? 1 : 0);
    const std::uint64_t together =
        std::max<std::uint64_t>(1, std::min<std::uint64_t>(resolved_threads(options.threads), frames));
    const std::uint64_t each = model.value() + 2 * frame;  // the content, and at most as much output
    // Threads wait to keep to a limit, but one frame is always coded, while the next one is collected.
    std::uint64_t coding = together * each;
    if (options.memory_limit != 0) coding = std::min(coding, std::max(each, options.memory_limit));
    return coding + (frames > 1 ? frame : 0);
  });
}

Encoder::Encoder(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

Result<Encoder> Encoder::create(const CompressOptions& options) {
  return without_exceptions([&]() -> Result<Encoder> {
    if (const Status status = check(options); !status.ok()) return status;
    Result<Vocabulary> vocabulary = options.vocabulary ? *options.vocabulary : Vocabulary::builtin();
    if (!vocabulary.ok()) return vocabulary.status();
    codec::StreamEncoderOptions stream{
        .level = options.level,
        .threads = resolved_threads(options.threads),
        .memory_limit = options.memory_limit,
        .frame_size = options.frame_size,
        .content_size = options.content_size,
        .ssm = codec::ssm_choice(options.level, options.ssm, options.ssm_width),
        .checksum = options.checksum,
        .vocabulary = vocabulary.value().held(),
        .prime = options.prime ? options.prime->held() : nullptr,
        .factory = codec::BlockCoder::factory(resolved_threads(options.threads)),
        .progress = options.progress};
    return Encoder(std::make_unique<Parts>(std::move(stream)));
  });
}

Status Encoder::update(std::span<const std::uint8_t> content, const Sink& sink) {
  return parts_->call([&] { return parts_->stream.update(content, sink); });
}

Status Encoder::end_frame(const Sink& sink) {
  return parts_->call([&] { return parts_->stream.end_frame(sink); });
}

Status Encoder::flush(const Sink& sink) {
  return parts_->call([&] { return parts_->stream.flush(sink); });
}

Status Encoder::finish(const Sink& sink) {
  return parts_->call([&] { return parts_->stream.finish(sink); });
}

std::uint64_t Encoder::content_given() const noexcept { return parts_->stream.content_given(); }

Status Encoder::update(std::span<const std::uint8_t> content, std::vector<std::uint8_t>& out) {
  return update(content, append_to(out));
}

Status Encoder::finish(std::vector<std::uint8_t>& out) { return finish(append_to(out)); }

Result<std::vector<std::uint8_t>> compress(std::span<const std::uint8_t> content,
                                           const CompressOptions& options) {
  return without_exceptions([&]() -> Result<std::vector<std::uint8_t>> {
    CompressOptions sized = options;
    if (!sized.content_size) sized.content_size = content.size();
    Result<Encoder> encoder = Encoder::create(sized);
    if (!encoder.ok()) return encoder.status();
    std::vector<std::uint8_t> out;
    if (const Status status = encoder.value().update(content, out); !status.ok()) return status;
    if (const Status status = encoder.value().finish(out); !status.ok()) return status;
    return out;
  });
}

}  // namespace ssmz
