// SPDX-License-Identifier: Apache-2.0
// Reads samples, has a prime chosen of them, writes it.
#include "src/work/train_prime.hpp"

#include <vector>

#include "src/files/descriptor.hpp"
#include "src/files/input_names.hpp"
#include "src/messages/messages.hpp"
#include "src/work/new_output.hpp"

namespace ssmz::cli {

int train_prime_file(const TrainPrimeOptions& options) {
  Messages messages(options.verbosity, false);
  std::optional<OutputFile> output = open_new_output(options.output, options.force, messages);
  if (!output) return messages.exit_status();
  Options inputs;
  inputs.recursive = true;
  inputs.files = options.samples;
  inputs.lists = options.lists;
  std::vector<std::vector<std::uint8_t>> contents;
  for (const std::string& name : input_names(inputs, messages)) {
    std::optional<std::vector<std::uint8_t>> content = read_file(name);
    if (!content)
      messages.error(name, system_text("cannot read"));
    else
      contents.push_back(std::move(*content));
  }
  if (messages.exit_status() == exit_error) return messages.exit_status();
  const std::vector<std::span<const std::uint8_t>> samples(contents.begin(), contents.end());
  const auto prime = train_prime(samples, static_cast<std::size_t>(options.size));
  if (!prime.ok()) {
    messages.error("", "train-prime: " + status_text(prime.status()));
    return messages.exit_status();
  }
  std::string mistake;
  if (!output->write(prime.value()).ok()) mistake = system_text("cannot write");
  if (mistake.empty() && output->commit(nullptr, mistake))
    messages.note(0, options.output,
                  std::to_string(prime.value().size()) + " bytes of " + std::to_string(samples.size()) +
                      " samples; give it to -D both ways");
  else
    messages.error(options.output, mistake);
  return messages.exit_status();
}

}  // namespace ssmz::cli
