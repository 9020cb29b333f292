// SPDX-License-Identifier: Apache-2.0
// Expands inputs and finds outputs that are in each other's way.
#include "src/files/job_list.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>
#include <utility>

#include "src/files/file_identity.hpp"
#include "src/files/input_names.hpp"
#include "src/files/output_name.hpp"

namespace ssmz::cli {

namespace {

/// What a name stands for whether the file exists or not: its folder and its last part.
using Place = std::pair<FileIdentity, std::string>;

std::optional<Place> place_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  struct stat attributes {};
  if (stat(folder.c_str(), &attributes) != 0) return std::nullopt;
  return Place{identity_of(attributes), path.substr(slash + 1)};
}

std::optional<FileIdentity> identity_at(const std::string& path) {
  struct stat attributes {};
  if (path == "-" || stat(path.c_str(), &attributes) != 0) return std::nullopt;
  return identity_of(attributes);
}

class Conflicts {
 public:
  Conflicts(const Options& options, const std::vector<FileJob>& jobs, Messages& messages)
      : options_(options), messages_(messages) {
    for (const std::string& file : options.vocabularies) {
      if (const auto identity = identity_at(file)) vocabularies_.insert(*identity);
    }
    for (const FileJob& job : jobs) {
      if (const auto identity = identity_at(job.input)) inputs_.emplace(*identity, job.input);
    }
  }

  /// True if the job is in nobody's way.
  bool accept(const FileJob& job) {
    const auto input = identity_at(job.input);
    if (options_.removes_sources() && input && vocabularies_.contains(*input)) {
      return refuse(job.input, "is the vocabulary itself and would be removed");
    }
    if (job.output.empty()) return true;
    if (const auto place = place_of(job.output)) {
      const auto [earlier, is_new] = outputs_.emplace(*place, job.input);
      if (!is_new)
        return refuse(job.output,
                      "would be written from " + earlier->second + " and again from " + job.input);
    }
    const auto existing = identity_at(job.output);
    if (!existing) return true;
    if (input && *existing == *input) return refuse(job.output, "is the input itself");
    if (vocabularies_.contains(*existing))
      return refuse(job.output, "is the vocabulary and would be replaced");
    if (const auto other = inputs_.find(*existing); options_.force && other != inputs_.end()) {
      return refuse(job.output, "would be replaced by what " + job.input + " gives, and is an input too");
    }
    return true;
  }

 private:
  bool refuse(const std::string& file, const std::string& why) {
    messages_.error(file, why);
    return false;
  }

  const Options& options_;
  Messages& messages_;
  std::set<FileIdentity> vocabularies_;
  std::map<FileIdentity, std::string> inputs_;
  std::map<Place, std::string> outputs_;
};

std::uint64_t size_of(const std::string& file) {
  struct stat attributes {};
  const int found = file == "-" ? fstat(STDIN_FILENO, &attributes) : stat(file.c_str(), &attributes);
  const bool known = found == 0 && S_ISREG(attributes.st_mode) && attributes.st_size > 0;
  return known ? static_cast<std::uint64_t>(attributes.st_size) : 0;
}

/// True for what is passed over: its name would be made from a folder's.
bool is_folder(const std::string& file) {
  struct stat attributes {};
  return file != "-" && stat(file.c_str(), &attributes) == 0 && S_ISDIR(attributes.st_mode);
}

}  // namespace

std::optional<std::vector<FileJob>> plan_jobs(const Options& options, Messages& messages) {
  std::vector<FileJob> jobs;
  for (std::string& file : input_names(options, messages)) {
    FileJob job{.input = std::move(file), .output = {}, .size = 0};
    if (is_folder(job.input)) {
      messages.warning(job.input, "is a folder, skipped (-r goes into it)");
      continue;
    }
    if (options.makes_files()) {
      std::optional<std::string> output = output_name(job.input, options, messages);
      if (!output) continue;
      job.output = std::move(*output);
    }
    job.size = size_of(job.input);
    jobs.push_back(std::move(job));
  }
  Conflicts conflicts(options, jobs, messages);
  bool all_well = true;
  for (const FileJob& job : jobs) all_well = conflicts.accept(job) && all_well;
  if (!all_well) return std::nullopt;
  return jobs;
}

}  // namespace ssmz::cli
