// SPDX-License-Identifier: Apache-2.0
// Opens, codes, names the output, and only then talks and removes the source.
#include "src/work/process_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/files/file_identity.hpp"
#include "src/files/job_list.hpp"
#include "src/files/output_name.hpp"
#include "src/options/size_text.hpp"
#include "src/work/coding_job.hpp"
#include "src/work/partial_decompression.hpp"

namespace ssmz::cli {

namespace {

/// "300000 -> 61813 bytes, ratio 0.2060, 78.1 KiB/s, 0:04".
std::string result_text(bool compressing, std::uint64_t content, std::uint64_t compressed, double seconds) {
  std::array<char, 32> ratio{};
  std::snprintf(ratio.data(), ratio.size(), "%.4f",
                content != 0 ? static_cast<double>(compressed) / static_cast<double>(content) : 0.0);
  const auto speed = static_cast<std::uint64_t>(static_cast<double>(content) / std::max(seconds, 1e-6));
  return std::to_string(compressing ? content : compressed) + " -> " +
         std::to_string(compressing ? compressed : content) + " bytes, ratio " + ratio.data() + ", " +
         size_text(speed) + "/s, " + duration_text(seconds);
}

/// One job, from opening to removing.
class FileRun {
 public:
  FileRun(const FileJob& job, Run& run)
      : job_(job), run_(run), options_(run.options), messages_(run.messages) {}

  /// True if all went well.
  bool process() {
    std::optional<SourceFile> input = SourceFile::open(job_.input, options_, messages_);
    if (!input) return false;
    std::optional<OutputFile> output = open_output();
    if (!output) return false;
    if (options_.mode == Mode::compress) {
      CompressionJob coding(job_.input, run_, *input, *output);
      return coding.run() && (!options_.verify || coding.verify()) && complete(coding, *input, *output);
    }
    if (options_.mode == Mode::recover) return decode<RecoveryJob>(*input, *output);
    if (options_.range || options_.frames) return decode<PartJob>(*input, *output);
    return decode<DecompressionJob>(*input, *output);
  }

 private:
  template <class Job>
  bool decode(SourceFile& input, OutputFile& output) {
    Job coding(job_.input, run_, input, output);
    return coding.run() && complete(coding, input, output);
  }

  [[nodiscard]] bool refuse(const std::string& file, const std::string& why) {
    messages_.error(file, why);
    return false;
  }

  std::optional<OutputFile> open_standard() {
    if (options_.mode == Mode::compress && isatty(STDOUT_FILENO) != 0 && !options_.force) {
      messages_.error(job_.input, "compressed data are not written to a terminal (-f overrides; -h helps)");
      return std::nullopt;
    }
    return OutputFile::standard();
  }

  /// Judges the place before any work is done.
  bool accept(const OutputPlace& place, OutputRules& rules) {
    using Kind = OutputPlace::Kind;
    if (place.kind == Kind::impossible) return refuse(job_.output, place.mistake);
    const bool is_file = place.kind == Kind::beside || place.kind == Kind::in_place;
    if (options_.removes_sources() && !is_file) {
      return refuse(job_.output, "is no file, so --rm would lose the content of " + shown_name(job_.input));
    }
    if ((options_.verify || options_.resume) && place.kind != Kind::beside) {
      return refuse(job_.output, "cannot be read back, which --verify and --resume need");
    }
    rules.replace = options_.force;
    if (place.exists && !options_.force) {
      if (job_.input == "-" || !asks_to_replace(job_.output, messages_)) {
        return refuse(job_.output, "exists already (-f replaces it)");
      }
      rules.replace = true;
    }
    return true;
  }

  std::optional<OutputFile> open_output() {
    if (options_.mode == Mode::test) return OutputFile::none();
    if (job_.output.empty()) return open_standard();
    if (options_.mirror && !make_folders_of(job_.output)) {
      messages_.error(job_.output, system_text("cannot make its folder"));
      return std::nullopt;
    }
    OutputRules rules;
    std::string mistake;
    if (options_.frames && options_.mode == Mode::decompress) {
      std::optional<OutputFile> shared = OutputFile::shared(job_.output, mistake);
      if (!shared) messages_.error(job_.output, mistake);
      return shared;
    }
    const OutputPlace place = find_output_place(job_.output, !options_.output.empty(), options_.force);
    if (!accept(place, rules)) return std::nullopt;
    if (place.kind == OutputPlace::Kind::standard_output) return open_standard();
    rules.sync = options_.sync && options_.removes_sources();
    rules.sparse = options_.sparse.value_or(true) && options_.mode == Mode::decompress;
    rules.keep_unfinished = options_.resume;
    std::optional<OutputFile> output = OutputFile::open(place, rules, mistake);
    if (!output) messages_.error(job_.output, mistake);
    return output;
  }

  bool complete(const CodingJob& coding, const SourceFile& input, OutputFile& output) {
    const bool whole = !options_.range && !options_.frames && options_.mode != Mode::recover;
    const std::string change = whole ? input.change() : std::string();
    std::string mistake;
    const bool copies = job_.input != "-" && input.regular();
    if (!output.commit(copies ? &input.attributes() : nullptr, mistake)) return refuse(job_.output, mistake);
    run_.progress.content += coding.content();
    run_.progress.compressed += coding.compressed();
    messages_.note(1, job_.input,
                   result_text(options_.mode == Mode::compress, coding.content(), coding.compressed(),
                               coding.seconds()));
    if (!change.empty()) {
      messages_.warning(job_.input, change + (options_.removes_sources() ? "; it is kept" : ""));
    } else if (options_.removes_sources() && job_.input != "-") {
      if (const std::string kept = remove_source(job_.input, input); !kept.empty()) {
        messages_.warning(job_.input, kept);
      }
    }
    return true;
  }

  const FileJob& job_;
  Run& run_;
  const Options& options_;
  Messages& messages_;
};

}  // namespace

void process_files(const Options& options, const std::vector<Vocabulary>& vocabularies,
                   const std::vector<Prime>& primes, Messages& messages) {
  const std::optional<std::vector<FileJob>> jobs = plan_jobs(options, messages);
  if (!jobs) return;
  Run run{options, vocabularies, primes, messages};
  run.progress.files = jobs->size();
  for (const FileJob& job : *jobs) run.progress.input += job.size;
  for (const FileJob& job : *jobs) {
    if (FileRun(job, run).process()) ++run.progress.finished;
    run.progress.input_done += job.size;
    ++run.progress.current;
  }
  if (jobs->size() < 2) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - run.progress.start).count();
  messages.note(
      1, std::to_string(run.progress.finished) + " of " + std::to_string(jobs->size()) + " files",
      result_text(options.mode == Mode::compress, run.progress.content, run.progress.compressed, seconds));
}

}  // namespace ssmz::cli
