// SPDX-License-Identifier: Apache-2.0
// Fails the N-th allocation, mapping and thread of the library, for N = 1, 2, ..., through both interfaces.
//
//   ssmz-fault-sweep [MOST [SHARE OF]]
//
// Each fault has a process of its own, forked before anything was built in it, so that what is built once is
// met unbuilt. Survived: the process ends by itself; the call succeeds with the right bytes, or says
// out_of_memory having given none that are wrong; and the same call made again, without a fault, gives the
// right ones. MOST is the number of places that are tried of each kind, spread over all (default: every one).
// With SHARE and OF only the rows whose number is SHARE modulo OF are tried, for several processes at once.
// Prints a row for each kind: what, injected, survived, with tabs between.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"
#include "tests/faults/fault_inject.h"
#include "tests/test_data.hpp"
#include "tests/vocabulary_samples.hpp"

namespace {

using ssmz::Code;
using ssmz::Status;
using ssmz::test::Bytes;

constexpr std::size_t content_size = 700;
/// A hang is a fault that was not survived.
constexpr unsigned longest_seconds = 60;

/// Exit statuses of a forked process.
enum Outcome : int { survived = 0, not_reached = 10, wrong_status, wrong_bytes, not_again, no_count };

const char* text_of(int outcome) {
  switch (outcome) {
    case wrong_status: return "another status than out_of_memory";
    case wrong_bytes: return "wrong bytes";
    case not_again: return "fails without a fault afterwards";
    default: return "ended otherwise";
  }
}

/// A place for output that allocates nothing itself: its failures would be the caller's.
struct Room {
  std::array<std::uint8_t, 1u << 16> bytes{};
  std::size_t used = 0;
  bool take(std::span<const std::uint8_t> piece) {
    if (piece.size() > bytes.size() - used) return false;
    std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(used));
    used += piece.size();
    return true;
  }
  [[nodiscard]] std::span<const std::uint8_t> all() const { return {bytes.data(), used}; }
};
Room room;

/// One way to use the library: what goes in, what must come out.
struct Use {
  bool c_interface = false;
  bool decompress = false;
  int level = 1;
  unsigned threads = 4;
  std::uint64_t frame_size = 300;  ///< Enough to be worth a thread: frames run side by side, and each trains.
  Bytes input = {};
  Bytes output = {};
};

ssmz::Vocabulary vocabulary() { return ssmz::Vocabulary::parse(ssmz::codec::samples::small_file()).value(); }

/// Through the C++ interface; the options are made by the caller.
template <class Coder, class Options>
Code run_coder(const Options& options, std::span<const std::uint8_t> input) {
  auto coder = Coder::create(options);
  if (!coder.ok()) return coder.status().code;
  const auto sink = [](std::span<const std::uint8_t> piece) {
    return room.take(piece) ? Status{} : Status{Code::io_error, "no room"};
  };
  Status status = coder.value().update(input, sink);
  if (status.ok()) status = coder.value().finish(sink);
  return status.code;
}

int take(void*, const std::uint8_t* bytes, std::size_t size) { return room.take({bytes, size}) ? 0 : 1; }

/// The same through the C interface.
template <class Coder, class Options, class Create, class Update, class Finish, class Free>
Code run_c_coder(const Options& options, std::span<const std::uint8_t> input, const Create& create,
                 const Update& update, const Finish& finish, const Free& free) {
  Coder* coder = nullptr;
  ssmz_code code = create(&options, &coder);
  if (code == SSMZ_OK) code = update(coder, input.data(), input.size(), take, nullptr);
  if (code == SSMZ_OK) code = finish(coder, take, nullptr);
  free(coder);
  return static_cast<Code>(code);
}

/// Runs `call` with the N-th call of `kind` failing.
template <class Call>
Code faulted(const char* kind, long first, bool all_later, long& calls, const Call& call) {
  room.used = 0;
  fault_arm(kind, first, all_later ? 1 : 0);
  const Code code = call();
  calls = fault_disarm();
  return code;
}

Code run(const Use& use, const char* kind, long first, bool all_later, long& calls) {
  const auto with = [&](const auto& call) { return faulted(kind, first, all_later, calls, call); };
  if (!use.c_interface && !use.decompress) {
    ssmz::CompressOptions options;
    options.level = use.level;
    options.threads = use.threads;
    options.frame_size = use.frame_size;
    options.vocabulary = vocabulary();
    return with([&] { return run_coder<ssmz::Encoder>(options, use.input); });
  }
  if (!use.c_interface) {
    ssmz::DecompressOptions options;
    options.threads = use.threads;
    options.vocabularies = {vocabulary()};
    return with([&] { return run_coder<ssmz::Decoder>(options, use.input); });
  }
  const Bytes file = ssmz::codec::samples::small_file();
  ssmz_vocabulary* held = nullptr;
  ssmz_vocabulary_parse(file.data(), file.size(), &held);
  const ssmz_vocabulary* list[] = {held};
  Code code;
  if (!use.decompress) {
    ssmz_compress_options options;
    ssmz_compress_options_init(&options, sizeof(options));
    options.level = use.level;
    options.threads = use.threads;
    options.frame_size = use.frame_size;
    options.vocabulary = held;
    code = with([&] {
      return run_c_coder<ssmz_encoder>(options, use.input, ssmz_encoder_create, ssmz_encoder_update,
                                       ssmz_encoder_finish, ssmz_encoder_free);
    });
  } else {
    ssmz_decompress_options options;
    ssmz_decompress_options_init(&options, sizeof(options));
    options.threads = use.threads;
    options.vocabularies = list;
    options.vocabulary_count = 1;
    code = with([&] {
      return run_c_coder<ssmz_decoder>(options, use.input, ssmz_decoder_create, ssmz_decoder_update,
                                       ssmz_decoder_finish, ssmz_decoder_free);
    });
  }
  ssmz_vocabulary_free(held);
  return code;
}

bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Outcome injected(const Use& use, const char* kind, long first, bool all_later) {
  long calls = 0;
  const Code code = run(use, kind, first, all_later, calls);
  if (calls < first) return not_reached;
  if (code == Code::ok && !equal(room.all(), use.output)) return wrong_bytes;
  if (code != Code::ok && code != Code::out_of_memory) return wrong_status;
  if (room.used > use.output.size() || !equal(room.all(), std::span(use.output).first(room.used)))
    return wrong_bytes;
  if (first % 4 != 0) return survived;
  if (run(use, kind, 0, false, calls) != Code::ok || !equal(room.all(), use.output)) return not_again;
  return survived;
}

/// Runs `body` in a process of its own; its result, or -1 if it did not end by itself.
template <class Body>
int forked(const Body& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(longest_seconds);
    _exit(body());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Calls of a kind without a fault.
long count_calls(const Use& use, const char* kind) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  forked([&] {
    long calls = 0;
    const Code code = run(use, kind, 0, false, calls);
    const bool right = code == Code::ok && equal(room.all(), use.output);
    return right && write(ends[1], &calls, sizeof(calls)) == sizeof(calls) ? survived : no_count;
  });
  close(ends[1]);
  long calls = -1;
  if (read(ends[0], &calls, sizeof(calls)) != sizeof(calls)) calls = -1;
  close(ends[0]);
  return calls;
}

/// One row: false if a fault was not survived, or nothing could be tried.
bool sweep(const Use& use, const char* kind, long most) {
  const std::string name = std::string(kind) + " fails, " + (use.c_interface ? "C" : "C++") + " library " +
                           (use.decompress ? "decompressing" : "compressing") + " at -" +
                           std::to_string(use.level);
  const long calls = count_calls(use, kind);
  if (calls < 0) {
    std::fprintf(stderr, "  %s: goes wrong without a fault\n", name.c_str());
    return false;
  }
  const long step = std::max(1L, (calls + most - 1) / most);
  long tried = 0, well = 0;
  for (long n = 1; n <= calls; n += step) {
    for (const bool all_later : {false, true}) {
      const int outcome = forked([&] { return injected(use, kind, n, all_later); });
      if (outcome == not_reached) continue;
      ++tried;
      well += outcome == survived ? 1 : 0;
      if (outcome != survived) {
        std::fprintf(stderr, "  NOT SURVIVED: %s, number %ld%s: %s\n", name.c_str(), n,
                     all_later ? " and later" : "", text_of(outcome));
      }
    }
  }
  std::printf("%s\t%ld\t%ld\n", name.c_str(), tried, well);
  return tried == well;
}

/// What an encoder makes of it, made in another process: this one stays fresh.
Bytes made(const Use& use) {
  int ends[2];
  Bytes bytes;
  if (pipe(ends) != 0) return bytes;
  forked([&] {
    long calls = 0;
    const Code code = run(use, "none", 0, false, calls);
    const auto all = room.all();
    return code == Code::ok && write(ends[1], all.data(), all.size()) == static_cast<ssize_t>(all.size())
               ? survived
               : no_count;
  });
  close(ends[1]);
  bytes.resize(content_size * 4);
  const ssize_t size = read(ends[0], bytes.data(), bytes.size());
  close(ends[0]);
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const long most = argc > 1 ? std::max(1L, std::atol(argv[1])) : 1000000;
  const Bytes content = ssmz::test::text_bytes(content_size);
  const long share = argc > 3 ? std::atol(argv[2]) : 0;
  const long of = argc > 3 ? std::max(1L, std::atol(argv[3])) : 1;
  long row = 0;
  bool all_well = true;
  for (const int level : {1, 5, 9}) {
    Use compress{.level = level, .input = content};
    compress.output = made(compress);
    Use decompress = compress;
    decompress.decompress = true;
    std::swap(decompress.input, decompress.output);
    for (Use* use : {&compress, &decompress}) {
      for (const bool c_interface : {false, true}) {
        use->c_interface = c_interface;
        for (const char* kind : {"allocation", "mapping", "thread"})
          if (row++ % of == share) all_well &= sweep(*use, kind, most);
      }
    }
  }
  return all_well ? 0 : 1;
}
