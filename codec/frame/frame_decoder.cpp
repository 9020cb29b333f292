// SPDX-License-Identifier: Apache-2.0
// Decodes the blocks a FrameParser finds and checks the content.
#include "codec/frame/frame_decoder.hpp"

#include <algorithm>

#include "codec/block/registry.hpp"
#include "codec/frame/nested_blocks.hpp"

namespace ssmz::codec {

Result<ModelSources> find_sources(const FrameModel& model, const FrameDecoderOptions& options,
                                  FrameNeeds& needs) {
  ModelSources sources;
  sources.vocabulary = options.find_vocabulary(model.vocabulary_hash);
  const std::size_t lexemes = sources.vocabulary ? sources.vocabulary->size() : usual_lexemes;
  needs = {.memory = memory_needed(model.parameters, std::max(lexemes, usual_lexemes)),
           .vocabulary = model.vocabulary_hash,
           .prime = model.prime};
  if (!buildable(model.parameters)) return Status{Code::header_damaged, "the SSM's layers do not parse"};
  if (options.memory_limit != 0 && needs.memory > options.memory_limit)
    return Status{Code::memory_limit, "the frame's model does not fit in the memory limit"};
  if (!sources.vocabulary) return Status{Code::vocabulary_missing, "the frame needs another vocabulary"};
  if (model.prime && options.find_prime) sources.prime = options.find_prime(*model.prime);
  if (model.prime && !sources.prime) return Status{Code::prime_missing, "the frame needs its prime"};
  return sources;
}

Status FrameDecoder::update(std::span<const std::uint8_t>& in, const Sink& sink, const Progress& progress) {
  while (!ended_) {
    const Result<FrameParser::Event> event = parser_.next(in);
    if (!event.ok()) return event.status();
    Status status;
    switch (event.value()) {
      case FrameParser::Event::need_input: return {};
      case FrameParser::Event::header:
        history_ = ContentHistory(may_hold_content() ? copy_reach(parser_.header()) : 0);
        break;
      case FrameParser::Event::prime:
        prime_steps_.push_back({parser_.block().type, parser_.block().raw_size});
        break;
      case FrameParser::Event::anew:
        coder_.reset();
        anew_ = true;
        break;
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

Status FrameDecoder::make_coder(const Progress& progress) {
  if (coder_) return {};
  const FrameModel& model = *parser_.header().model;
  const Result<ModelSources> sources = find_sources(model, options_, needs_);
  if (!sources.ok()) return sources.status();
  if (!anew_ && !covers_prime(prime_steps_, model.prime ? model.prime->length : 0))
    return {Code::data_damaged, "the prime is not shown as long as it is"};
  Result<std::unique_ptr<BlockCoder>> made = options_.factory(model.parameters, sources.value().vocabulary);
  if (!made.ok()) return made.status();
  coder_ = std::move(made).value();
  if (!model.prime || anew_) return {};
  return prime_coder(*coder_, *sources.value().prime,
                     {model.parameters, model.vocabulary_hash, std::move(prime_steps_)},
                     options_.memory_limit, [&] { return !progress || progress(content_); });
}

Status FrameDecoder::decode_block(const Sink& sink, const Progress& progress) {
  const BlockHeader& block = parser_.block();
  const std::span<const std::uint8_t> data = parser_.block_data();
  // Such a block's content comes when all of it is decoded: a sink would stop it too late.
  if (block.type.kind == BlockKind::transformed && block.raw_size > options_.most_content - content_)
    return {Code::output_limit, "the content is larger than the output limit"};
  if (is_modelled(block.type.kind)) {
    if (const Status status = make_coder(progress); !status.ok()) return status;
  }
  Status status;
  if (block.type.kind == BlockKind::copy) {
    status = decode_copy(sink, progress);
  } else if (block.coded_size != block.raw_size || is_nested(block.type)) {
    status = decode_coded(data, sink, progress);
  } else {
    status = give(data, sink);
    if (status.ok() && is_modelled(block.type.kind)) {
      // Content as it is, but the encoder's model has seen it.
      status = coder_->show(block.type, data, [&](std::uint64_t) { return !progress || progress(content_); });
    }
  }
  if (!status.ok()) return status;
  return !progress || progress(content_) ? Status{} : Status{Code::cancelled, "the caller asked to stop"};
}

bool FrameDecoder::may_hold_content() const {
  const std::optional<FrameModel>& model = parser_.header().model;
  return !model || options_.memory_limit == 0 || memory_needed(model->parameters) <= options_.memory_limit;
}

Status FrameDecoder::decode_copy(const Sink& sink, const Progress& progress) {
  constexpr std::size_t part = std::size_t{1} << 16;
  const BlockHeader& block = parser_.block();
  if (!may_hold_content()) {
    const FrameModel& model = *parser_.header().model;
    needs_ = {
        .memory = memory_needed(model.parameters), .vocabulary = model.vocabulary_hash, .prime = model.prime};
    return {Code::memory_limit, "what the frame copies does not fit in the memory limit"};
  }
  for (std::size_t left = block.raw_size; left != 0;) {
    const std::size_t size = std::min(left, part);
    history_.repeat(block.type.layout, size, raw_);
    left -= size;
    if (const Status status = give(raw_, sink); !status.ok()) return status;
    if (progress && !progress(content_)) return {Code::cancelled, "the caller asked to stop"};
  }
  return {};
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
  const Status status = codec::decode_block(*coder_, block, data, raw_, [&](std::uint64_t) {
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
  history_.append(content);
  content_ += content.size();
  return sink(content);
}

Status FrameDecoder::check_content() const {
  const std::optional<std::uint64_t> expected = parser_.checksum();
  if (!options_.ignore_checksum && expected && *expected != written_checksum(checksum_.digest(), content_))
    return {Code::data_damaged, "the content's checksum differs"};
  return {};
}

}  // namespace ssmz::codec
