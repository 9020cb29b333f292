// SPDX-License-Identifier: Apache-2.0
// The C interface over the C++ one: frames, indices, joining.
#include <algorithm>
#include <cstring>
#include <new>

#include "codec/api/c_handles.hpp"
#include "codec/frame/frame.hpp"

struct ssmz_index {
  ssmz::FrameIndex index;
};

struct ssmz_joiner {
  ssmz::Joiner joiner;
};

namespace {

using ssmz::Code;
using ssmz::Result;
using ssmz::Status;
using ssmz::c_interface::code_of;
using ssmz::c_interface::make;
using ssmz::c_interface::options_of;
using ssmz::c_interface::readable;
using ssmz::c_interface::sink_of;
using ssmz::c_interface::without_exceptions;

/// As much of what is known of a frame as the caller's struct holds.
ssmz_code give(const Result<ssmz::FrameInfo>& from, ssmz_frame_info* info) {
  if (!from.ok()) return code_of(from.status());
  const ssmz::FrameInfo& frame = from.value();
  ssmz_frame_info out{};
  out.struct_size = std::min(info->struct_size, sizeof(out));
  out.level = frame.level;
  out.content_size = frame.content_size.value_or(SSMZ_SIZE_UNKNOWN);
  out.memory_needed = frame.memory_needed;
  out.vocabulary = frame.vocabulary.value_or(0);
  out.has_checksum = frame.has_checksum ? 1 : 0;
  out.number = frame.number;
  out.prime = frame.prime ? frame.prime->hash : 0;
  out.prime_length = frame.prime ? frame.prime->length : 0;
  out.frame_size = frame.frame_size;
  out.frame_follows = frame.frame_follows ? 1 : 0;
  std::memcpy(static_cast<void*>(info), &out, out.struct_size);
  return SSMZ_OK;
}

bool asks_well(const std::uint8_t* start, std::size_t size, const ssmz_frame_info* info) {
  return readable(start, size) && info != nullptr && info->struct_size >= sizeof(info->struct_size);
}

ssmz::ReadAt reader_of(ssmz_read_at read, void* context) {
  return [=](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
    if (read(context, offset, out.data(), out.size()) == 0) return {};
    return {Code::io_error, "the reader failed"};
  };
}

}  // namespace

extern "C" {

int ssmz_is_frame(const uint8_t* start, size_t size) {
  return readable(start, size) && ssmz::is_frame({start, size}) ? 1 : 0;
}

ssmz_code ssmz_peek(const uint8_t* start, size_t size, ssmz_frame_info* info) {
  return asks_well(start, size, info) ? give(ssmz::peek({start, size}), info) : SSMZ_BAD_ARGUMENT;
}

ssmz_code ssmz_frame_measure(const uint8_t* start, size_t size, ssmz_frame_info* info) {
  return asks_well(start, size, info) ? give(ssmz::measure_frame({start, size}), info) : SSMZ_BAD_ARGUMENT;
}

ssmz_code ssmz_index_read(uint64_t size, ssmz_read_at read, void* context, ssmz_index** index) {
  if (read == nullptr) return SSMZ_BAD_ARGUMENT;
  return make(index, [&] { return ssmz::FrameIndex::read(size, reader_of(read, context)); });
}

uint64_t ssmz_index_content_size(const ssmz_index* index) {
  return index != nullptr ? index->index.content_size() : 0;
}

size_t ssmz_index_frame_count(const ssmz_index* index) {
  return index != nullptr ? index->index.frames().size() : 0;
}

ssmz_code ssmz_index_frame_at(const ssmz_index* index, size_t number, ssmz_index_frame* frame) {
  if (index == nullptr || frame == nullptr || number >= index->index.frames().size())
    return SSMZ_BAD_ARGUMENT;
  const ssmz::FrameIndex::Frame& from = index->index.frames()[number];
  *frame = {from.offset, from.size, from.content_offset, from.content_size};
  return SSMZ_OK;
}

void ssmz_index_free(ssmz_index* index) { delete index; }

ssmz_code ssmz_decompress_range(const ssmz_index* index, ssmz_read_at read, void* read_context,
                                uint64_t offset, uint64_t length, ssmz_sink sink, void* sink_context,
                                const ssmz_decompress_options* options) {
  if (index == nullptr || read == nullptr || sink == nullptr) return SSMZ_BAD_ARGUMENT;
  return code_of(without_exceptions([&]() -> Status {
    const Result<ssmz::DecompressOptions> whole = options_of(options);
    if (!whole.ok()) return whole.status();
    return ssmz::decompress_range(index->index, reader_of(read, read_context), offset, length,
                                  sink_of(sink, sink_context), whole.value());
  }));
}

ssmz_code ssmz_joiner_create(ssmz_joiner** joiner) {
  return make(joiner, [] { return ssmz::Joiner::create(); });
}

ssmz_code ssmz_joiner_update(ssmz_joiner* joiner, const uint8_t* streams, size_t size, ssmz_sink sink,
                             void* context) {
  if (joiner == nullptr || sink == nullptr || !readable(streams, size)) return SSMZ_BAD_ARGUMENT;
  return code_of(joiner->joiner.update({streams, size}, sink_of(sink, context)));
}

ssmz_code ssmz_joiner_finish(ssmz_joiner* joiner, ssmz_sink sink, void* context) {
  if (joiner == nullptr || sink == nullptr) return SSMZ_BAD_ARGUMENT;
  return code_of(joiner->joiner.finish(sink_of(sink, context)));
}

void ssmz_joiner_free(ssmz_joiner* joiner) { delete joiner; }

ssmz_code ssmz_skippable_header(uint32_t size, uint8_t* header) {
  if (header == nullptr) return SSMZ_BAD_ARGUMENT;
  static_assert(SSMZ_SKIPPABLE_HEADER_SIZE == ssmz::codec::skippable_header_size);
  std::ranges::copy(ssmz::codec::skippable_header(size), header);
  return SSMZ_OK;
}

}  // extern "C"
