// SPDX-License-Identifier: Apache-2.0
// Asks the stream, the coder, or takes what is predicted.
#include "codec/deflate/deflate_guide.hpp"

namespace ssmz::codec {

std::optional<std::size_t> DeflateGuide::stored_block() {
  if (stream_ && !stream_->begin_block()) good_ = false;
  bool told = stream_ && good_ && tell_stored_ && stream_->type() == DeflateBlock::stored;
  if (io_ != nullptr) told = models_->is_told.code(*io_, told, was_told_ ? 1 : 0);
  was_told_ = told;
  if (!note(told)) return std::nullopt;
  std::size_t size = stream_ ? stream_->stored().size() : 0;
  if (io_ != nullptr) {
    if (models_->is_last_size.code(*io_, size == told_size_))
      size = told_size_;
    else
      size = code_plain(*io_, static_cast<unsigned>(size), 16);
  }
  return told_size_ = size;
}

bool DeflateGuide::ends(bool predicted, std::size_t number) {
  if (!good()) return true;
  bool is = predicted;
  if (stream_ && stream_->type() != DeflateBlock::stored) {
    const DeflateReader::Next next = stream_->next(token_, literal_);
    good_ = good_ && next != DeflateReader::Next::bad;
    is = next != DeflateReader::Next::token;
  }
  if (io_ != nullptr) {
    const unsigned context = (predicted ? 4 : 0) + (number == tokens_ ? 2 : 0) + (number == 0 ? 1 : 0);
    is = models_->ends.code(*io_, is, context);
  }
  if (is) tokens_ = number;
  note(is != predicted);
  return is;
}

DeflateToken DeflateGuide::token(const TokenPrediction& predicted) {
  if (!stream_ || stream_->type() == DeflateBlock::stored) token_ = predicted.likely;
  if (io_ != nullptr) token_ = models_->tokens.code(*io_, predicted, token_);
  note(token_ != predicted.likely);
  ++taken_;
  return token_;
}

BlockForm DeflateGuide::form_read(std::size_t size) {
  BlockForm is;
  is.type = stream_->type();
  if (is.type == DeflateBlock::stored) good_ = good_ && stream_->stored().size() == size;
  if (is.type == DeflateBlock::fixed) is.lengths = fixed_code_lengths;
  if (is.type != DeflateBlock::dynamic) return is;
  is.lengths = stream_->code_lengths();
  is.header = stream_->header();
  return is;
}

void DeflateGuide::form(BlockForm& predicted, const SymbolCounts& counts, std::size_t size) {
  const BlockForm is = stream_ ? form_read(size) : predicted;
  if (stream_ && is.type == DeflateBlock::stored && predicted.type != is.type) good_ = false;
  bool differs = !is.same(predicted);
  if (io_ != nullptr) differs = models_->is_form.code(*io_, differs, same_forms_ % 4);
  same_forms_ = same_forms_ * 2 + differs;
  if (!note(differs)) return;
  if (io_ != nullptr)
    code_form(predicted, is, counts);
  else
    predicted = is;
}

void DeflateGuide::code_form(BlockForm& form, const BlockForm& is, const SymbolCounts& counts) {
  const auto predicted = static_cast<unsigned>(form.type);
  const unsigned type = models_->type.code(*io_, static_cast<unsigned>(is.type), predicted);
  form = {};
  form.type = static_cast<DeflateBlock>(type % 3);
  good_ = good_ && type < 3;
  if (form.type == DeflateBlock::fixed) form.lengths = fixed_code_lengths;
  if (form.type != DeflateBlock::dynamic) return;
  std::optional<DynamicHeader> header = models_->headers.code(*io_, counts, is.header, is.lengths);
  if (!header) {
    good_ = false;
    return;
  }
  std::vector<std::uint8_t> bytes;
  BitWriter writer(bytes);
  header->write(writer);
  writer.fill_byte();
  BitReader reader(bytes);
  CodeReader literals, distances;
  good_ = good_ && read_code_lengths(reader, form.header, form.lengths) && form.header == *header &&
          literals.set(form.lengths.literals) && distances.set(form.lengths.distances);
}

bool DeflateGuide::is_last(bool predicted) {
  bool is = stream_ ? stream_->is_last() : predicted;
  if (io_ != nullptr) is = models_->is_last.code(*io_, is, predicted);
  note(is != predicted);
  return is;
}

}  // namespace ssmz::codec
