// SPDX-License-Identifier: Apache-2.0
// Decodes some frames of a file, and those that damage has left.
#include "src/work/partial_decompression.hpp"

#include <algorithm>

#include "src/machine/thread_plan.hpp"
#include "src/work/frame_file.hpp"

namespace ssmz::cli {

std::optional<ByteRange> PartJob::content_range(const FrameIndex& index) {
  if (options_.range) return options_.range;
  const std::vector<FrameIndex::Frame>& frames = index.frames();
  const NumberRange wanted = *options_.frames;
  if (wanted.first >= frames.size()) {
    messages_.error(file_, "--frames: there are " + std::to_string(frames.size()) + " frames, from 0 on");
    return std::nullopt;
  }
  const FrameIndex::Frame& first = frames[static_cast<std::size_t>(wanted.first)];
  const FrameIndex::Frame& last =
      frames[static_cast<std::size_t>(std::min<std::uint64_t>(wanted.last, frames.size() - 1))];
  return ByteRange{first.content_offset, last.content_offset + last.content_size - first.content_offset};
}

bool PartJob::run() {
  if (!input_.regular()) {
    messages_.error(file_, "--range and --frames need a regular file");
    return false;
  }
  const ReadAt reader = reader_of(input_.descriptor());
  const auto size = static_cast<std::uint64_t>(input_.attributes().st_size);
  const Result<FrameIndex> index = FrameIndex::read(size, reader);
  if (!index.ok()) return fail(index.status());
  const std::optional<ByteRange> range = content_range(index.value());
  if (!range) return false;
  if (options_.frames && !output_.seek(range->offset)) return fail({Code::io_error, "cannot write there"});
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    content_ += bytes.size();
    return output_.write(bytes);
  };
  const Status status = decompress_range(index.value(), reader, range->offset, range->length, sink,
                                         decoder_options(plan_threads(options_, 0, 0).threads));
  if (!status.ok()) return fail(status);
  for (const FrameIndex::Frame& frame : index.value().frames()) {
    const bool before = frame.content_offset + frame.content_size <= range->offset;
    if (!before && frame.content_offset < range->offset + content_) compressed_ += frame.size;
  }
  if (options_.range && range->length != no_limit && content_ < range->length) {
    messages_.warning(
        file_, "--range: the content ends after " + std::to_string(index.value().content_size()) + " bytes");
  }
  return true;
}

void RecoveryJob::tell_loss_before(const IntactFrame& frame) {
  const bool first_of_stream = !goes_on_ && frame.number == 0 && found_;
  const bool next_one = goes_on_ && frame.number == expected_ && frame.offset == good_end_;
  if (first_of_stream || next_one || (!found_ && frame.number == 0 && frame.offset == 0)) return;
  const std::uint64_t expected = goes_on_ ? expected_ : 0;
  std::string text =
      "bytes " + std::to_string(good_end_) + " to " + std::to_string(frame.offset) + " of the archive";
  if (frame.number > expected) {
    text += ", with frames " + std::to_string(expected) + " to " + std::to_string(frame.number - 1) + ",";
  }
  messages_.warning(file_, text + " are lost; what they held belongs before byte " +
                               std::to_string(content_) + " of the output");
}

void RecoveryJob::tell_loss_at_end(std::uint64_t size) {
  if (!goes_on_) return;
  messages_.warning(file_, "bytes " + std::to_string(good_end_) + " to " + std::to_string(size) +
                               " of the archive are lost, frame " + std::to_string(expected_) +
                               " and what followed it; they belong behind the output's end");
}

bool RecoveryJob::run() {
  if (!input_.regular()) {
    messages_.error(file_, "--recover: needs a regular file");
    return false;
  }
  const auto data = read_all(input_.descriptor());
  if (!data) return fail({Code::io_error, "reading failed"});
  const IntactFrameSink sink = [&](const IntactFrame& frame, std::span<const std::uint8_t> content) {
    if (frame.content_offset == 0) tell_loss_before(frame);
    found_ = true;
    good_end_ = frame.offset + frame.size;
    expected_ = frame.number + 1;
    goes_on_ = frame.frame_follows;
    content_ += content.size();
    return output_.write(content);
  };
  const Status status = recover(*data, sink, decoder_options(plan_threads(options_, 0, 0).threads));
  if (!status.ok()) return fail(status);
  if (!found_) {
    messages_.error(file_, "there is no intact frame in it");
    return false;
  }
  tell_loss_at_end(data->size());
  compressed_ = data->size();
  return true;
}

}  // namespace ssmz::cli
