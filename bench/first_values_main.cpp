// SPDX-License-Identifier: Apache-2.0
// Trains the first values of the models' adaptive parts over a corpus and writes first_values.bin.
//
//   ssmz-first-values -o FILE --text FILE... --bytes FILE... [--passes N] [--threads N] [--pieces A,B,..]
//                     [--levels N...] [--byte-levels N...]
//
// data/FIRST_VALUES.md says what is trained and how. Deterministic, whatever the number of threads.
#include <xxhash.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/attribute_fit.hpp"
#include "bench/first_values_fit.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"

namespace {

namespace codec = ssmz::codec;
using codec::ByteModel;
using codec::DecisionModel;
using codec::FirstValues;
using codec::FirstValuesFile;
using codec::HistoryChain;
using codec::TextModel;
using namespace codec::training;

constexpr unsigned sample_every = 8;  // decisions between two looks at the weights

enum class Kind { text, bytes };

struct Options {
  std::string out;
  std::vector<std::string> text, bytes;
  std::vector<std::size_t> pieces{12, 40, 100};  // kB
  std::vector<int> levels{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<int> byte_levels{1, 2, 3, 4, 5, 6, 9};  // the others' shapes are near enough to the last
  unsigned passes = 1, threads = 2;
};

/// What a block begins with is none of the model's decisions. Pieces stand for blocks of the usual size.
struct Unsampled {
  static unsigned code(bool bit, std::uint32_t, const codec::Position&) noexcept { return bit; }
};
constexpr std::size_t usual_block = std::size_t{256} << 10;

// What the model's weights are while it codes, sampled.
class Sampler final : public codec::DecisionIo {
 public:
  Sampler(const DecisionModel& model, WeightSums& weights, WeightSums& finals, bool on)
      : model_(model), weights_(weights), finals_(finals), on_(on) {}
  unsigned code(bool bit, std::uint32_t, const codec::Position&) override {
    if (on_ && ++decisions_ % sample_every == 0) {
      weights_.add(model_.phase(), model_.mixer());
      finals_.add(model_.phase(), model_.finals());
    }
    return bit;
  }

 private:
  const DecisionModel& model_;
  WeightSums& weights_;
  WeightSums& finals_;
  bool on_;
  std::uint64_t decisions_ = 0;
};

struct Counts {
  unsigned phases = 0, contexts = 0, followers = 0, matches = 0, extra = 0, sets = 0, finals = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

Counts counts_of(const DecisionModel& model) {
  return {model.phases(),
          model.contexts().count(),
          model.followers().count(),
          static_cast<unsigned>(model.matches().size()),
          model.bias_at() - model.extra_at(),
          model.mixer().set_count(),
          model.finals().set_count()};
}

// What is gathered over the pieces.
struct Sums {
  WeightSums weights, finals;
  MapSums histories, followers;
  std::vector<MapSums> matches;
  ChainSums chains;
  Counts counts;
};

class Trainer {
 public:
  Trainer(const Options& options, Kind kind)
      : options_(options), kind_(kind), vocabulary_(codec::Vocabulary::builtin()) {
    for (const std::string& path : kind == Kind::text ? options.text : options.bytes) cut(path);
    shuffle();
  }

  [[nodiscard]] bool empty() const { return pieces_.empty(); }

  /// What classes say of attributes; nothing for bytes.
  [[nodiscard]] Bytes attributes() const { return kind_ == Kind::text ? attribute_sums_.logits() : Bytes{}; }

  [[nodiscard]] Counts counts(int level) const {
    Counts found;
    with_model(level, nullptr, {'x'},
               [&](auto& model, const auto&) { found = counts_of(model.decisions()); });
    return found;
  }

  // One pass over all pieces, each beginning anew with `first`. nullptr: to train all but the mixers.
  [[nodiscard]] Sums pass(int level, const FirstValues* first) const {
    Sums sums;
    std::optional<codec::MixerNetwork> mixers;  // between two pieces
    std::optional<HistoryChain> chains;         // likewise, while they are trained
    std::size_t number = 0;
    for (const Bytes& piece : pieces_) {
      const bool late = number++ >= pieces_.size() / 3;
      with_model(level, first, piece, [&](auto& model, const auto& symbols) {
        const DecisionModel& decisions = std::as_const(model).decisions();
        if (sums.counts == Counts{}) {
          sums.counts = counts_of(decisions);
          sums.weights = {sums.counts.phases, sums.counts.sets, decisions.bias_at() + 1};
          sums.finals = {sums.counts.phases, sums.counts.finals, sums.counts.sets};
          sums.matches.resize(sums.counts.matches);
        }
        Sampler io(decisions, sums.weights, sums.finals, late);
        if (mixers) model.decisions().take_mixers(std::move(*mixers));
        if constexpr (requires { model.chains(); })
          if (chains) *model.chains() = *chains;
        Unsampled unsampled;
        if constexpr (requires { model.begin_block(unsampled, symbols, usual_block); })
          model.begin_block(unsampled, symbols, usual_block);
        for (std::size_t i = 0; i < symbols.size(); ++i) model.code(io, std::span(symbols).subspan(i));
        mixers.emplace(model.decisions().give_mixers());
        if (first) return;
        if constexpr (requires { model.chains(); }) {
          if (chains && late) sums.chains.add(*chains, *model.chains());
          chains = *model.chains();
        }
        sums.histories.add(decisions.contexts().histories());
        sums.followers.add(decisions.followers().maps());
        for (unsigned i = 0; i < sums.counts.matches; ++i) sums.matches[i].add(decisions.matches()[i].map());
      });
    }
    return sums;
  }

 private:
  // Kinds of file in turn, the same way everywhere.
  void shuffle() {
    std::uint64_t state = 1;
    for (std::size_t i = pieces_.size(); i > 1; --i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      std::swap(pieces_[i - 1], pieces_[(state >> 33) % i]);
    }
  }

  // Of the whole file: a piece has too few of most classes.
  void count_attributes(const Bytes& raw) {
    std::vector<codec::Token> tokens;
    codec::Tokenizer(vocabulary_).tokenize(raw, tokens);
    attribute_sums_.add(tokens, *vocabulary_);
  }

  // Pieces of a file of all the sizes, spread over it.
  void cut(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const Bytes raw{std::istreambuf_iterator<char>(file), {}};
    if (kind_ == Kind::text) count_attributes(raw);
    if (raw.empty()) std::fprintf(stderr, "ssmz-first-values: '%s' is empty or not there\n", path.c_str());
    for (std::size_t i = 0; i < options_.pieces.size(); ++i) {
      const std::size_t size = options_.pieces[i] * 1000;
      if (raw.size() < size && i > 0) continue;
      std::size_t from = raw.size() > size ? (raw.size() - size) * i / options_.pieces.size() : 0;
      if (kind_ == Kind::text)  // begin with a line
        while (from > 0 && from < raw.size() && raw[from - 1] != '\n') ++from;
      const std::size_t end = std::min(raw.size(), from + size);
      if (from < end)
        pieces_.emplace_back(raw.begin() + static_cast<std::ptrdiff_t>(from),
                             raw.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }

  template <class Use>
  void with_model(int level, const FirstValues* first, const Bytes& raw, Use&& use) const {
    const codec::ModelParameters parameters = *codec::parameters_for(level, raw.size(), 0);
    codec::SlotTable table(codec::table_bytes(parameters));
    if (kind_ == Kind::text) {
      std::vector<codec::Token> tokens;
      codec::Tokenizer(vocabulary_).tokenize(raw, tokens);
      codec::TextModelOptions options = codec::text_options(parameters, 1);
      options.first = first;
      TextModel model(vocabulary_, table, options);
      use(model, tokens);
    } else {
      codec::ByteModelOptions options = codec::byte_options(parameters, 1);
      options.ask_from = 0;  // one set of phases for all levels: those of a question are none of them
      options.first = first;
      ByteModel model(table, options);
      use(model, raw);
    }
  }

  const Options& options_;
  Kind kind_;
  std::shared_ptr<const codec::Vocabulary> vocabulary_;
  std::vector<Bytes> pieces_;
  AttributeSums attribute_sums_;
};

void append_map(const MapSums& map, Bytes& out) {
  for (std::size_t i = 0; i < map.size(); ++i) out.push_back(quantised_or_unknown(map.ones(i), map.bits(i)));
}

void append_chains(const ChainSums& chains, unsigned phases, unsigned stages, Bytes& out) {
  std::vector<ChainFit> fits;
  for (unsigned k = 0; k < codec::ContextBank::map_size; ++k) fits.emplace_back(chains, phases, k);
  for (unsigned p = 0; p < phases; ++p)
    for (const ChainFit& fit : fits) out.push_back(fit.phase(p));
  for (unsigned s = 0; s < stages; ++s)
    for (const ChainFit& fit : fits) out.push_back(fit.constant(s));
  for (unsigned s = 0; s < stages; ++s)
    for (const ChainFit& fit : fits) out.push_back(fit.logit(s));
}

Bytes maps_of(const Sums& sums, Kind kind, const Bytes& attributes) {
  const Counts& n = sums.counts;
  constexpr unsigned kinds = codec::ContextBank::map_size;
  // What a history is worth in each context of bytes is 15 kB packed for nothing: 13 files of 3 to 200 kB at
  // -9 -0.52 % with it, -0.54 % without.
  const unsigned contexts = kind == Kind::bytes ? 0 : n.contexts;
  Bytes out;
  for (const std::size_t field :
       {std::size_t{n.phases}, std::size_t{contexts}, std::size_t{kinds}, std::size_t{n.followers},
        sums.followers.size() / std::max(1u, n.followers), std::size_t{n.matches}, sums.matches.at(0).size(),
        std::size_t{sums.chains.stages(n.phases)},
        attributes.empty() ? std::size_t{0} : std::size_t{codec::attribute_decisions},
        attributes.size() / codec::attribute_decisions})
    codec::append_little_endian(field, 2, out);
  out.insert(out.end(), attributes.begin(), attributes.end());
  std::vector<std::uint8_t> groups(n.phases, 1);
  if (kind == Kind::text) groups[static_cast<unsigned>(codec::Stage::letter)] = 0;  // other contexts
  out.insert(out.end(), groups.begin(), groups.end());
  std::vector<HistoryFit> fits;
  for (unsigned k = 0; k < kinds; ++k) fits.emplace_back(sums.histories, groups, n.contexts, k);
  for (unsigned p = 0; p < n.phases; ++p)
    for (const HistoryFit& fit : fits) out.push_back(fit.phase(p));
  for (unsigned c = 0; c < contexts; ++c)
    for (const HistoryFit& fit : fits) out.push_back(fit.context(c));
  append_map(sums.followers, out);
  for (const MapSums& match : sums.matches) append_map(match, out);
  if (const unsigned stages = sums.chains.stages(n.phases)) append_chains(sums.chains, n.phases, stages, out);
  return out;
}

Bytes mixer_of(const Sums& sums) {
  Bytes out;
  const Counts& n = sums.counts;
  for (const unsigned field : {n.contexts, n.followers, n.matches, n.extra, n.sets, n.finals})
    codec::append_little_endian(field, 2, out);
  append_weights(sums.weights, out);
  append_final_weights(sums.finals, out);
  return out;
}

struct ModelFile {
  std::string name;
  Bytes maps;
  std::vector<Bytes> mixers;
};

Bytes file_of(const std::vector<ModelFile>& models) {
  constexpr std::string_view magic = "ssmzfst3";
  Bytes out(magic.begin(), magic.end());
  out.push_back(static_cast<std::uint8_t>(models.size()));
  for (const ModelFile& model : models) {
    out.push_back(static_cast<std::uint8_t>(model.name.size()));
    out.insert(out.end(), model.name.begin(), model.name.end());
    out.insert(out.end(), model.maps.begin(), model.maps.end());
    out.push_back(static_cast<std::uint8_t>(model.mixers.size()));
    for (const Bytes& mixer : model.mixers) out.insert(out.end(), mixer.begin(), mixer.end());
  }
  codec::append_little_endian(XXH3_64bits(out.data(), out.size()), 8, out);
  return out;
}

// Levels that differ in what their mixers have: the least of each kind.
std::vector<int> distinct_levels(const Trainer& trainer, const std::vector<int>& levels) {
  std::vector<int> distinct;
  std::vector<Counts> seen;
  for (const int level : levels) {
    const Counts counts = trainer.counts(level);
    if (std::find(seen.begin(), seen.end(), counts) != seen.end()) continue;
    seen.push_back(counts);
    distinct.push_back(level);
  }
  return distinct;
}

// The mixer of a level: each pass starts from the weights that the one before had on average.
Bytes train_mixer(const Trainer& trainer, const Options& options, const std::string& name, const Bytes& maps,
                  int level) {
  Bytes mixer;
  for (unsigned pass = 0; pass < options.passes; ++pass) {
    ModelFile so_far{name, maps, {}};
    if (!mixer.empty()) so_far.mixers.push_back(mixer);
    const Bytes file = file_of({so_far});
    const auto parsed = FirstValuesFile::parse(file);
    mixer = mixer_of(trainer.pass(level, parsed.value().find(name)));
    std::fprintf(stderr, "%s -%d: pass %u of %u\n", name.c_str(), level, pass + 1, options.passes);
  }
  return mixer;
}

ModelFile train(const Options& options, Kind kind, const std::string& name) {
  const Trainer trainer(options, kind);
  ModelFile model{name, maps_of(trainer.pass(codec::max_level, nullptr), kind, trainer.attributes()), {}};
  const std::vector<int> levels =
      distinct_levels(trainer, kind == Kind::text ? options.levels : options.byte_levels);
  model.mixers.resize(levels.size());
  std::atomic<std::size_t> next{levels.size()};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i)
    threads.emplace_back([&] {
      const ssmz::model::ScopedFloatMode mode;
      for (std::size_t at = next--; at-- > 0 && at < levels.size(); at = next--)  // the slowest first
        model.mixers[at] = train_mixer(trainer, options, name, model.maps, levels[at]);
    });
  for (std::thread& thread : threads) thread.join();
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trains the first values of the models' adaptive parts."};
  Options options;
  app.add_option("-o,--output", options.out, "file to write")->required();
  app.add_option("--text", options.text, "files for the text model");
  app.add_option("--bytes", options.bytes, "files for the byte model");
  app.add_option("--pieces", options.pieces, "sizes in kB of the pieces that are cut from each file")
      ->delimiter(',');
  app.add_option("--levels", options.levels, "levels to train of the text model")->delimiter(',');
  app.add_option("--byte-levels", options.byte_levels, "levels to train of the byte model")->delimiter(',');
  app.add_option("--passes", options.passes, "passes over the pieces for the mixers");
  app.add_option("--threads", options.threads, "levels trained at a time");
  CLI11_PARSE(app, argc, argv);
  const ssmz::model::ScopedFloatMode mode;
  std::vector<ModelFile> models;
  if (!options.text.empty()) models.push_back(train(options, Kind::text, "text"));
  if (!options.bytes.empty()) models.push_back(train(options, Kind::bytes, "bytes"));
  const Bytes file = file_of(models);
  std::ofstream(options.out, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  std::printf("%zu bytes\n", file.size());
  return 0;
}
