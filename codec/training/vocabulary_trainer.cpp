// SPDX-License-Identifier: Apache-2.0
// Candidates from byte-pair merges and whole runs, pruned by what the corpus would cost without them (unigram
// language model, Kudo 2018), then weights and classes.
#include "codec/training/vocabulary_trainer.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "codec/base/ascii.hpp"
#include "codec/training/bigram_trainer.hpp"
#include "codec/training/corpus_runs.hpp"
#include "codec/training/distributional_classes.hpp"
#include "codec/training/neighbour_features.hpp"
#include "codec/training/pair_merger.hpp"
#include "codec/vocabulary/segmenter.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "codec/vocabulary/vocabulary_writer.hpp"

namespace ssmz::codec {
namespace {

constexpr std::size_t candidates_per_lexeme = 3;
constexpr double kept_per_round = 0.7;
constexpr std::size_t stretch_bytes = 64 * 1024;

bool is_single(const std::string& spelling) { return spelling.size() == 1; }

class Trainer {
 public:
  Trainer(const TrainingOptions& options, std::span<const CorpusText> corpus,
          const TrainingProgress& progress)
      : options_(options), corpus_(corpus), progress_(progress) {}

  Result<std::vector<std::uint8_t>> run() {
    if (Status status = collect_candidates(); !status.ok()) return status;
    for (;;) {
      if (Status status = recount(); !status.ok()) return status;
      if (lexemes_.size() <= options_.size) break;
      prune();
    }
    if (Status status = classify(); !status.ok()) return status;
    const auto budget = static_cast<std::size_t>(static_cast<double>(options_.size) * options_.bigram_bytes);
    const auto bigrams = train_bigrams(parse(), budget, corpus_, progress_);
    if (!bigrams.ok()) return bigrams.status();
    return write_vocabulary(lexemes_, bigrams.value());
  }

 private:
  bool report(const char* stage, double share) const { return !progress_ || progress_(stage, share); }
  static Status cancelled() { return {Code::cancelled, "training cancelled", 0}; }

  Status collect_candidates() {
    RunCounter counter;
    for (std::size_t i = 0; i < corpus_.size(); ++i) {
      if (!report("count", double(i) / double(corpus_.size()))) return cancelled();
      counter.add(corpus_[i].bytes, corpus_[i].weight);
    }
    std::set<std::string> spellings;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (!is_upper(static_cast<std::uint8_t>(byte))) spellings.emplace(1, static_cast<char>(byte));
    }
    const std::vector<CountedRun> divisible = counter.divisible();
    const std::size_t limit = candidates_per_lexeme * options_.size / 2;
    {
      PairMerger merger(divisible);
      bool going = true;
      const auto pieces = merger.merge(limit, 2 * RunCounter::unit, [&](std::size_t made) {
        return going = report("merge", double(made) / double(limit));
      });
      if (!going) return cancelled();
      spellings.insert(pieces.begin(), pieces.end());
    }
    add_most_frequent(divisible, limit, spellings);
    add_most_frequent(counter.whole(), 512, spellings);
    for (const std::string& spelling : spellings) lexemes_.push_back({spelling, 1, 0});
    return Status::success();
  }

  static void add_most_frequent(std::vector<CountedRun> runs, std::size_t limit,
                                std::set<std::string>& spellings) {
    std::stable_sort(runs.begin(), runs.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    for (std::size_t i = 0; i < std::min(limit, runs.size()) && runs[i].count >= 4 * RunCounter::unit; ++i) {
      if (runs[i].spelling.size() <= Vocabulary::max_spelling) spellings.insert(runs[i].spelling);
    }
  }

  // Segments the corpus with the lexemes there are; sets their weights to how often they were used, and
  // damped_ to the same with a cap for each stretch of text.
  Status recount() {
    const std::shared_ptr<const Vocabulary> vocabulary = parse();
    const Tokenizer tokenizer(vocabulary, Spelling::off);
    std::vector<std::uint64_t> counts(vocabulary->size());
    damped_.assign(vocabulary->size(), 0);
    std::vector<std::uint32_t> in_stretch(vocabulary->size());
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < corpus_.size(); ++i) {
      if (!report("segment", double(i) / double(corpus_.size()))) return cancelled();
      const auto bytes = corpus_[i].bytes;
      for (std::size_t at = 0; at < bytes.size(); at += stretch_bytes) {
        tokens.clear();
        tokenizer.tokenize(bytes.subspan(at, std::min(stretch_bytes, bytes.size() - at)), tokens);
        for (const Token& token : tokens) {
          counts[token.lexeme] += corpus_[i].weight;
          damped_[token.lexeme] += corpus_[i].weight * std::max(1u, 16 / ++in_stretch[token.lexeme]);
        }
        for (const Token& token : tokens) in_stretch[token.lexeme] = 0;
      }
    }
    for (LexemeId id = 0; id < counts.size(); ++id)
      lexemes_[id].weight = std::max<std::uint64_t>(1, counts[id]);
    return Status::success();
  }

  // lexemes_ is in order of spelling throughout, so indices are lexeme ids of the parsed vocabulary.
  std::shared_ptr<const Vocabulary> parse() const {
    return Vocabulary::parse(write_vocabulary(lexemes_)).value();
  }

  // Drops the lexemes whose loss costs the corpus least.
  void prune() {
    const std::shared_ptr<const Vocabulary> vocabulary = parse();
    const Segmenter segmenter(*vocabulary);
    Segmenter::Scratch scratch;
    struct Loss {
      std::uint64_t bits;
      LexemeId id;
    };
    std::vector<Loss> losses;
    for (LexemeId id = 0; id < lexemes_.size(); ++id) {
      const std::string& spelling = lexemes_[id].spelling;
      if (is_single(spelling)) continue;
      const std::span<const std::uint8_t> run(reinterpret_cast<const std::uint8_t*>(spelling.data()),
                                              spelling.size());
      const std::uint32_t other = segmenter.segment(run, Spelling::off, scratch, id);
      const std::uint32_t own = segmenter.cost(id);
      losses.push_back({other > own ? damped_[id] * (other - own) : 0, id});
    }
    const std::size_t singles = lexemes_.size() - losses.size();
    const auto rounds_size = static_cast<std::size_t>(double(lexemes_.size()) * kept_per_round);
    const std::size_t kept = std::max(options_.size, rounds_size) - singles;
    std::stable_sort(losses.begin(), losses.end(),
                     [](const Loss& a, const Loss& b) { return a.bits > b.bits; });
    std::vector<bool> dropped(lexemes_.size());
    for (std::size_t i = kept; i < losses.size(); ++i) dropped[losses[i].id] = true;
    std::vector<LexemeDraft> left;
    for (LexemeId id = 0; id < lexemes_.size(); ++id) {
      if (!dropped[id]) left.push_back(std::move(lexemes_[id]));
    }
    lexemes_ = std::move(left);
  }

  Status classify() {
    const std::shared_ptr<const Vocabulary> vocabulary = parse();
    const Tokenizer tokenizer(vocabulary, Spelling::off);
    NeighbourFeatures features(*vocabulary);
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < corpus_.size(); ++i) {
      if (!report("neighbours", double(i) / double(corpus_.size()))) return cancelled();
      tokens.clear();
      tokenizer.tokenize(corpus_[i].bytes, tokens);
      features.add(tokens, corpus_[i].weight);
    }
    std::vector<std::uint32_t> weights(vocabulary->size());
    for (LexemeId id = 0; id < weights.size(); ++id) weights[id] = vocabulary->weight(id);
    bool going = true;
    DistributionalClasses classes(features.take_rows(), weights);
    const auto codes = classes.split([&](double share) { return going = report("classes", share); });
    if (!going) return cancelled();
    for (LexemeId id = 0; id < codes.size(); ++id) lexemes_[id].distributional_class = codes[id];
    return Status::success();
  }

  const TrainingOptions& options_;
  std::span<const CorpusText> corpus_;
  const TrainingProgress& progress_;
  std::vector<LexemeDraft> lexemes_;
  std::vector<std::uint64_t>
      damped_;  // [lexeme]: uses, where repetition within a stretch counts less and less
};

}  // namespace

Result<std::vector<std::uint8_t>> train_vocabulary(const TrainingOptions& options,
                                                   std::span<const CorpusText> corpus,
                                                   const TrainingProgress& progress) {
  if (options.size < 512 || options.size > (std::size_t{1} << 20)) {
    return Status{Code::bad_argument, "vocabulary size out of range", 0};
  }
  for (const CorpusText& text : corpus) {
    if (text.weight < 1 || text.weight > 255)
      return Status{Code::bad_argument, "corpus weight out of range", 0};
  }
  return Trainer(options, corpus, progress).run();
}

}  // namespace ssmz::codec
