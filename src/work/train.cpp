// SPDX-License-Identifier: Apache-2.0
// Reads a corpus, trains, writes the vocabulary.
#include "src/work/train.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "src/messages/messages.hpp"
#include "src/work/new_output.hpp"

namespace ssmz::cli {

namespace {

/// Shows the stage and its share on a terminal.
TrainingProgress progress_line(TerminalLine& line, bool wanted) {
  if (!wanted) return [](const char*, double) { return true; };
  return [&line](const char* stage, double share) {
    line.show(std::string(stage) + ": " + std::to_string(static_cast<int>(100 * share)) + " %");
    return true;
  };
}

}  // namespace

int train_vocabulary_file(const TrainOptions& options) {
  Messages messages(options.verbosity, false);
  std::optional<OutputFile> output = open_new_output(options.output, options.force, messages);
  if (!output) return messages.exit_status();
  std::vector<std::vector<std::uint8_t>> texts;
  std::vector<TrainingText> corpus;
  for (const auto& [file, weight] : options.corpus) {
    std::optional<std::vector<std::uint8_t>> text = read_file(file);
    if (!text) {
      messages.error(file, system_text("cannot read"));
      return messages.exit_status();
    }
    texts.push_back(std::move(*text));
    // The bytes stay where they are when texts grows.
    corpus.push_back({.bytes = texts.back(), .weight = weight});
  }
  if (std::all_of(texts.begin(), texts.end(), [](const auto& text) { return text.empty(); })) {
    messages.error("", "train-vocab: the texts are empty");
    return messages.exit_status();
  }
  const bool show = options.verbosity >= 0 && isatty(STDERR_FILENO) != 0;
  const auto trained =
      train_vocabulary(corpus, static_cast<std::size_t>(options.size), progress_line(messages.line(), show));
  messages.line().clear();
  if (!trained.ok()) {
    messages.error("", status_text(trained.status()));
    return messages.exit_status();
  }
  const Result<Vocabulary> vocabulary = Vocabulary::parse(trained.value());
  if (!vocabulary.ok()) {
    messages.error("", status_text(vocabulary.status()));
    return messages.exit_status();
  }
  std::string mistake;
  if (!output->write(trained.value()).ok()) mistake = system_text("cannot write");
  if (mistake.empty() && output->commit(nullptr, mistake)) {
    std::array<char, 17> hash{};
    std::snprintf(hash.data(), hash.size(), "%016" PRIx64, vocabulary.value().hash());
    messages.note(0, options.output,
                  std::to_string(vocabulary.value().size()) + " lexemes, " +
                      std::to_string(trained.value().size()) + " bytes, hash " + hash.data());
  } else {
    messages.error(options.output, mistake);
  }
  return messages.exit_status();
}

}  // namespace ssmz::cli
