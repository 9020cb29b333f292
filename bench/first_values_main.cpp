// SPDX-License-Identifier: Apache-2.0
// Trains the first values of the models' adaptive parts over a corpus and writes first_values.bin.
//
//   ssmz-first-values -o FILE --text FILE... --bytes FILE... [--passes N] [--threads N] [--pieces A,B,..]
//                     [--levels N...]
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

#include "codec/base/little_endian.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/text/text_selectors.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"

namespace {

namespace codec = ssmz::codec;
using codec::ByteModel;
using codec::DecisionModel;
using codec::FirstValues;
using codec::FirstValuesFile;
using codec::TextModel;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned sample_every = 8;    // decisions between two looks at the weights
constexpr double most_evidence = 60;    // bits that an entry of one piece counts for: pieces shall be even
constexpr double context_ridge = 20.0;  // bits without evidence that a context differs
constexpr int steps_a_nat = 16;

enum class Kind { text, bytes };

struct Options {
  std::string out;
  std::vector<std::string> text, bytes;
  std::vector<std::size_t> pieces{12, 40, 100};  // kB
  std::vector<int> levels{1, 2, 3, 4, 5, 6, 7, 8, 9};
  unsigned passes = 1, threads = 2;
};

// Sums of probabilities in a table's entries, by how many bits each has seen.
class MapSums {
 public:
  void add(const codec::AdaptiveMap& map) {
    ones_.resize(map.size()), bits_.resize(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) {
      const double bits = std::min<double>(map.count(i), most_evidence);
      ones_[i] += bits * map.probability(i) / 65536.0;
      bits_[i] += bits;
    }
  }
  [[nodiscard]] std::size_t size() const { return bits_.size(); }
  [[nodiscard]] double bits(std::size_t i) const { return bits_[i]; }
  [[nodiscard]] double ones(std::size_t i) const { return ones_[i]; }

 private:
  std::vector<double> ones_, bits_;
};

double logit_of(double ones, double bits) { return std::log((ones + 0.2) / (bits - ones + 0.2)); }

std::uint8_t quantised(double nats) {
  return static_cast<std::uint8_t>(
      static_cast<std::int8_t>(std::clamp(std::lround(nats * steps_a_nat), -127L, 127L)));
}

std::uint8_t quantised_or_unknown(double ones, double bits) {
  return bits < 4.0 ? static_cast<std::uint8_t>(FirstValues::unknown) : quantised(logit_of(ones, bits));
}

// The sum of the selected weights of a mixer layer, by phase and set.
class WeightSums {
 public:
  WeightSums() = default;
  WeightSums(unsigned phases, unsigned sets, std::size_t inputs)
      : phases_(phases), sets_(sets), inputs_(inputs), sums_(phases * sets * inputs), counts_(phases) {}

  void add(unsigned phase, const codec::MixerLayer& layer) {
    ++counts_[phase];
    for (unsigned set = 0; set < sets_; ++set) {
      const float* const weights = layer.selected(set);
      double* const sum = &sums_[(phase * sets_ + set) * inputs_];
      for (std::size_t i = 0; i < inputs_; ++i) sum[i] += static_cast<double>(weights[i]);
    }
  }
  [[nodiscard]] double count(unsigned phase) const { return counts_[phase]; }
  [[nodiscard]] double sum(unsigned phase, unsigned set, std::size_t input) const {
    return sums_[(phase * sets_ + set) * inputs_ + input];
  }
  [[nodiscard]] unsigned phases() const { return phases_; }
  [[nodiscard]] unsigned sets() const { return sets_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }

 private:
  unsigned phases_ = 0, sets_ = 0;
  std::size_t inputs_ = 0;
  std::vector<double> sums_, counts_;
};

void append_vector(const std::vector<double>& weights, Bytes& out) {
  double most = 1e-6;
  for (const double w : weights) most = std::max(most, std::abs(w));
  const int exponent = std::clamp(static_cast<int>(std::floor(std::log2(127.0 / most))), 0, 31);
  out.push_back(static_cast<std::uint8_t>(exponent));
  for (const double w : weights)
    out.push_back(static_cast<std::uint8_t>(
        static_cast<std::int8_t>(std::clamp(std::lround(std::ldexp(w, exponent)), -127L, 127L))));
}

// First weights as the mean of those in use: of each phase over all sets, and how each set differs from it.
void append_weights(const WeightSums& sums, Bytes& out) {
  const unsigned phases = sums.phases(), sets = sums.sets();
  std::vector<std::vector<double>> common(phases, std::vector<double>(sums.inputs()));
  for (unsigned phase = 0; phase < phases; ++phase) {
    for (std::size_t i = 0; i < sums.inputs(); ++i) {
      for (unsigned set = 0; set < sets; ++set) common[phase][i] += sums.sum(phase, set, i);
      common[phase][i] /= std::max(1.0, sums.count(phase)) * sets;
    }
    append_vector(common[phase], out);
  }
  double all = 0.0;
  for (unsigned phase = 0; phase < phases; ++phase) all += sums.count(phase);
  for (unsigned set = 0; set < sets; ++set) {
    std::vector<double> more(sums.inputs());
    for (std::size_t i = 0; i < sums.inputs(); ++i) {
      for (unsigned phase = 0; phase < phases; ++phase)
        more[i] += sums.sum(phase, set, i) - sums.count(phase) * common[phase][i];
      more[i] /= std::max(1.0, all);
    }
    append_vector(more, out);
  }
}

void append_final_weights(const WeightSums& sums, Bytes& out) {
  for (unsigned phase = 0; phase < sums.phases(); ++phase) {
    for (unsigned i = 0; i < sums.sets(); ++i) {
      std::vector<double> weights(sums.inputs());
      for (std::size_t k = 0; k < weights.size(); ++k)
        weights[k] = sums.count(phase) > 0 ? sums.sum(phase, i, k) / sums.count(phase)
                                           : 1.0 / static_cast<double>(weights.size());
      append_vector(weights, out);
    }
  }
}

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

  [[nodiscard]] Counts counts(int level) const {
    Counts found;
    with_model(level, true, nullptr, {'x'},
               [&](auto& model, const auto&) { found = counts_of(model.decisions()); });
    return found;
  }

  // One pass over all pieces, each beginning anew with `first`.
  [[nodiscard]] Sums pass(int level, bool ssm, const FirstValues* first) const {
    Sums sums;
    std::optional<DecisionModel::Mixers> mixers;  // between two pieces
    std::size_t number = 0;
    for (const Bytes& piece : pieces_) {
      const bool late = number++ >= pieces_.size() / 3;
      with_model(level, ssm, first, piece, [&](auto& model, const auto& symbols) {
        const DecisionModel& decisions = std::as_const(model).decisions();
        if (sums.counts == Counts{}) {
          sums.counts = counts_of(decisions);
          sums.weights = {sums.counts.phases, sums.counts.sets, decisions.bias_at() + 1};
          sums.finals = {sums.counts.phases, sums.counts.finals, sums.counts.sets};
          sums.matches.resize(sums.counts.matches);
        }
        Sampler io(decisions, sums.weights, sums.finals, late);
        if (mixers) model.decisions().take_mixers(std::move(*mixers));
        for (std::size_t i = 0; i < symbols.size(); ++i) model.code(io, std::span(symbols).subspan(i));
        mixers.emplace(model.decisions().give_mixers());
        if (first) return;
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

  // Pieces of a file of all the sizes, spread over it.
  void cut(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const Bytes raw{std::istreambuf_iterator<char>(file), {}};
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
  void with_model(int level, bool ssm, const FirstValues* first, const Bytes& raw, Use&& use) const {
    const codec::ModelParameters parameters = *codec::parameters_for(level, raw.size(), 0);
    codec::SlotTable table(codec::table_bytes(parameters));
    if (kind_ == Kind::text) {
      std::vector<codec::Token> tokens;
      codec::Tokenizer(vocabulary_).tokenize(raw, tokens);
      codec::TextModelOptions options = codec::text_options(parameters, 1);
      if (!ssm) options.ssm.stack.clear();
      options.first = first;
      options.sets = std::min(options.sets, codec::trained_text_sets);
      options.recency = false;
      TextModel model(vocabulary_, table, options);
      use(model, tokens);
    } else {
      codec::ByteModelOptions options = codec::byte_options(parameters);
      options.first = first;
      ByteModel model(table, options);
      use(model, raw);
    }
  }

  const Options& options_;
  Kind kind_;
  std::shared_ptr<const codec::Vocabulary> vocabulary_;
  std::vector<Bytes> pieces_;
};

// Maps of histories as a sum of what a phase and what a context is worth, for one kind of history.
class HistoryFit {
 public:
  HistoryFit(const Sums& sums, const std::vector<std::uint8_t>& groups, unsigned kind)
      : sums_(sums),
        groups_(groups),
        kind_(kind),
        phases_(sums.counts.phases),
        contexts_(sums.counts.contexts) {
    for (int round = 0; round < 8; ++round) fit_phases(), fit_contexts();
    fit_phases();
  }
  [[nodiscard]] std::uint8_t phase(unsigned p) const {
    return known_[p] ? quantised(phases_[p]) : static_cast<std::uint8_t>(FirstValues::unknown);
  }
  [[nodiscard]] std::uint8_t context(unsigned c) const { return quantised(contexts_[c]); }

 private:
  struct Cell {
    double logit, weight;
  };
  [[nodiscard]] Cell cell(unsigned p, unsigned c) const {
    const std::size_t i = (std::size_t{p} * codec::ContextBank::map_size + kind_) * sums_.counts.contexts + c;
    const double bits = sums_.histories.bits(i), ones = sums_.histories.ones(i);
    const double share = (ones + 0.2) / (bits + 0.4);
    return {logit_of(ones, bits), bits * share * (1.0 - share) * 4.0};
  }
  void fit_phases() {
    known_.assign(phases_.size(), false);
    for (unsigned p = 0; p < phases_.size(); ++p) {
      double sum = 0.0, weight = 0.0;
      for (unsigned c = 0; c < contexts_.size(); ++c) {
        const Cell at = cell(p, c);
        sum += at.weight * (at.logit - (groups_[p] ? contexts_[c] : 0.0)), weight += at.weight;
      }
      known_[p] = weight > 1.0;
      phases_[p] = known_[p] ? sum / weight : 0.0;
    }
  }
  void fit_contexts() {
    for (unsigned c = 0; c < contexts_.size(); ++c) {
      double sum = 0.0, weight = context_ridge;
      for (unsigned p = 0; p < phases_.size(); ++p) {
        if (!groups_[p] || !known_[p]) continue;
        const Cell at = cell(p, c);
        sum += at.weight * (at.logit - phases_[p]), weight += at.weight;
      }
      contexts_[c] = sum / weight;
    }
  }

  const Sums& sums_;
  const std::vector<std::uint8_t>& groups_;
  unsigned kind_;
  std::vector<double> phases_, contexts_;
  std::vector<bool> known_;
};

void append_map(const MapSums& map, Bytes& out) {
  for (std::size_t i = 0; i < map.size(); ++i) out.push_back(quantised_or_unknown(map.ones(i), map.bits(i)));
}

Bytes maps_of(const Sums& sums, Kind kind) {
  const Counts& n = sums.counts;
  constexpr unsigned kinds = codec::ContextBank::map_size;
  Bytes out;
  for (const std::size_t field :
       {std::size_t{n.phases}, std::size_t{n.contexts}, std::size_t{kinds}, std::size_t{n.followers},
        sums.followers.size() / std::max(1u, n.followers), std::size_t{n.matches}, sums.matches.at(0).size()})
    codec::append_little_endian(field, 2, out);
  std::vector<std::uint8_t> groups(n.phases, 1);
  if (kind == Kind::text) groups[static_cast<unsigned>(codec::Stage::letter)] = 0;  // other contexts
  out.insert(out.end(), groups.begin(), groups.end());
  std::vector<HistoryFit> fits;
  for (unsigned k = 0; k < kinds; ++k) fits.emplace_back(sums, groups, k);
  for (unsigned p = 0; p < n.phases; ++p)
    for (const HistoryFit& fit : fits) out.push_back(fit.phase(p));
  for (unsigned c = 0; c < n.contexts; ++c)
    for (const HistoryFit& fit : fits) out.push_back(fit.context(c));
  append_map(sums.followers, out);
  for (const MapSums& match : sums.matches) append_map(match, out);
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
  constexpr std::string_view magic = "ssmzfst1";
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
    mixer = mixer_of(trainer.pass(level, true, parsed.value().find(name)));
    std::fprintf(stderr, "%s -%d: pass %u of %u\n", name.c_str(), level, pass + 1, options.passes);
  }
  return mixer;
}

ModelFile train(const Options& options, Kind kind, const std::string& name) {
  const Trainer trainer(options, kind);
  ModelFile model{name, maps_of(trainer.pass(codec::max_level, false, nullptr), kind), {}};
  const std::vector<int> levels = distinct_levels(trainer, options.levels);
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
  app.add_option("--levels", options.levels, "levels to train")->delimiter(',');
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
