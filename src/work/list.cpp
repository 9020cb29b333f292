// SPDX-License-Identifier: Apache-2.0
// Prints tables of files and frames.
#include "src/work/list.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "src/files/input_names.hpp"
#include "src/files/source_file.hpp"
#include "src/messages/masked_text.hpp"
#include "src/options/size_text.hpp"
#include "src/work/frame_file.hpp"

namespace ssmz::cli {

namespace {

struct Totals {
  std::uint64_t frames = 0;
  std::uint64_t compressed = 0;
  std::uint64_t content = 0;
  std::uint64_t memory = 0;
  bool all_checked = true;
  int level = 0;  ///< The highest.

  void add(const FrameInfo& frame) {
    ++frames;
    content += frame.content_size.value_or(0);
    memory = std::max(memory, frame.memory_needed);
    all_checked = all_checked && frame.has_checksum;
    level = std::max(level, frame.level);
  }
};

double ratio(const Totals& totals) {
  return totals.content != 0 ? static_cast<double>(totals.compressed) / static_cast<double>(totals.content)
                             : 0.0;
}

void print_header() {
  std::printf("frames  level  compressed     content   ratio  check     memory  file\n");
}

void print_row(const Totals& totals, const std::string& file) {
  std::printf("%6" PRIu64 "  %5d  %10s  %10s  %6.4f  %-5s  %9s  %s\n", totals.frames, totals.level,
              size_text(totals.compressed).c_str(), size_text(totals.content).c_str(), ratio(totals),
              totals.all_checked ? "XXH3" : "none", size_text(totals.memory).c_str(), masked(file).c_str());
}

void print_frame(const FrameInfo& frame) {
  std::printf("        offset %" PRIu64 ", %" PRIu64 " -> %" PRIu64 " bytes, level %d, %" PRIu64
              " blocks, %" PRIu64 " bytes stored, memory %s",
              frame.offset, frame.frame_size, frame.content_size.value_or(0), frame.level, frame.blocks,
              frame.stored_bytes, size_text(frame.memory_needed).c_str());
  if (frame.vocabulary) std::printf(", vocabulary %016" PRIx64, *frame.vocabulary);
  if (!frame.ssm.empty())
    std::printf(", SSM %s of width %" PRIu64, masked(frame.ssm).c_str(), frame.ssm_width);
  if (frame.prime) {
    std::printf(", prime %s (%" PRIu64 " bytes, %016" PRIx64 ")", masked(frame.prime->name).c_str(),
                frame.prime->length, frame.prime->hash);
  }
  if (frame.checksum) std::printf(", XXH3 %016" PRIx64, *frame.checksum);
  std::printf("\n");
}

/// The robot form: one record a line, fields only ever added at the end.
void print_robot(const char* kind, const Totals& totals, const std::string& file) {
  std::printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%.4f\t%s\t%d\t%" PRIu64 "\t%s\n", kind,
              totals.frames, totals.compressed, totals.content, ratio(totals),
              totals.all_checked ? "xxh3" : "none", totals.level, totals.memory, escaped(file).c_str());
}

void print_robot_frame(const FrameInfo& frame) {
  std::printf("frame\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%d\t%" PRIu64 "\t%016" PRIx64 "\t%016" PRIx64
              "\n",
              frame.offset, frame.frame_size, frame.content_size.value_or(0), frame.level,
              frame.memory_needed, frame.vocabulary.value_or(0), frame.checksum.value_or(0));
}

bool list_file(const std::string& file, const Options& options, Messages& messages, Totals& all) {
  if (file == "-") {
    messages.error(file, "only files can be listed");
    return false;
  }
  struct stat attributes {};
  if (stat(file.c_str(), &attributes) == 0 && !S_ISREG(attributes.st_mode) && !S_ISDIR(attributes.st_mode)) {
    messages.error(file, "only regular files can be listed");  // Opening a pipe would wait for its writer.
    return false;
  }
  std::optional<SourceFile> input = SourceFile::open(file, options, messages);
  if (!input) return false;
  const std::uint64_t size = input->size().value_or(0);
  std::vector<FrameInfo> frames;
  if (const Status status = list_frames(input->descriptor(), size, frames); !status.ok()) {
    messages.error(file, status.code == Code::io_error ? system_text(status.detail) : status_text(status));
    return false;
  }
  Totals totals;
  totals.compressed = size;
  for (const FrameInfo& frame : frames) {
    totals.add(frame);
    all.add(frame);
  }
  all.compressed += totals.compressed;
  options.robot ? print_robot("file", totals, file) : print_row(totals, file);
  for (const FrameInfo& frame : frames) {
    if (options.robot) {
      print_robot_frame(frame);
    } else if (options.verbosity > 0) {
      print_frame(frame);
    }
  }
  return true;
}

}  // namespace

void list_files(const Options& options, Messages& messages) {
  Totals all;
  if (!options.robot) print_header();
  unsigned listed = 0;
  for (const std::string& file : input_names(options, messages))
    listed += list_file(file, options, messages, all) ? 1 : 0;
  if (options.robot) {
    print_robot("totals", all, std::to_string(listed));
  } else if (listed > 1) {
    print_row(all, std::to_string(listed) + " files");
  }
}

void count_frames(const Options& options, Messages& messages) {
  const std::uint64_t frame =
      options.frame_size != 0 ? options.frame_size : usual_frame_size(options.level).value();
  for (const std::string& file : input_names(options, messages)) {
    std::optional<SourceFile> input = SourceFile::open(file, options, messages);
    if (!input) continue;
    std::vector<FrameInfo> frames;
    const std::uint64_t size = input->size().value_or(0);
    const Status status = list_frames(input->descriptor(), size, frames);
    const bool archive = status.ok() || status.code != Code::not_a_frame;
    if (!input->regular() || (archive && !status.ok() && size != 0)) {
      messages.error(file,
                     input->regular() ? status_text(status) : "frames are counted of regular files only");
      continue;
    }
    const std::uint64_t count =
        archive && size != 0 ? frames.size() : std::max<std::uint64_t>((size + frame - 1) / frame, 1);
    std::printf("%" PRIu64 "%s%s\n", count, options.files.size() > 1 ? "\t" : "",
                options.files.size() > 1 ? masked(file).c_str() : "");
  }
}

}  // namespace ssmz::cli
