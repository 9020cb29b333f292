// SPDX-License-Identifier: Apache-2.0
// Reads inputs and explains failures.
#include "src/work/coding_job.hpp"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "src/options/size_text.hpp"

namespace ssmz::cli {

namespace {

constexpr std::size_t read_size = std::size_t{1} << 18;

std::string memory_text(std::uint64_t needed) {
  const std::uint64_t mib = (needed + (1u << 20) - 1) >> 20;
  return "needs " + std::to_string(mib) +
         " MiB of memory, more than is allowed; use --memory=" + std::to_string(mib) + "MiB";
}

std::string vocabulary_text(std::uint64_t hash) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64, hash);
  return std::string("needs the vocabulary ") + text.data() + "; give its file with --vocab";
}

std::string prime_text(const PrimeInfo& prime) {
  std::array<char, 17> hash{};
  std::snprintf(hash.data(), hash.size(), "%016" PRIx64, prime.hash);
  return "needs the prime \"" + prime.name + "\" of " + std::to_string(prime.length) + " bytes, XXH3 " +
         hash.data() + "; give its file with --prime";
}

}  // namespace

CodingJob::CodingJob(const std::string& file, Run& run, SourceFile& input, OutputFile& output)
    : file_(file),
      options_(run.options),
      run_(run),
      messages_(run.messages),
      input_(input),
      output_(output),
      storage_(std::make_unique_for_overwrite<std::uint8_t[]>(read_size)),
      buffer_(storage_.get(), read_size) {}

double CodingJob::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

bool CodingJob::fill() {
  const auto got = input_.read(buffer_);
  if (!got) {
    messages_.error(file_, system_text("reading failed"));
    return false;
  }
  filled_ = *got;
  return true;
}

DecompressOptions CodingJob::decoder_options(unsigned threads) const {
  DecompressOptions coder;
  coder.threads = threads;
  coder.memory_limit = options_.memory;
  coder.vocabularies = run_.vocabularies;
  coder.primes = run_.primes;
  coder.ignore_checksum = options_.ignore_checksum;
  if (options_.max_output) coder.output_limit = *options_.max_output;
  return coder;
}

bool CodingJob::fail(const Status& status, const Decoder* decoder) {
  if (status.code == Code::io_error && errno == EPIPE) {
    reader_is_gone_ = true;
    return false;
  }
  std::string text = status_text(status);
  if (status.code == Code::io_error) text = system_text(status.detail);
  if (decoder != nullptr && status.code == Code::memory_limit) text = memory_text(decoder->memory_needed());
  if (decoder != nullptr && status.code == Code::vocabulary_missing) {
    text = vocabulary_text(decoder->vocabulary_needed());
  }
  if (decoder != nullptr && status.code == Code::prime_missing) {
    if (const auto prime = decoder->prime_needed()) text = prime_text(*prime);
  }
  if (status.code == Code::output_limit && options_.max_output) {
    text = "holds more than --max-output=" + size_text(*options_.max_output) + " allows";
  }
  messages_.error(file_, text);
  return false;
}

}  // namespace ssmz::cli
