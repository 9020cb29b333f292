// SPDX-License-Identifier: Apache-2.0
// Versions, vocabularies and sizes of the public interface.
#include <limits>

#include "codec/api/errors_to_values.hpp"

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include "codec/frame/frame.hpp"
#include "codec/frame/plan.hpp"
#include "codec/frame/prime.hpp"
#include "codec/levels/levels.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

static_assert(lowest_level == codec::min_level && highest_level == codec::max_level);
static_assert(usual_level == codec::default_level);
static_assert(peek_size == codec::max_frame_header_size);

using interface_detail::without_exceptions;

const char* version_string() noexcept { return SSMZ_VERSION; }

unsigned frame_format_version() noexcept { return codec::format_version; }

Result<Vocabulary> Vocabulary::builtin() {
  return without_exceptions([]() -> Result<Vocabulary> {
    std::shared_ptr<const codec::Vocabulary> held = codec::Vocabulary::builtin();
    if (held == nullptr) return Status{Code::vocabulary_damaged, "the built-in vocabulary does not parse"};
    return Vocabulary(std::move(held));
  });
}

Result<Vocabulary> Vocabulary::parse(std::span<const std::uint8_t> bytes) {
  return without_exceptions([&]() -> Result<Vocabulary> {
    Result<std::shared_ptr<const codec::Vocabulary>> parsed = codec::Vocabulary::parse(bytes);
    if (!parsed.ok()) return parsed.status();
    return Vocabulary(std::move(parsed).value());
  });
}

std::uint64_t Vocabulary::hash() const noexcept { return held_->hash(); }

std::size_t Vocabulary::size() const noexcept { return held_->size(); }

std::uint64_t compress_bound(std::uint64_t size, std::uint64_t frame_size) noexcept {
  // No default frame is smaller (presets.cpp).
  constexpr std::uint64_t smallest_default_frame = std::uint64_t{1} << 20;
  // Header, end, checksum, the frame's entry in the seek table and its share of the table's frame.
  constexpr std::uint64_t frame_overhead =
      codec::max_frame_header_size + 1 + codec::max_checksum_size + 18 + 24;
  // At worst blocks alternate every 16 KiB; each has a header of 8 bytes.
  constexpr std::uint64_t block_share = 2048;
  constexpr std::uint64_t frame_share = frame_overhead + codec::max_block_header_size;
  const std::uint64_t more_frames = size / (frame_size != 0 ? frame_size : smallest_default_frame);
  const std::uint64_t fixed = frame_share + size / block_share;
  constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
  if (size > greatest - fixed || more_frames > (greatest - fixed - size) / frame_share) return greatest;
  return size + fixed + more_frames * frame_share;
}

Result<std::uint64_t> memory_needed(int level, std::optional<std::uint64_t> size,
                                    std::uint64_t memory_limit) {
  return memory_needed({.level = level, .memory_limit = memory_limit}, size);
}

Result<std::uint64_t> memory_needed(const CompressOptions& options, std::optional<std::uint64_t> size) {
  return without_exceptions([&]() -> Result<std::uint64_t> {
    if (options.level < lowest_level || options.level > highest_level)
      return Status{Code::bad_argument, "there is no such level"};
    if (!ssm_problem(options.level, options.ssm, options.ssm_width).empty())
      return Status{Code::bad_argument, "the SSM's layers or their width are wrong"};
    const auto parameters =
        codec::parameters_for(options.level, size, options.memory_limit,
                              codec::ssm_choice(options.level, options.ssm, options.ssm_width));
    if (!parameters) return Status{Code::memory_limit, "the level does not fit in the memory limit"};
    return codec::memory_needed(*parameters);
  });
}

std::string ssm_problem(int level, std::string_view ssm, unsigned ssm_width) {
  return codec::ssm_problem(level, ssm, ssm_width);
}

std::string ssm_layers() { return codec::ssm_layers(); }

std::uint64_t usual_memory_limit() noexcept {
  const Result<std::uint64_t> limit =
      without_exceptions([]() -> Result<std::uint64_t> { return codec::greatest_memory_needed(); });
  return limit.ok() ? limit.value() : 0;
}

std::uint64_t interface_detail::physical_memory() noexcept {
#if defined(_SC_PHYS_PAGES)
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
#endif
  return 0;
}

Result<Prime> Prime::create(std::span<const std::uint8_t> content, std::string_view name, std::uint64_t limit,
                            PrimeUse use) {
  return without_exceptions([&]() -> Result<Prime> {
    if (content.empty()) return Status{Code::bad_argument, "a prime of no bytes"};
    if (content.size() > limit) return Status{Code::bad_argument, "the prime is longer than the limit"};
    return Prime(std::make_shared<const codec::PrimeContent>(
        std::vector<std::uint8_t>(content.begin(), content.end()), name, use));
  });
}

std::uint64_t Prime::hash() const noexcept { return held_->id().hash; }

std::uint64_t Prime::memory() const noexcept { return held_->memory(); }

PrimeInfo Prime::info() const {
  return {.hash = held_->id().hash, .length = held_->id().length, .name = held_->id().name};
}

Result<std::uint64_t> usual_frame_size(int level) {
  if (level < lowest_level || level > highest_level)
    return Status{Code::bad_argument, "there is no such level"};
  return codec::default_frame_size(level);
}

}  // namespace ssmz
