// SPDX-License-Identifier: Apache-2.0
// Reads the vocabulary file: header, front-coded spellings, weights, classes, bigrams, checksum.
#include "codec/vocabulary/vocabulary.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/base/ascii.hpp"
#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/vocabulary_format.hpp"

extern "C" {
extern const std::uint8_t ssmz_builtin_vocabulary_begin[];
extern const std::uint8_t ssmz_builtin_vocabulary_end[];
// Empty where the build could not run what it had built.
extern const std::uint8_t ssmz_builtin_tables_begin[];
extern const std::uint8_t ssmz_builtin_tables_end[];
}

namespace ssmz::codec {
namespace {

namespace format = vocabulary_format;

Status damaged(const char* detail, std::size_t offset) { return {Code::vocabulary_damaged, detail, offset}; }

}  // namespace

/// Fills a Vocabulary from a file's bytes; every step leaves the cursor at the next unread byte.
class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  Status run(Vocabulary& vocabulary) {
    if (Status status = read_header(); !status.ok()) return status;
    if (Status status = read_spellings(); !status.ok()) return status;
    if (Status status = read_weights_and_classes(); !status.ok()) return status;
    if (Status status = read_bigrams(vocabulary); !status.ok()) return status;
    if (Status status = index_single_bytes(vocabulary); !status.ok()) return status;
    add_spelled(vocabulary);
    vocabulary.entries_ = Table(std::move(entries_));
    vocabulary.pool_ = Table(std::move(pool_));
    return Status::success();
  }

 private:
  Status read_header() {
    if (bytes_.size() < format::header_bytes + format::checksum_bytes)
      return damaged("vocabulary too short", 0);
    if (!std::equal(format::magic.begin(), format::magic.end() - 1, bytes_.begin()))
      return damaged("not a vocabulary", 0);
    if (bytes_[format::magic.size() - 1] != format::magic.back())
      return damaged("a vocabulary of another version: train it again", format::magic.size() - 1);
    const std::size_t body = bytes_.size() - format::checksum_bytes;
    const std::uint64_t stored = ByteReader(bytes_.subspan(body)).little_endian(format::checksum_bytes);
    if (checksum(bytes_.first(body)) != stored) return damaged("vocabulary checksum differs", body);
    count_ = static_cast<std::size_t>(ByteReader(bytes_.subspan(format::magic.size())).little_endian(4));
    if (count_ > format::max_lexemes) return damaged("too many lexemes", format::magic.size());
    // Refuses absurd counts before anything is allocated.
    if (count_ * format::least_lexeme_bytes > body)
      return damaged("vocabulary shorter than its count", format::magic.size());
    bytes_ = bytes_.first(body);
    cursor_ = format::header_bytes;
    return Status::success();
  }

  // Three columns: what each shares with the one before and how much is its own, lengths that do not fit
  // there, the bytes.
  Status read_spellings() {
    ByteReader reader(bytes_.subspan(cursor_));
    const std::span<const std::uint8_t> shapes = reader.bytes(count_);
    const auto longs = std::ranges::count_if(shapes, [](std::uint8_t shape) { return (shape & 15) == 0; });
    const std::span<const std::uint8_t> lengths = reader.bytes(static_cast<std::size_t>(longs));
    if (reader.state() != ByteReader::State::good) return damaged("spellings cut off", cursor_);
    entries_.reserve(count_ + 1);
    pool_.reserve(count_ * 6);
    auto next_length = lengths.begin();
    for (const std::uint8_t shape : shapes) {
      const std::size_t at = cursor_ + reader.position();
      unsigned suffix = shape & 15;
      if (suffix == 0) {
        suffix = *next_length++;
        if (suffix <= format::max_short_suffix) return damaged("suffix length not canonical", at);
      }
      const unsigned shared = shape >> 4;
      if (shared > previous_.size() || shared + suffix > Vocabulary::max_spelling)
        return damaged("spelling length out of range", at);
      const std::span<const std::uint8_t> own = reader.bytes(suffix);
      if (reader.state() != ByteReader::State::good) return damaged("spellings cut off", at);
      std::string spelling = previous_.substr(0, shared);
      spelling.append(own.begin(), own.end());
      if (Status status = check_spelling(spelling, shared, at); !status.ok()) return status;
      add(spelling);
      previous_ = std::move(spelling);
    }
    cursor_ += reader.position();
    return Status::success();
  }

  Status check_spelling(const std::string& spelling, unsigned shared, std::size_t offset) const {
    for (char c : spelling) {
      if (is_upper(static_cast<std::uint8_t>(c))) return damaged("upper case in a spelling", offset);
    }
    // char_traits<char> compares as unsigned char.
    if (spelling.compare(previous_) <= 0) return damaged("spellings out of order", offset);
    const auto mismatch = std::mismatch(spelling.begin(), spelling.end(), previous_.begin(), previous_.end());
    const auto common = static_cast<std::size_t>(mismatch.first - spelling.begin());
    if (std::min<std::size_t>(common, format::max_shared) != shared) {
      return damaged("shared prefix not canonical", offset);
    }
    return Status::success();
  }

  void add(const std::string& spelling) {
    Vocabulary::Entry entry{};
    entry.offset = static_cast<std::uint32_t>(pool_.size());
    entry.length = static_cast<std::uint8_t>(spelling.size());
    entry.is_word = is_letter(static_cast<std::uint8_t>(spelling[0]));
    pool_.insert(pool_.end(), spelling.begin(), spelling.end());
    entries_.push_back(entry);
  }

  // Columns too, of a class its high eight bits and its low four, two in a byte.
  Status read_weights_and_classes() {
    ByteReader reader(bytes_.subspan(cursor_));
    const std::span<const std::uint8_t> weights = reader.bytes(count_);
    const std::span<const std::uint8_t> high = reader.bytes(count_);
    const std::span<const std::uint8_t> low = reader.bytes((count_ + 1) / 2);
    if (reader.state() != ByteReader::State::good) return damaged("weights or classes cut off", cursor_);
    for (std::size_t i = 0; i < count_; ++i) {
      entries_[i].weight = format::weight_of(weights[i]);
      entries_[i].cls = static_cast<std::uint16_t>(high[i] << 4 | (low[i / 2] >> (i % 2 * 4) & 15));
    }
    cursor_ += reader.position();
    if (count_ % 2 == 1 && low.back() >> 4 != 0) return damaged("padding not zero", cursor_ - 1);
    return Status::success();
  }

  // What it says is read when it is first asked for; parse() asks at once, since it trusts nobody.
  Status read_bigrams(Vocabulary& vocabulary) {
    if (bytes_.size() - cursor_ < format::bigram_size_bytes) return damaged("bigrams cut off", cursor_);
    const std::uint64_t size = ByteReader(bytes_.subspan(cursor_)).little_endian(format::bigram_size_bytes);
    cursor_ += format::bigram_size_bytes;
    if (bytes_.size() - cursor_ != size) return damaged("bigram section has the wrong size", cursor_);
    vocabulary.bigrams_ =
        Table(std::vector(bytes_.begin() + static_cast<std::ptrdiff_t>(cursor_), bytes_.end()));
    return Status::success();
  }

  Status index_single_bytes(Vocabulary& vocabulary) {
    unsigned singles = 0;
    for (LexemeId id = 0; id < entries_.size(); ++id) {
      if (entries_[id].length != 1) continue;
      vocabulary.singles_[static_cast<std::uint8_t>(pool_[entries_[id].offset])] = id;
      ++singles;
    }
    return singles == 256 - 26 ? Status::success() : damaged("a single byte is missing", 0);
  }

  void add_spelled(Vocabulary& vocabulary) {
    std::uint64_t words = 0;
    for (const Vocabulary::Entry& entry : entries_) words += entry.is_word ? entry.weight : 0u;
    Vocabulary::Entry spelled{};
    spelled.weight = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(words / 32, 1, 0xffffffffu));
    spelled.is_word = true;
    vocabulary.words_weight_ = words;
    entries_.push_back(spelled);
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t cursor_ = 0;
  std::size_t count_ = 0;
  std::string previous_;
  std::vector<Vocabulary::Entry> entries_;
  std::vector<char> pool_;
};

Vocabulary::Vocabulary() : tables_(std::make_unique<VocabularyTables>(*this)) {}
Vocabulary::~Vocabulary() = default;

Result<std::shared_ptr<const Vocabulary>> Vocabulary::parse(std::span<const std::uint8_t> bytes) {
  auto parsed = parse_trusted(bytes);
  if (!parsed.ok()) return parsed.status();
  const Status bigrams = parsed.value()->tables().bigram_status();
  if (!bigrams.ok()) return bigrams;
  return parsed;
}

Result<std::shared_ptr<const Vocabulary>> Vocabulary::parse_trusted(std::span<const std::uint8_t> bytes) {
  auto vocabulary = std::make_shared<Vocabulary>();
  VocabularyBuilder builder(bytes);
  if (Status status = builder.run(*vocabulary); !status.ok()) return status;
  vocabulary->hash_ = checksum(bytes);
  return std::shared_ptr<const Vocabulary>(std::move(vocabulary));
}

Result<std::vector<std::uint8_t>> Vocabulary::image_of(std::span<const std::uint8_t> file) {
  const auto parsed = parse(file);
  if (!parsed.ok()) return parsed.status();
  const Vocabulary& vocabulary = *parsed.value();
  TableImageWriter image;
  each_table(vocabulary, image);
  image(vocabulary.bigrams_.size());
  vocabulary.tables().write(image);
  return image.bytes();
}

std::shared_ptr<const Vocabulary> Vocabulary::from_image(std::span<const std::uint8_t> image,
                                                         std::span<const std::uint8_t> file) {
  TableImageReader reader(image);
  auto vocabulary = std::make_shared<Vocabulary>();
  each_table(*vocabulary, reader);
  std::size_t bigrams = 0;
  reader(bigrams);
  vocabulary->tables_ = std::make_unique<VocabularyTables>(*vocabulary, reader);
  if (!reader.good() || file.size() < bigrams + format::checksum_bytes) return nullptr;
  vocabulary->bigrams_ =
      Table<std::uint8_t>::view(file.last(bigrams + format::checksum_bytes).first(bigrams));
  return vocabulary;
}

std::uint64_t Vocabulary::builtin_hash() noexcept {
  static const std::uint64_t known = [] {
    TableImageReader image({ssmz_builtin_tables_begin, ssmz_builtin_tables_end});
    std::uint64_t hash = 0;
    image(hash);
    if (image.good()) return hash;
    return checksum({ssmz_builtin_vocabulary_begin, ssmz_builtin_vocabulary_end});
  }();
  return known;
}

std::shared_ptr<const Vocabulary> Vocabulary::builtin() {
  static const std::shared_ptr<const Vocabulary> shared = [] {
    const std::span file(ssmz_builtin_vocabulary_begin, ssmz_builtin_vocabulary_end);
    const std::span image(ssmz_builtin_tables_begin, ssmz_builtin_tables_end);
    if (auto found = from_image(image, file)) return found;
    auto parsed = parse_trusted(file);
    return parsed.ok() ? std::move(parsed).value() : nullptr;
  }();
  return shared;
}

}  // namespace ssmz::codec
