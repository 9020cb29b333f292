// SPDX-License-Identifier: Apache-2.0
// Cuts a file into frames and codes one.
#include "src/mpi/frame_work.hpp"

#include <algorithm>
#include <utility>

#include "codec/frame/frame_encoder.hpp"

namespace ssmz::mpi {

std::vector<FrameTask> plan_compression(std::uint64_t size, std::uint64_t frame_size) {
  std::vector<FrameTask> tasks;
  std::uint64_t offset = 0;
  do {
    const std::uint64_t part = std::min(frame_size, size - offset);
    tasks.push_back({.number = tasks.size(),
                     .follows = offset + part < size,
                     .offset = offset,
                     .size = part,
                     .content_offset = offset,
                     .content_size = part});
    offset += part;
  } while (offset < size);
  return tasks;
}

std::vector<FrameTask> plan_decompression(const FrameIndex& index) {
  std::vector<FrameTask> tasks;
  for (const FrameIndex::Frame& frame : index.frames())
    tasks.push_back({.number = tasks.size(),
                     .follows = tasks.size() + 1 < index.frames().size(),
                     .offset = frame.offset,
                     .size = frame.size,
                     .content_offset = frame.content_offset,
                     .content_size = frame.content_size});
  return tasks;
}

Status encode_frame(const FrameTask& task, std::span<const std::uint8_t> content,
                    const CompressOptions& options, Bytes& frame) {
  const Result<Vocabulary> vocabulary = options.vocabulary ? *options.vocabulary : Vocabulary::builtin();
  if (!vocabulary.ok()) return vocabulary.status();
  codec::FrameEncoder encoder({.level = options.level,
                               .memory_limit = options.memory_limit,
                               .content_size = content.size(),
                               .ssm = codec::ssm_choice(options.level, options.ssm, options.ssm_width),
                               .number = task.number,
                               .checksum = options.checksum,
                               .vocabulary = vocabulary.value().held(),
                               .prime = options.prime ? options.prime->held() : nullptr,
                               .factory = codec::BlockCoder::factory(1)});
  const auto go_on = [](std::uint64_t) { return true; };
  const Sink sink = [&](std::span<const std::uint8_t> coded) -> Status {
    frame.insert(frame.end(), coded.begin(), coded.end());
    return {};
  };
  if (const Status status = encoder.update(content, sink, go_on); !status.ok()) return status;
  return encoder.finish(task.follows, sink, go_on);
}

}  // namespace ssmz::mpi
