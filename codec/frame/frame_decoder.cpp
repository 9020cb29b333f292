// SPDX-License-Identifier: Apache-2.0
// Decodes the blocks a FrameParser finds and checks the content.
#include "codec/frame/frame_decoder.hpp"

#include <algorithm>

namespace ssmz::codec {

Status check_frame_needs(const FrameHeader& header, const FrameDecoderOptions& options, FrameNeeds& needs,
                         std::shared_ptr<const Vocabulary>& vocabulary) {
  needs = {};
  if (!header.model) return {};
  needs = {.memory = memory_needed(header.model->parameters), .vocabulary = header.model->vocabulary_hash};
  if (options.memory_limit != 0 && needs.memory > options.memory_limit) {
    return {Code::memory_limit, "the frame's model does not fit in the memory limit"};
  }
  vocabulary = options.find_vocabulary(needs.vocabulary);
  if (vocabulary == nullptr) return {Code::vocabulary_missing, "the frame needs another vocabulary"};
  return {};
}

Status FrameDecoder::update(std::span<const std::uint8_t>& in, const Sink& sink, const Progress& progress) {
  while (!ended_) {
    const Result<FrameParser::Event> event = parser_.next(in);
    if (!event.ok()) return event.status();
    Status status;
    switch (event.value()) {
      case FrameParser::Event::need_input: return {};
      case FrameParser::Event::header: status = check_header(); break;
      case FrameParser::Event::block: status = decode_block(sink, progress); break;
      case FrameParser::Event::end:
        ended_ = true;
        status = check_content();
        break;
    }
    if (!status.ok()) return status;
  }
  return {};
}

Status FrameDecoder::check_header() {
  return check_frame_needs(parser_.header(), options_, needs_, vocabulary_);
}

Status FrameDecoder::make_coder() {
  if (coder_) return {};
  Result<std::unique_ptr<BlockCoder>> made =
      options_.factory(parser_.header().model->parameters, vocabulary_);
  if (!made.ok()) return made.status();
  coder_ = std::move(made).value();
  return {};
}

Status FrameDecoder::decode_block(const Sink& sink, const Progress& progress) {
  const BlockHeader& block = parser_.block();
  const std::span<const std::uint8_t> data = parser_.block_data();
  if (block.type.kind != BlockKind::stored) {
    if (const Status status = make_coder(); !status.ok()) return status;
  }
  Status status;
  if (block.coded_size != block.raw_size) {
    status = decode_coded(data, sink, progress);
  } else {
    status = give(data, sink);
    if (status.ok() && block.type.kind != BlockKind::stored) {
      // Content as it is, but the encoder's model has seen it: show it to this one by coding it to nowhere.
      const auto still_wanted = [&](std::uint64_t) { return !progress || progress(content_); };
      replayed_.clear();
      status = coder_->encode(block.type, data, replayed_, still_wanted);
    }
  }
  if (!status.ok()) return status;
  return !progress || progress(content_) ? Status{} : Status{Code::cancelled, "the caller asked to stop"};
}

Status FrameDecoder::decode_coded(std::span<const std::uint8_t> data, const Sink& sink,
                                  const Progress& progress) {
  const BlockHeader& block = parser_.block();
  std::size_t given = 0;
  Status giving;
  const auto give_new = [&] {
    giving = give(std::span(raw_).subspan(given), sink);
    given = raw_.size();
    return giving.ok();
  };
  raw_.clear();
  const Status status = coder_->decode(block.type, data, block.raw_size, raw_, [&](std::uint64_t) {
    return give_new() && (!progress || progress(content_));
  });
  if (!giving.ok()) return giving;
  if (!status.ok()) return status;
  if (raw_.size() != block.raw_size) return {Code::data_damaged, "a block has another size than it says"};
  give_new();
  return giving;
}

Status FrameDecoder::give(std::span<const std::uint8_t> content, const Sink& sink) {
  if (content.empty()) return {};
  checksum_.update(content);
  content_ += content.size();
  return sink(content);
}

Status FrameDecoder::check_content() const {
  const std::optional<std::uint64_t> expected = parser_.checksum();
  if (expected && *expected != checksum_.digest())
    return {Code::data_damaged, "the content's checksum differs"};
  return {};
}

}  // namespace ssmz::codec
