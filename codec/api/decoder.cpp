// SPDX-License-Identifier: Apache-2.0
// The public decoder.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/frame/stream_decoder.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

using interface_detail::append_to;
using interface_detail::resolved_threads;
using interface_detail::without_exceptions;

struct Decoder::Parts : interface_detail::FirstFailure {
  explicit Parts(codec::StreamDecoderOptions options) : stream(std::move(options)) {}
  codec::StreamDecoder stream;
};

namespace {

codec::VocabularyFinder finder(std::vector<Vocabulary> vocabularies) {
  return [vocabularies =
              std::move(vocabularies)](std::uint64_t hash) -> std::shared_ptr<const codec::Vocabulary> {
    for (const Vocabulary& vocabulary : vocabularies) {
      if (vocabulary.hash() == hash) return vocabulary.held();
    }
    const Result<Vocabulary> builtin = Vocabulary::builtin();
    return builtin.ok() && builtin.value().hash() == hash ? builtin.value().held() : nullptr;
  };
}

codec::PrimeFinder finder(std::vector<Prime> primes) {
  return [primes =
              std::move(primes)](const codec::PrimeId& wanted) -> std::shared_ptr<const codec::PrimeContent> {
    for (const Prime& prime : primes)
      if (prime.held()->id().same_content(wanted)) return prime.held();
    return nullptr;
  };
}

/// For frames side by side when the caller sets no limit.
std::uint64_t usual_memory_together() {
  return std::max(usual_memory_limit(), interface_detail::physical_memory() / 2);
}

std::uint64_t limit_or(std::uint64_t limit, std::uint64_t usual) {
  if (limit == no_limit) return 0;
  return limit != 0 ? limit : usual;
}

}  // namespace

Decoder::Decoder(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Decoder> Decoder::create(const DecompressOptions& options) {
  return without_exceptions([&]() -> Result<Decoder> {
    if (options.threads > most_threads) return Status{Code::bad_argument, "too many threads"};
    codec::StreamDecoderOptions stream{
        .threads = resolved_threads(options.threads),
        .memory_limit = limit_or(options.memory_limit, usual_memory_together()),
        .frame_memory_limit = limit_or(options.memory_limit, usual_memory_limit()),
        .output_limit = options.output_limit,
        .part_of_stream = options.part_of_stream,
        .ignore_checksum = options.ignore_checksum,
        .find_vocabulary = finder(options.vocabularies),
        .find_prime = finder(options.primes),
        .factory = codec::BlockCoder::factory(resolved_threads(options.threads)),
        .progress = options.progress};
    return Decoder(std::make_unique<Parts>(std::move(stream)));
  });
}

Status Decoder::update(std::span<const std::uint8_t> frames, const Sink& sink) {
  return parts_->call([&] { return parts_->stream.update(frames, sink); });
}

Status Decoder::finish(const Sink& sink) {
  return parts_->call([&] { return parts_->stream.finish(sink); });
}

Status Decoder::update(std::span<const std::uint8_t> frames, std::vector<std::uint8_t>& out) {
  return update(frames, append_to(out));
}

Status Decoder::finish(std::vector<std::uint8_t>& out) { return finish(append_to(out)); }

std::uint64_t Decoder::memory_needed() const noexcept { return parts_->stream.needs().memory; }

std::uint64_t Decoder::vocabulary_needed() const noexcept { return parts_->stream.needs().vocabulary; }

std::optional<PrimeInfo> Decoder::prime_needed() const {
  const std::optional<codec::PrimeId>& prime = parts_->stream.needs().prime;
  if (!prime) return std::nullopt;
  return PrimeInfo{.hash = prime->hash, .length = prime->length, .name = prime->name};
}

Result<std::vector<std::uint8_t>> decompress(std::span<const std::uint8_t> frames,
                                             const DecompressOptions& options) {
  return without_exceptions([&]() -> Result<std::vector<std::uint8_t>> {
    Result<Decoder> decoder = Decoder::create(options);
    if (!decoder.ok()) return decoder.status();
    std::vector<std::uint8_t> out;
    if (const Status status = decoder.value().update(frames, out); !status.ok()) return status;
    if (const Status status = decoder.value().finish(out); !status.ok()) return status;
    return out;
  });
}

}  // namespace ssmz
