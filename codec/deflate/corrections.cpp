// SPDX-License-Identifier: Apache-2.0
// Guides that record what differs, and that follow what was recorded.
#include "codec/deflate/corrections.hpp"

#include <algorithm>
#include <limits>

#include "codec/base/little_endian.hpp"
#include "codec/deflate/deflate_walk.hpp"
#include "codec/deflate/inflate.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t without_limit = std::numeric_limits<std::size_t>::max();

/// Reads a stream beside the prediction and writes down where they part.
class Recorder final : public DeflateGuide {
 public:
  /// `tell_stored`: stored blocks are told, else they must be as predicted.
  Recorder(Bytes stream, bool tell_stored, std::size_t most, std::size_t most_tokens = without_limit)
      : stream_(stream), reader_(stream), tell_stored_(tell_stored), most_(most), tokens_left_(most_tokens) {}

  std::optional<std::size_t> stored_block() override {
    if (!reader_.begin_block()) good_ = false;
    const bool told = good_ && tell_stored_ && reader_.type() == DeflateBlock::stored;
    if (!differs(told)) return std::nullopt;
    append_varint(reader_.stored().size(), corrections_);
    return reader_.stored().size();
  }

  bool ends(bool predicted) override {
    if (!good()) return true;
    if (reader_.type() == DeflateBlock::stored) {
      differs(false);
      return predicted;
    }
    const DeflateReader::Next next = reader_.next(token_, literal_);
    good_ = good_ && next != DeflateReader::Next::bad;
    const bool is = next != DeflateReader::Next::token;
    differs(is != predicted);
    return is;
  }

  DeflateToken token(DeflateToken predicted) override {
    if (tokens_left_-- == 0) good_ = false;
    if (reader_.type() == DeflateBlock::stored) token_ = predicted;
    if (!differs(token_ != predicted)) return token_;
    append_varint(token_.length == 0 ? 0u : token_.length - 2u, corrections_);
    if (token_.length != 0) append_varint(token_.distance, corrections_);
    return token_;
  }

  void form(BlockForm& predicted, std::size_t size) override {
    BlockForm is;
    is.type = reader_.type();
    if (is.type == DeflateBlock::stored) {
      good_ = good_ && predicted.type == is.type && reader_.stored().size() == size;
    } else if (is.type == DeflateBlock::fixed) {
      is.lengths = fixed_code_lengths;
    } else {
      is.lengths = reader_.code_lengths();
      is.header_bits = reader_.lengths_end() - reader_.lengths_begin();
      copy_bits(is);
    }
    const bool same =
        is.type == predicted.type && is.header_bits == predicted.header_bits && is.header == predicted.header;
    if (!differs(!same)) return;
    corrections_.push_back(static_cast<std::uint8_t>(is.type));
    if (is.type == DeflateBlock::dynamic) {
      append_varint(is.header_bits, corrections_);
      corrections_.insert(corrections_.end(), is.header.begin(), is.header.end());
    }
    predicted = std::move(is);
  }

  bool is_last(bool predicted) override {
    differs(reader_.is_last() != predicted);
    return reader_.is_last();
  }

  [[nodiscard]] bool good() const noexcept override { return good_ && corrections_.size() <= most_; }
  [[nodiscard]] Corrections& corrections() noexcept { return corrections_; }
  [[nodiscard]] std::size_t differences() const noexcept { return differences_; }

 private:
  bool differs(bool it_does) {
    if (!it_does) {
      ++right_;
      return false;
    }
    append_varint(right_, corrections_);
    right_ = 0;
    ++differences_;
    return true;
  }

  void copy_bits(BlockForm& form) const {
    BitReader from(stream_.subspan(reader_.lengths_begin() / 8));
    (void)from.take(static_cast<unsigned>(reader_.lengths_begin() % 8));
    BitWriter to(form.header);
    for (std::size_t bit = 0; bit < form.header_bits; ++bit) to.put(from.take(1), 1);
    to.fill_byte();
  }

  Bytes stream_;
  DeflateReader reader_;
  bool tell_stored_;
  std::size_t most_, tokens_left_;
  bool good_ = true;
  DeflateToken token_;
  std::uint8_t literal_ = 0;
  std::uint64_t right_ = 0;
  std::size_t differences_ = 0;
  Corrections corrections_;
};

/// Does what corrections say.
class Follower final : public DeflateGuide {
 public:
  explicit Follower(Bytes corrections) : size_(corrections.size()), reader_(corrections) {}

  std::optional<std::size_t> stored_block() override {
    return differs() ? std::optional(static_cast<std::size_t>(reader_.varint())) : std::nullopt;
  }
  bool ends(bool predicted) override { return differs() != predicted; }
  bool is_last(bool predicted) override { return differs() != predicted; }

  DeflateToken token(DeflateToken predicted) override {
    if (!differs()) return predicted;
    const std::uint64_t length = reader_.varint(), distance = length == 0 ? 0 : reader_.varint();
    if (length > most_match - 2 || distance > deflate_window || (length != 0 && distance == 0)) good_ = false;
    if (!good_ || length == 0) return same(predicted, {});
    return same(predicted, {static_cast<std::uint16_t>(length + 2), static_cast<std::uint16_t>(distance)});
  }

  void form(BlockForm& predicted, std::size_t) override {
    if (!differs()) return;
    BlockForm is;
    const std::uint64_t type = reader_.little_endian(1);
    if (type > 2) good_ = false;
    is.type = static_cast<DeflateBlock>(type % 3);
    if (is.type == DeflateBlock::fixed) is.lengths = fixed_code_lengths;
    if (is.type == DeflateBlock::dynamic) read_header(is);
    if (is.type == predicted.type && is.header_bits == predicted.header_bits && is.header == predicted.header)
      good_ = false;
    predicted = std::move(is);
  }

  [[nodiscard]] bool good() const noexcept override {
    return good_ && reader_.state() == ByteReader::State::good;
  }
  [[nodiscard]] bool finished() const noexcept { return good() && reader_.position() == size_ && !counting_; }

 private:
  bool differs() {
    if (!counting_) {
      if (reader_.position() == size_ || !good()) return false;
      right_ = reader_.varint();
      counting_ = true;
    }
    if (right_-- != 0) return false;
    counting_ = false;
    return true;
  }

  DeflateToken same(DeflateToken predicted, DeflateToken is) {
    if (is == predicted) good_ = false;
    return is;
  }

  void read_header(BlockForm& form) {
    form.header_bits = static_cast<std::size_t>(reader_.varint());
    constexpr std::size_t most_bits = std::size_t{1} << 13;
    if (form.header_bits > most_bits) good_ = false;
    if (!good()) return;
    const Bytes bytes = reader_.bytes((form.header_bits + 7) / 8);
    form.header.assign(bytes.begin(), bytes.end());
    BitReader bits(form.header);
    CodeReader literals, distances;
    if (!read_code_lengths(bits, form.lengths) || bits.position() != form.header_bits ||
        bits.take_rest_of_byte() != 0 || !literals.set(form.lengths.literals) ||
        !distances.set(form.lengths.distances))
      good_ = false;
  }

  std::size_t size_;
  ByteReader reader_;
  bool good_ = true;
  bool counting_ = false;  // right_ more decisions are as predicted
  std::uint64_t right_ = 0;
};

}  // namespace

std::optional<Corrections> corrections_of(DeflateParameters parameters, Bytes stream, Bytes plain,
                                          std::size_t most) {
  // A stored block's tokens are not seen: where the predicted ones do not lead to its end it is told.
  for (const bool tell_stored : {false, true}) {
    Recorder recorder(stream, tell_stored, most);
    std::vector<std::uint8_t> again;
    again.reserve(stream.size());
    if (walk_deflate(parameters, plain, recorder, stream.size(), again) &&
        std::equal(again.begin(), again.end(), stream.begin(), stream.end()))
      return std::move(recorder.corrections());
  }
  return std::nullopt;
}

bool append_deflated(DeflateParameters parameters, Bytes corrections, Bytes plain, std::size_t most,
                     std::vector<std::uint8_t>& stream) {
  Follower follower(corrections);
  return walk_deflate(parameters, plain, follower, most, stream) && follower.finished();
}

namespace {

constexpr std::size_t tried_tokens = 16384;

/// How many of the first decisions are not as predicted.
std::size_t differences(DeflateParameters parameters, Bytes stream, Bytes plain, std::size_t most) {
  Recorder recorder(stream, true, most, tried_tokens);
  std::vector<std::uint8_t> again;
  (void)walk_deflate(parameters, plain, recorder, stream.size(), again);
  return recorder.differences();
}

}  // namespace

std::optional<CorrectedStream> best_corrections(Bytes stream, Bytes plain, DeflateParameters first,
                                                std::size_t most) {
  if (std::optional<Corrections> exact = corrections_of(first, stream, plain, 0))
    return CorrectedStream{first, std::move(*exact)};
  struct Try {
    DeflateParameters parameters;
    std::size_t differences;
  };
  std::vector<Try> tries;
  std::size_t least = most;
  for (const std::uint8_t level : std::initializer_list<std::uint8_t>{6, 9, 1, 8, 7, 5, 4, 3, 2}) {
    for (const DeflateWriter writer : {DeflateWriter::zlib, DeflateWriter::zlib_filtered}) {
      if (writer == DeflateWriter::zlib_filtered && level < 4) continue;  // greedy: it says nothing
      const std::size_t count = differences({level, writer}, stream, plain, 4 * least + 64);
      least = std::min(least, count);
      tries.push_back({{level, writer}, count});
    }
  }
  std::stable_sort(tries.begin(), tries.end(),
                   [](const Try& a, const Try& b) { return a.differences < b.differences; });
  std::optional<CorrectedStream> best;
  unsigned runs = 0;
  for (const Try& tried : tries) {
    const bool filtered = tried.parameters.writer == DeflateWriter::zlib_filtered;
    for (const DeflateWriter writer :
         filtered ? std::vector{DeflateWriter::zlib_filtered, DeflateWriter::large_filtered}
                  : std::vector{DeflateWriter::zlib, DeflateWriter::gzip, DeflateWriter::zlib_large}) {
      const DeflateParameters parameters{tried.parameters.level, writer};
      std::optional<Corrections> found = corrections_of(parameters, stream, plain, most);
      if (found) {
        most = found->empty() ? 0 : found->size() - 1;
        best = CorrectedStream{parameters, std::move(*found)};
        if (best->corrections.empty()) return best;
      }
    }
    if (++runs == 3) break;
  }
  return best;
}

}  // namespace ssmz::codec
