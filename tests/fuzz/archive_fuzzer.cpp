// SPDX-License-Identifier: Apache-2.0
// Index and joiner over streams made from the input, then edited and mended: the index names frames that are
// there, as inspect() lists them; what is joined is one stream of the same frames, the same for any pieces.
#include "codec/frame/stream_encoder.hpp"
#include "ssmz/archive.hpp"
#include "tests/fake_coder.hpp"
#include "tests/fuzz/fuzz_mend.hpp"
#include "tests/fuzz/fuzz_tiny.hpp"

namespace {

using ssmz::FrameIndex;
using ssmz::FrameInfo;
using ssmz::Status;
using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;

ssmz::Sink append_to(Bytes& out) {
  return [&out](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return Status{};
  };
}

/// A stream in frames of `frame_size`.
void append_stream(std::span<const std::uint8_t> content, std::uint64_t frame_size, Bytes& out) {
  ssmz::codec::StreamEncoderOptions options;
  options.frame_size = frame_size;
  options.vocabulary = std::make_shared<const ssmz::codec::Vocabulary>();
  options.factory = ssmz::codec::test::fake_factory();
  ssmz::codec::StreamEncoder encoder(options);
  require(encoder.update(content, append_to(out)).ok(), "encoding failed");
  require(encoder.finish(append_to(out)).ok(), "encoding failed");
}

void check_index(std::span<const std::uint8_t> archive, const ssmz::Result<std::vector<FrameInfo>>& listed) {
  const ssmz::ReadAt read = [&](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
    require(offset <= archive.size() && out.size() <= archive.size() - offset, "reads beyond the archive");
    std::copy_n(archive.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  };
  const auto index = FrameIndex::read(archive.size(), read);
  require(index.ok() || !listed.ok(), "what lists has no index");
  if (!index.ok()) return;
  const std::vector<FrameIndex::Frame>& frames = index.value().frames();
  std::uint64_t end = 0;
  std::uint64_t content = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const FrameIndex::Frame& frame = frames[i];
    require(frame.offset >= end && frame.size <= archive.size() - frame.offset, "a frame is not there");
    require(frame.content_offset == content, "contents are not in a row");
    if (frame.content_size != 0) require(index.value().frame_at(content) == i, "a byte of another frame");
    end = frame.offset + frame.size;
    content += frame.content_size;
  }
  require(index.value().content_size() == content, "another size");
  require(index.value().frame_at(content) == frames.size(), "a byte behind the end");
  if (!listed.ok()) return;
  require(listed.value().size() == frames.size(), "another number of frames");
  for (std::size_t i = 0; i < frames.size(); ++i) {
    require(listed.value()[i].offset == frames[i].offset && listed.value()[i].frame_size == frames[i].size,
            "another place");
  }
}

Status join(std::span<const std::uint8_t> streams, std::size_t piece, Bytes& out) {
  auto joiner = ssmz::Joiner::create();
  require(joiner.ok(), "no joiner");
  Status status;
  ssmz::fuzz::in_pieces(streams, piece, [&](std::span<const std::uint8_t> part) {
    status = joiner.value().update(part, append_to(out));
    return status.ok();
  });
  return status.ok() ? joiner.value().finish(append_to(out)) : status;
}

void check_joined(std::span<const std::uint8_t> streams, std::size_t piece,
                  const ssmz::Result<std::vector<FrameInfo>>& listed) {
  Bytes whole;
  Bytes pieces;
  const Status status = join(streams, 0, whole);
  require(join(streams, piece, pieces).code == status.code, "pieces change the status");
  require(!status.ok() || pieces == whole, "pieces change the stream");
  require(status.ok() || !listed.ok(), "what lists does not join");
  if (!status.ok()) return;
  const auto again = ssmz::inspect(whole);
  require(again.ok(), "what was joined does not list");
  if (!listed.ok()) return;
  require(again.value().size() == listed.value().size(), "another number of frames");
  for (std::size_t i = 0; i < again.value().size(); ++i) {
    const FrameInfo& frame = again.value()[i];
    require(frame.number == i && frame.frame_follows == (i + 1 < again.value().size()), "not one stream");
    require(frame.content_size == listed.value()[i].content_size, "another content");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const unsigned shape = input.choice();
  const std::size_t piece = 1 + input.choice() % 64u;
  const std::uint64_t frame_size = 8 + std::uint64_t{input.choice()} * 2;
  ssmz::fuzz::Input edits = input;
  const auto content = input.rest().first(std::min<std::size_t>(input.rest().size(), 1000));
  Bytes archive;
  if (shape % 2 != 0) append_stream(content.first(content.size() / 2), frame_size / 2, archive);
  if (shape % 4 >= 2)
    require(ssmz::append_skippable(content.first(content.size() / 3), archive).ok(), "skippable");
  append_stream(content, frame_size, archive);
  if (shape % 8 >= 4) archive.resize(archive.size() + 5);  // zeros behind
  const bool edited = ssmz::fuzz::edit(edits, archive);
  if (shape >= 64) archive = ssmz::fuzz::with_header_checks(archive);
  if (shape >= 128) archive = ssmz::fuzz::with_seek_table(archive);
  const auto listed = ssmz::inspect(archive);
  require(edited || shape >= 64 || listed.ok(), "what was made does not list");
  check_index(archive, listed);
  check_joined(archive, piece, listed);
  return 0;
}
