// SPDX-License-Identifier: Apache-2.0
// Reads a corpus, trains, writes the vocabulary.
#include "src/train.hpp"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <vector>

#include "src/files.hpp"
#include "src/messages.hpp"

namespace ssmz::cli {

namespace {

/// Shows the stage and its share on a terminal.
TrainingProgress progress_line(bool wanted) {
  if (!wanted) return [](const char*, double) { return true; };
  return [](const char* stage, double share) {
    std::fprintf(stderr, "\r%s: %.0f %%\033[K", stage, 100 * share);
    std::fflush(stderr);
    return true;
  };
}

bool write_output(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::optional<Output> output = Output::file(path);
  return output && output->write(bytes).ok() && output->commit(nullptr);
}

}  // namespace

int train_vocabulary_file(const TrainOptions& options) {
  Options plain;
  plain.verbosity = options.verbosity;
  Messages messages(plain);
  std::vector<std::vector<std::uint8_t>> texts;
  std::vector<TrainingText> corpus;
  for (const auto& [file, weight] : options.corpus) {
    std::optional<std::vector<std::uint8_t>> text = read_file(file);
    if (!text) {
      messages.error(file, system_text("cannot read"));
      return messages.exit_status();
    }
    texts.push_back(std::move(*text));
    corpus.push_back(
        {.bytes = texts.back(), .weight = weight});  // the bytes stay where they are when texts grows
  }
  const bool show = options.verbosity >= 0 && isatty(STDERR_FILENO) != 0;
  const auto trained = train_vocabulary(corpus, static_cast<std::size_t>(options.size), progress_line(show));
  if (show) std::fputs("\r\033[K", stderr);
  if (!trained.ok()) {
    messages.error("", status_text(trained.status()));
    return messages.exit_status();
  }
  const Result<Vocabulary> vocabulary = Vocabulary::parse(trained.value());
  if (!vocabulary.ok()) {
    messages.error("", status_text(vocabulary.status()));
  } else if (!write_output(options.output, trained.value())) {
    messages.error(options.output, system_text("cannot write"));
  } else if (options.verbosity >= 0) {
    std::fprintf(stderr, "%s: %zu lexemes, %zu bytes, hash %016" PRIx64 "\n", options.output.c_str(),
                 vocabulary.value().size(), trained.value().size(), vocabulary.value().hash());
  }
  return messages.exit_status();
}

}  // namespace ssmz::cli
