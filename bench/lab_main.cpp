// SPDX-License-Identifier: Apache-2.0
// The lab: runs the predictor over a file without coding, with
// parts switched on or off, and prints where the bits go.
//
//   ssmz-lab FILE... [--level N] [--without PART]... [--only PART]... [--alone] [--kind NAME] [--json]
//            [--stack TEXT] [--width D] [--seed S] [--head BYTES] [--more CONTEXT]...
//   ssmz-lab --parts
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/block/registry.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/range/range_common.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"
#include "model/zoo/all_layers.hpp"

namespace {

namespace codec = ssmz::codec;
using codec::ByteModel;
using codec::ModelParameters;
using codec::SsmInput;
using codec::TextModel;
using codec::Token;

constexpr std::pair<const char*, const char*> parts[] = {
    {"contexts", "n-gram slots: bit histories and direct probabilities"},
    {"followers", "last three symbols that followed each context"},
    {"matches", "match models"},
    {"prior", "unigram prior of the vocabulary (text only)"},
    {"ssm", "online state-space models"},
    {"apms", "adaptive probability maps after the mixers"},
    {"spelling", "words spelled letter by letter (text only)"},
};

// What is switched on. Words are spelled unless told otherwise, also where --only names other parts.
struct Parts {
  bool contexts = true, followers = true, matches = true, prior = true, ssm = true, apms = true;
  bool spelling = true;
};
constexpr const char* stages[codec::stage_count] = {"space",   "newline", "word",   "lower",
                                                    "capital", "path",    "letter", "whole"};
constexpr unsigned time_slices = 10;

bool* switch_of(Parts& s, const std::string& part) {
  if (part == "contexts") return &s.contexts;
  if (part == "followers") return &s.followers;
  if (part == "matches") return &s.matches;
  if (part == "prior") return &s.prior;
  if (part == "ssm") return &s.ssm;
  if (part == "apms") return &s.apms;
  if (part == "spelling") return &s.spelling;
  return nullptr;
}

// Adds up -log2 of the probability of each decision.
struct Meter final : codec::DecisionIo {
  double bits = 0.0;
  double stage_bits[codec::stage_count] = {};
  double ssm_bits = 0.0;
  std::uint64_t decisions = 0;
  const SsmInput* ssm = nullptr;
  unsigned code(bool bit, std::uint32_t p, const codec::Position& at) override {
    const double one = static_cast<double>(p) / codec::probability_one;
    const double cost = -std::log2(bit ? one : 1.0 - one);
    bits += cost;
    stage_bits[static_cast<unsigned>(at.stage)] += cost;
    ++decisions;
    if (ssm && at.stage != codec::Stage::letter && at.stage != codec::Stage::whole)
      ssm_bits += std::log2(1.0 + std::exp(bit ? -static_cast<double>(ssm->logit()) : ssm->logit()));
    return bit;
  }
};

struct Report {
  double bytes = 0.0;
  double ssm_alone = 0.0;  // 0: no SSM
  std::uint64_t symbols = 0, decisions = 0;
  std::size_t ssm_state = 0, ssm_parameters = 0;  // floats; of the layers alone
  double seconds = 0.0;
  std::map<std::string, std::pair<std::uint64_t, double>> classes;  // symbols, bytes
  double stage_bytes[codec::stage_count] = {};
  double slice_bytes[time_slices] = {};
};

std::string class_of(const codec::Vocabulary& vocabulary, Token token) {
  if (token.separator == codec::Separator::spelled) return "letter of a spelled word";
  if (token.lexeme == vocabulary.spelled()) return "spelled word";
  const std::string_view spelling = vocabulary.spelling(token.lexeme);
  const auto c = static_cast<unsigned char>(spelling[0]);
  if (vocabulary.is_word(token.lexeme)) {
    if (c >= 128) return "non-ASCII";
    return token.separator == codec::Separator::none ? "word, no space before" : "word";
  }
  if (c >= '0' && c <= '9') return "digit";
  return c == ' ' || (c >= '\t' && c <= '\r') ? "white space" : "punctuation";
}

class Lab {
 public:
  Lab(const ModelParameters& parameters, Parts switches, const codec::TextModelOptions& text)
      : parameters_(parameters),
        switches_(switches),
        text_(text),
        vocabulary_(codec::Vocabulary::builtin()),
        table_(codec::table_bytes(parameters)) {}

  Report blocks(codec::BlockKind kind, std::uint64_t layout, const std::vector<std::uint8_t>& raw) {
    if (kind == codec::BlockKind::text) return text(raw);
    if (kind == codec::BlockKind::bytes) return bytes(raw);
    const auto model =
        codec::find_kind(kind)->make({parameters_, vocabulary_, table_, 2});  // no switches but the whole
    if (codec::find_kind(kind)->valid_layout) model->set_layout(layout);
    return run(1, [&](Meter& meter, std::size_t) {
      return std::string(model->encode(meter, raw, {}).ok() ? "block" : "block that was refused");
    });
  }

 private:
  Report text(const std::vector<std::uint8_t>& raw) {
    std::vector<Token> tokens;
    codec::Tokenizer(vocabulary_, switches_.spelling ? codec::Spelling::on : codec::Spelling::off)
        .tokenize(raw, tokens);
    codec::TextModelOptions options = text_;
    leave_out(options);
    if (!switches_.ssm) options.ssm.stack.clear();
    options.prior = switches_.prior;
    TextModel model(vocabulary_, table_, options);
    Report report = run(tokens.size(), [&](Meter& meter, std::size_t i) {
      meter.ssm = model.ssm();
      model.code(meter, std::span<const Token>(tokens).subspan(i));
      return class_of(*vocabulary_, tokens[i]);
    });
    const auto stack =
        ssmz::model::Stack<float>::create(options.ssm.stack, options.ssm.d_model, 1, options.ssm.layers);
    if (stack.ok()) {
      report.ssm_state = stack.value().sizes().state;
      report.ssm_parameters = stack.value().sizes().parameters;
    }
    return report;
  }

  Report bytes(const std::vector<std::uint8_t>& raw) {
    codec::ByteModelOptions options = codec::byte_options(parameters_, 2);
    if (!switches_.ssm) options.ssm.d_model = 0;
    leave_out(options);
    ByteModel model(table_, options);
    return run(raw.size(), [&](Meter& meter, std::size_t i) {
      if (i == 0) model.begin_block(meter, raw, raw.size());
      model.code(meter, std::span<const std::uint8_t>(raw).subspan(i));
      return std::string("byte");
    });
  }

  // The parts that both models have.
  template <class ModelOptions>
  void leave_out(ModelOptions& options) const {
    if (!switches_.contexts) options.contexts = 0;
    if (!switches_.followers) options.follower_contexts = 0;
    if (!switches_.matches) options.matches = 0;
    if (!switches_.apms) options.apms = 0;
  }

  template <class Symbol>
  Report run(std::size_t count, Symbol&& symbol) {
    const ssmz::model::ScopedFloatMode mode;
    Report report;
    Meter meter;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      const double before = meter.bits;
      auto& entry = report.classes[symbol(meter, i)];
      const double cost = (meter.bits - before) / 8.0;
      ++entry.first;
      entry.second += cost;
      report.slice_bytes[i * time_slices / count] += cost;
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report.bytes = meter.bits / 8.0;
    report.ssm_alone = meter.ssm_bits / 8.0;
    report.symbols = count;
    report.decisions = meter.decisions;
    for (unsigned i = 0; i < codec::stage_count; ++i) report.stage_bytes[i] = meter.stage_bits[i] / 8.0;
    return report;
  }

  ModelParameters parameters_;
  Parts switches_;
  codec::TextModelOptions text_;
  std::shared_ptr<const codec::Vocabulary> vocabulary_;
  codec::SlotTable table_;
};

void print_json(const Report& r, const std::map<std::string, double>& alone) {
  std::printf("{\"bytes\": %.0f, \"symbols\": %llu, \"decisions\": %llu, \"seconds\": %.3f", r.bytes,
              static_cast<unsigned long long>(r.symbols), static_cast<unsigned long long>(r.decisions),
              r.seconds);
  const char* comma = "";
  std::printf(", \"alone\": {");
  for (const auto& [name, bytes] : alone)
    std::printf("%s\"%s\": %.0f", comma, name.c_str(), bytes), comma = ", ";
  std::printf("}, \"classes\": {");
  comma = "";
  for (const auto& [name, entry] : r.classes)
    std::printf("%s\"%s\": {\"symbols\": %llu, \"bytes\": %.0f}", comma, name.c_str(),
                static_cast<unsigned long long>(entry.first), entry.second),
        comma = ", ";
  std::printf("}, \"stages\": {");
  for (unsigned i = 0; i < codec::stage_count; ++i)
    std::printf("%s\"%s\": %.0f", i ? ", " : "", stages[i], r.stage_bytes[i]);
  std::printf("}, \"slices\": [");
  for (unsigned i = 0; i < time_slices; ++i) std::printf("%s%.0f", i ? ", " : "", r.slice_bytes[i]);
  std::printf("], \"ssm\": {\"state\": %zu, \"parameters\": %zu}}\n", r.ssm_state, r.ssm_parameters);
}

void print_table(const Report& r, const std::map<std::string, double>& alone, std::size_t size) {
  std::printf("mixed            %12.0f bytes  %.4f bits/byte  %.1f KB/s  %.2f decisions/byte\n", r.bytes,
              r.bytes * 8.0 / static_cast<double>(size), static_cast<double>(size) / r.seconds / 1000.0,
              static_cast<double>(r.decisions) / static_cast<double>(size));
  for (const auto& [name, bytes] : alone) std::printf("alone: %-10s%12.0f bytes\n", name.c_str(), bytes);
  std::printf("\nclass                    symbols        bytes  bits/symbol\n");
  for (const auto& [name, entry] : r.classes)
    std::printf("%-22s%10llu%13.0f%13.2f\n", name.c_str(), static_cast<unsigned long long>(entry.first),
                entry.second, entry.second * 8.0 / static_cast<double>(entry.first));
  std::printf("\ndecision      bytes\n");
  for (unsigned i = 0; i < codec::stage_count; ++i) std::printf("%-8s%11.0f\n", stages[i], r.stage_bytes[i]);
  std::printf("\ntenths of the symbols, bytes:");
  for (const double bytes : r.slice_bytes) std::printf(" %.0f", bytes);
  std::printf("\n");
}

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> more;  // contexts
  int level = codec::default_level;
  std::vector<std::string> without, only;
  std::optional<std::string> stack;
  std::optional<std::size_t> width;
  std::uint64_t seed = 1;
  std::size_t head = 0;
  std::uint64_t layout = 0;  // of kinds that have one
  std::string kind;          // of block; empty: the cheapest
  bool json = false, list = false, alone = false;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("FILE", options.paths, "more than one: a line for each, then the sum");
  app.add_option("--more", options.more,
                 "one more context of text, as codec/text/text_contexts.cpp writes them");
  app.add_option("--level", options.level, "level, 1 to 9")
      ->check(CLI::Range(codec::min_level, codec::max_level));
  app.add_option("--without", options.without, "switch a part off");
  app.add_option("--only", options.only, "switch all other parts off");
  app.add_option("--stack", options.stack, "layers of the SSM instead of the level's, as below");
  app.add_option("--width", options.width, "d_model of the SSM instead of the level's");
  app.add_option("--seed", options.seed, "seed of the SSM");
  app.add_option("--head", options.head, "only the first so many bytes of the file");
  app.add_option("--layout", options.layout, "the block's layout, of kinds that have one");
  app.add_flag("--alone", options.alone, "also run with each part alone");
  app.add_option("--kind", options.kind, "kind of block, whatever the file: a name of the registry")
      ->check([](const std::string& name) {
        const codec::ContentKind* const kind = codec::find_kind(name);
        return kind && kind->make ? std::string() : "no kind of block is called so";
      });
  app.add_flag("--json", options.json, "print JSON");
  app.add_flag("--parts", options.list, "list the parts");
}

constexpr Parts no_parts{false, false, false, false, false, false, true};

// False if a part's name is not known.
bool choose_parts(const Options& options, Parts& switches) {
  if (!options.only.empty()) switches = no_parts;
  for (const bool on : {false, true}) {
    for (const std::string& part : on ? options.only : options.without) {
      bool* const which = switch_of(switches, part);
      if (!which) return std::fprintf(stderr, "ssmz-lab: no part '%s'; see --parts\n", part.c_str()), false;
      *which = on;
    }
  }
  return true;
}

codec::BlockKind cheapest_kind(int level, std::span<const std::uint8_t> raw) {
  codec::KindEstimates estimates(codec::Vocabulary::builtin(), level);
  return std::ranges::min_element(estimates.of(raw), {}, &codec::KindCost::cost)->kind;
}

int measure(const Options& options, Parts switches, const std::string& path,
            const std::vector<std::uint8_t>& raw, double& total) {
  const ModelParameters parameters = *codec::parameters_for(options.level, raw.size(), 0);
  if (raw.empty()) return std::fprintf(stderr, "ssmz-lab: nothing to measure\n"), 1;
  const codec::BlockKind kind =
      options.kind.empty() ? cheapest_kind(options.level, raw) : codec::find_kind(options.kind)->number;
  const auto run = [&](Parts parts_on) {
    codec::TextModelOptions text_model = codec::text_options(parameters, 2);
    text_model.ssm.layers = ssmz::model::all_layers();
    if (options.stack) text_model.ssm.stack = *options.stack;
    if (options.width) text_model.ssm.d_model = *options.width;
    text_model.ssm.seed = options.seed;
    for (const std::string& context : options.more)
      text_model.more_contexts.push_back(*codec::parse_text_context(context));
    Lab lab(parameters, parts_on, text_model);
    return lab.blocks(kind, options.layout, raw);
  };
  const Report report = run(switches);
  std::map<std::string, double> alone;
  if (report.ssm_alone > 0.0) alone["ssm"] = report.ssm_alone;
  for (const char* part : {"contexts", "followers", "matches"}) {
    if (!options.alone) break;
    Parts one = no_parts;
    *switch_of(one, part) = true;
    alone[part] = run(one).bytes;
  }
  if (options.paths.size() > 1) {
    std::printf("%-40s%12.0f\n", path.c_str(), report.bytes);
    std::fflush(stdout);
    total += report.bytes;
  } else if (options.json) {
    print_json(report, alone);
  } else {
    print_table(report, alone, raw.size());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs the predictor over a file without coding and prints where the bits go."};
  Options options;
  declare(app, options);
  app.footer("Layers of --stack:\n" + ssmz::model::layer_help(ssmz::model::all_layers()));
  CLI11_PARSE(app, argc, argv);
  if (options.list) {
    for (const auto& [name, description] : parts) std::printf("%s\t%s\n", name, description);
    return 0;
  }
  for (const std::string& context : options.more)
    if (!codec::parse_text_context(context))
      return std::fprintf(stderr, "ssmz-lab: no context '%s'\n", context.c_str()), 1;
  Parts switches;
  if (!choose_parts(options, switches)) return 1;
  double total = 0.0;
  for (const std::string& path : options.paths) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::fprintf(stderr, "ssmz-lab: cannot open '%s'\n", path.c_str()), 1;
    std::vector<std::uint8_t> raw{std::istreambuf_iterator<char>(file), {}};
    if (options.head > 0 && options.head < raw.size()) raw.resize(options.head);
    if (const int failed = measure(options, switches, path, raw, total)) return failed;
  }
  if (options.paths.size() > 1) std::printf("%-40s%12.0f\n", "sum", total);
  return 0;
}
