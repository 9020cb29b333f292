// SPDX-License-Identifier: Apache-2.0
// The frame's model: text and byte models over one slot table, driven by the range coder.
#include "codec/block/block_coder.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "codec/base/log2.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/range/range_decoder.hpp"
#include "codec/range/range_encoder.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::codec {
namespace {

constexpr std::size_t progress_interval = 4096;  // symbols between two progress calls
constexpr std::uint64_t attribute_cost = 16;     // sixteenths of a bit a token, for space and case
constexpr std::uint64_t repeat_cost = 16;        // sixteenths of a bit for what is the same as before it

struct EncodeIo {
  RangeEncoder coder;
  unsigned code(bool bit, std::uint32_t p, const Position&) {
    coder.encode(bit, p);
    return bit;
  }
};

struct DecodeIo {
  RangeDecoder coder;
  unsigned code(bool, std::uint32_t p, const Position&) { return coder.decode(p); }
};

class ModelBlockCoder final : public BlockCoder {
 public:
  ModelBlockCoder(const ModelParameters& parameters, std::shared_ptr<const Vocabulary> vocabulary,
                  unsigned threads)
      : parameters_(parameters),
        threads_(threads),
        vocabulary_(std::move(vocabulary)),
        tokenizer_(vocabulary_),
        table_(table_bytes(parameters)) {}

  [[nodiscard]] bool valid() const noexcept { return table_.valid(); }

  /// Text if its tokens cost less by the unigram weights than its bytes by their own entropy of order 0. What
  /// repeats its predecessor costs a bit on either side: padding (of tar members, say) must not decide.
  [[nodiscard]] BlockKind choose_kind(std::span<const std::uint8_t> raw) const override {
    std::vector<Token> tokens;
    tokenizer_.tokenize(raw, tokens);
    const Segmenter& segmenter = vocabulary_->tables().segmenter();
    std::uint64_t token_cost = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool repeats = i > 0 && tokens[i].lexeme == tokens[i - 1].lexeme;
      token_cost += repeats ? repeat_cost : segmenter.prior_cost(tokens[i]) + attribute_cost;
    }
    std::array<std::uint64_t, 256> counts{};
    for (const std::uint8_t byte : raw) ++counts[byte];
    std::array<std::uint64_t, 256> costs{};
    for (std::size_t byte = 0; byte < costs.size(); ++byte)
      if (counts[byte]) costs[byte] = log2_sixteenths(raw.size()) - log2_sixteenths(counts[byte]);
    std::uint64_t byte_cost = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const std::uint64_t cost = costs[raw[i]];
      byte_cost += i > 0 && raw[i] == raw[i - 1] ? std::min(cost, repeat_cost) : cost;
    }
    return token_cost < byte_cost ? BlockKind::text : BlockKind::bytes;
  }

  Status encode(BlockKind kind, std::span<const std::uint8_t> raw, std::vector<std::uint8_t>& coded,
                const Progress& progress) override {
    const model::ScopedFloatMode mode;
    EncodeIo io{RangeEncoder(coded)};
    const Status status =
        kind == BlockKind::text ? encode_text(io, raw, progress) : encode_bytes(io, raw, progress);
    io.coder.finish();
    return status;
  }

  Status decode(BlockKind kind, std::span<const std::uint8_t> coded, std::size_t raw_size,
                std::vector<std::uint8_t>& raw, const Progress& progress) override {
    const model::ScopedFloatMode mode;
    DecodeIo io{RangeDecoder(coded)};
    return kind == BlockKind::text ? decode_text(io, raw_size, raw, progress)
                                   : decode_bytes(io, raw_size, raw, progress);
  }

 private:
  // The models are large: each is built when the first block of its kind comes.
  TextModel& text() {
    if (!text_) text_ = std::make_unique<TextModel>(vocabulary_, table_, text_options(parameters_, threads_));
    return *text_;
  }
  ByteModel& bytes() {
    if (!bytes_) bytes_ = std::make_unique<ByteModel>(table_, byte_options(parameters_));
    return *bytes_;
  }

  Status encode_text(EncodeIo& io, std::span<const std::uint8_t> raw, const Progress& progress) {
    std::vector<Token> tokens;
    tokenizer_.tokenize(raw, tokens);
    TextModel& model = text();
    std::size_t done = 0;
    std::uint8_t scratch[max_token_bytes];
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      model.code(io, tokens[i]);
      done += spell(*vocabulary_, tokens[i], scratch);
      if (progress && i % progress_interval == 0 && !progress(done)) return {Code::cancelled};
    }
    return {};
  }

  Status decode_text(DecodeIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                     const Progress& progress) {
    TextModel& model = text();
    std::uint8_t spelling[max_token_bytes];
    std::size_t done = 0;
    for (std::size_t i = 0; done < raw_size || model.spelling(); ++i) {
      const unsigned letters = model.letters();
      const Token token = model.code(io, Token{});
      const bool ends_word = token.separator == Separator::spelled && token.lexeme == vocabulary_->spelled();
      if (ends_word && letters < Segmenter::least_letters)
        return {Code::data_damaged, "spelled word of less than two letters"};  // no progress without bytes
      const std::size_t count = spell(*vocabulary_, token, spelling);
      if (count > raw_size - done) return {Code::data_damaged, "token passes the end of its block"};
      raw.insert(raw.end(), spelling, spelling + count);
      done += count;
      if (i % progress_interval != 0) continue;
      if (io.coder.exhausted()) return {Code::data_damaged, "block ends too early"};
      if (progress && !progress(done)) return {Code::cancelled};
    }
    return end_of(io);
  }

  Status encode_bytes(EncodeIo& io, std::span<const std::uint8_t> raw, const Progress& progress) {
    ByteModel& model = bytes();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      model.code(io, raw[i]);
      if (progress && i % progress_interval == 0 && !progress(i)) return {Code::cancelled};
    }
    return {};
  }

  Status decode_bytes(DecodeIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                      const Progress& progress) {
    ByteModel& model = bytes();
    for (std::size_t i = 0; i < raw_size; ++i) {
      raw.push_back(model.code(io, 0));
      if (i % progress_interval != 0) continue;
      if (io.coder.exhausted()) return {Code::data_damaged, "block ends too early"};
      if (progress && !progress(i)) return {Code::cancelled};
    }
    return end_of(io);
  }

  static Status end_of(const DecodeIo& io) {
    return io.coder.finished() ? Status{} : Status{Code::data_damaged, "block ends as no encoder ends it"};
  }

  ModelParameters parameters_;
  unsigned threads_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  Tokenizer tokenizer_;
  SlotTable table_;
  std::unique_ptr<TextModel> text_;
  std::unique_ptr<ByteModel> bytes_;
};

}  // namespace

Result<std::unique_ptr<BlockCoder>> BlockCoder::create(const ModelParameters& parameters,
                                                       std::shared_ptr<const Vocabulary> vocabulary,
                                                       unsigned threads) {
  if (!codec::valid(parameters) || !vocabulary)
    return Status{Code::bad_argument, "model parameters out of range"};
  try {
    auto coder = std::make_unique<ModelBlockCoder>(parameters, std::move(vocabulary), threads);
    if (!coder->valid()) return Status{Code::out_of_memory, "no memory for the n-gram table"};
    return Result<std::unique_ptr<BlockCoder>>(std::move(coder));
  } catch (const std::bad_alloc&) {
    return Status{Code::out_of_memory, "no memory for the model"};
  }
}

BlockCoder::Factory BlockCoder::factory(unsigned threads) {
  return [threads](const ModelParameters& parameters, std::shared_ptr<const Vocabulary> vocabulary) {
    return create(parameters, std::move(vocabulary), threads);
  };
}

}  // namespace ssmz::codec
