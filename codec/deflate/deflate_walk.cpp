// SPDX-License-Identifier: Apache-2.0
// Where blocks end, which form they get, and their bits.
#include "codec/deflate/deflate_walk.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t most_stored = 65535;
// FORMAT. Places that all searches look at: so many, and so many more for each plain byte. kennedy.xls, whose
// zeros make gzip -9 slow, needs less; short runs at level 9 more than a quarter.
constexpr std::uint64_t first_places = std::uint64_t{1} << 20, places_a_byte = 1024;
constexpr std::size_t gzip_looks = 4096;    // tokens
constexpr unsigned last_patient_level = 2;  // gzip looks from the next on whether to end a block
constexpr unsigned last_greedy_level = 3;

class Walk {
 public:
  Walk(DeflateParameters parameters, Bytes plain, DeflateGuide& guide, std::size_t most,
       std::vector<std::uint8_t>& stream)
      : parameters_(parameters),
        plain_(plain),
        guide_(guide),
        most_(stream.size() + most),
        stream_(stream),
        bits_(stream),
        predictor_(make_predictor(parameters, plain)) {}

  bool run() {
    for (bool last = false; !last;) {
      if (!block(last) || !guide_.good() || stream_.size() > most_) return false;
    }
    bits_.fill_byte();
    return predictor_->position() == plain_.size() && stream_.size() <= most_;
  }

 private:
  bool block(bool& last) {
    begin_ = predictor_->position();
    tokens_.clear();
    counts_.clear();
    BlockForm form;
    if (const std::optional<std::size_t> stored = guide_.stored_block()) {
      if (*stored > std::min(most_stored, plain_.size() - begin_)) return false;
      predictor_->pass(*stored);
    } else {
      if (!read_tokens()) return false;
      form = predicted_form();
      guide_.form(form, counts_, predictor_->position() - begin_);
    }
    if (form.type == DeflateBlock::stored && predictor_->position() - begin_ > most_stored) return false;
    last = guide_.is_last(predictor_->position() == plain_.size());
    bits_.put(last, 1);
    bits_.put(static_cast<unsigned>(form.type), 2);
    return form.type == DeflateBlock::stored ? write_stored() : write_coded(form);
  }

  bool read_tokens() {
    while (!guide_.ends(full_ || predictor_->position() == plain_.size(), tokens_.size())) {
      const std::size_t at = predictor_->position();
      if (at == plain_.size() || tokens_.size() == most_block_tokens) return false;
      const TokenPrediction predicted = predictor_->predict();
      if (predictor_->looked_at() > first_places + places_a_byte * plain_.size()) return false;
      const DeflateToken token = guide_.token(predicted);
      if (!guide_.good() || token.length > plain_.size() - at || token.distance > at) return false;
      counts_.add(token, plain_[at]);
      predictor_->take(token);
      tokens_.push_back(token);
      matches_ += token.length != 0;
      full_ = is_full(at);
    }
    full_ = false;
    matches_ = 0;
    return true;
  }

  /// After the token that stands `at`.
  [[nodiscard]] bool is_full(std::size_t at) const {
    switch (parameters_.writer) {
      case DeflateWriter::frugal:
        return tokens_.size() == 16384;  // nobody's but Go's, which has no other rule
      case DeflateWriter::hasty: return predictor_->position() - begin_ == 65535;
      case DeflateWriter::zlib:
      case DeflateWriter::zlib_filtered:
      case DeflateWriter::chromium: return tokens_.size() == 16383;
      case DeflateWriter::zlib_large:
      case DeflateWriter::large_filtered:
      case DeflateWriter::gzip: break;
    }
    if (tokens_.size() == 32767) return true;
    if (parameters_.writer != DeflateWriter::gzip || parameters_.level <= last_patient_level) return false;
    if (tokens_.size() % gzip_looks != 0 || matches_ >= tokens_.size() / 2) return false;
    std::uint64_t coded = tokens_.size() * 8;
    for (unsigned symbol = 0; symbol < distance_symbols; ++symbol)
      coded += std::uint64_t{counts_.distances[symbol]} * (5 + distances_of(symbol).extra_bits);
    const std::size_t read = at + (parameters_.level > last_greedy_level ? 1 : 0) - begin_;
    return coded / 8 < read / 2;
  }

  [[nodiscard]] BlockForm predicted_form() const {
    const DynamicCodes codes(counts_);
    const auto bytes = [](std::uint64_t bits) { return (bits + 3 + 7) / 8; };
    const std::uint64_t dynamic = bytes(codes.header.bits() + counts_.bits(codes.lengths));
    const std::uint64_t fixed = bytes(counts_.bits(fixed_code_lengths));
    BlockForm form;
    if (predictor_->position() - begin_ + 4 <= std::min(dynamic, fixed)) return form;
    form.type = fixed <= dynamic ? DeflateBlock::fixed : DeflateBlock::dynamic;
    form.lengths = fixed <= dynamic ? fixed_code_lengths : codes.lengths;
    if (form.type == DeflateBlock::fixed) return form;
    form.header = codes.header;
    return form;
  }

  bool write_stored() {
    const std::size_t size = predictor_->position() - begin_;
    bits_.fill_byte();
    bits_.put(static_cast<std::uint32_t>(size | (size ^ 0xFFFF) << 16), 32);
    const Bytes stored = plain_.subspan(begin_, size);
    stream_.insert(stream_.end(), stored.begin(), stored.end());
    return true;
  }

  bool write_coded(const BlockForm& form) {
    if (form.type == DeflateBlock::dynamic) form.header.write(bits_);
    const std::vector<std::uint16_t> literals = codes_of(form.lengths.literals);
    const std::vector<std::uint16_t> distances = codes_of(form.lengths.distances);
    bool all_have_codes = form.lengths.literals[end_symbol] != 0;
    const auto put = [&](const std::vector<std::uint16_t>& codes, Bytes lengths,
                         const DeflateSymbol& symbol) {
      all_have_codes = all_have_codes && lengths[symbol.symbol] != 0;
      bits_.put(codes[symbol.symbol], lengths[symbol.symbol]);
      bits_.put(symbol.extra, symbol.extra_bits);
    };
    std::size_t at = begin_;
    for (const DeflateToken token : tokens_) {
      if (token.length == 0) {
        put(literals, form.lengths.literals, {plain_[at++], 0, 0});
        continue;
      }
      put(literals, form.lengths.literals, length_symbol(token.length));
      put(distances, form.lengths.distances, distance_symbol(token.distance));
      at += token.length;
    }
    put(literals, form.lengths.literals, {end_symbol, 0, 0});
    return all_have_codes;
  }

  DeflateParameters parameters_;
  Bytes plain_;
  DeflateGuide& guide_;
  std::size_t most_;
  std::vector<std::uint8_t>& stream_;
  BitWriter bits_;
  std::unique_ptr<TokenPredictor> predictor_;
  std::size_t begin_ = 0;  // of the block, in plain_
  std::vector<DeflateToken> tokens_;
  std::size_t matches_ = 0;  // of tokens_
  bool full_ = false;
  SymbolCounts counts_;
};

}  // namespace

bool walk_deflate(DeflateParameters parameters, Bytes plain, DeflateGuide& guide, std::size_t most,
                  std::vector<std::uint8_t>& stream) {
  return Walk(parameters, plain, guide, most, stream).run();
}

}  // namespace ssmz::codec
