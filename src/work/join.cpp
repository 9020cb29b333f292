// SPDX-License-Identifier: Apache-2.0
// Reads parts in order and writes one stream with one seek table.
#include "src/work/join.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "src/files/descriptor.hpp"
#include "src/files/file_identity.hpp"
#include "src/messages/messages.hpp"
#include "src/work/frame_file.hpp"
#include "src/work/new_output.hpp"
#include "ssmz/archive.hpp"

namespace ssmz::cli {

namespace {

/// True if `file` is what the output would replace.
bool is_same_file(const std::string& file, const std::string& output) {
  struct stat one {};
  struct stat other {};
  return stat(file.c_str(), &one) == 0 && stat(output.c_str(), &other) == 0 &&
         identity_of(one) == identity_of(other);
}

std::optional<OutputFile> open_joined(const JoinOptions& options, Messages& messages) {
  const bool is_part = std::ranges::any_of(
      options.parts, [&](const std::string& part) { return is_same_file(part, options.output); });
  return open_new_output(options.output, options.force, messages, is_part ? "is a part itself" : "");
}

/// False: told.
bool add_part(const std::string& part, Joiner& joiner, const Sink& sink, Messages& messages) {
  const Descriptor file(open(part.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat attributes {};
  if (file.get() < 0 || fstat(file.get(), &attributes) != 0) {
    messages.error(part, system_text("cannot open"));
    return false;
  }
  if (!S_ISREG(attributes.st_mode)) {
    messages.error(part, "is no regular file");
    return false;
  }
  // The joiner takes all parts for one input: what is wrong with the end of one is seen here.
  const auto size = static_cast<std::uint64_t>(attributes.st_size);
  Status status = FrameIndex::read(size, reader_of(file.get())).status();
  if (status.ok()) {
    status = read_pieces(file.get(), 0, size, [&](auto bytes) { return joiner.update(bytes, sink); });
  }
  if (status.ok()) return true;
  messages.error(part, status.code == Code::io_error ? system_text(status.detail) : status_text(status));
  return false;
}

}  // namespace

int join_files(const JoinOptions& options) {
  Messages messages(options.verbosity, false);
  Result<Joiner> joiner = Joiner::create();
  if (!joiner.ok()) {
    messages.error("", status_text(joiner.status()));
    return messages.exit_status();
  }
  std::optional<OutputFile> output = open_joined(options, messages);
  if (!output) return messages.exit_status();
  const Sink sink = [&](std::span<const std::uint8_t> bytes) { return output->write(bytes); };
  for (const std::string& part : options.parts) {
    if (!add_part(part, joiner.value(), sink, messages)) return messages.exit_status();
  }
  std::string mistake;
  const Status status = joiner.value().finish(sink);
  if (!status.ok()) {
    messages.error(options.output,
                   status.code == Code::io_error ? system_text(status.detail) : status_text(status));
  } else if (!output->commit(nullptr, mistake)) {
    messages.error(options.output, mistake);
  } else {
    messages.note(
        1, options.output,
        std::to_string(options.parts.size()) + " parts, " + std::to_string(output->written()) + " bytes");
  }
  return messages.exit_status();
}

}  // namespace ssmz::cli
