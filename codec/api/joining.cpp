// SPDX-License-Identifier: Apache-2.0
// Joining streams, and frames that decoders pass over.
#include <algorithm>
#include <limits>

#include "codec/api/errors_to_values.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/joiner.hpp"
#include "codec/frame/seek_table.hpp"
#include "ssmz/archive.hpp"

namespace ssmz {

using interface_detail::without_exceptions;

struct Joiner::Parts : interface_detail::FirstFailure {
  codec::StreamJoiner joiner;
  bool finished = false;

  template <class Body>
  Status call(const Body& body) {
    if (failed_.ok() && finished) return {Code::bad_state, "the joiner has finished"};
    return FirstFailure::call(body);
  }
};

Joiner::Joiner(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Joiner::Joiner(Joiner&&) noexcept = default;
Joiner& Joiner::operator=(Joiner&&) noexcept = default;
Joiner::~Joiner() = default;

Result<Joiner> Joiner::create() {
  return without_exceptions([]() -> Result<Joiner> { return Joiner(std::make_unique<Parts>()); });
}

Status Joiner::update(std::span<const std::uint8_t> streams, const Sink& sink) {
  return parts_->call([&] { return parts_->joiner.update(streams, sink); });
}

Status Joiner::cut_stream() {
  return parts_->call([&] { return parts_->joiner.cut_stream(); });
}

Status Joiner::finish(const Sink& sink) {
  const Status status = parts_->call([&] { return parts_->joiner.finish(sink); });
  parts_->finished = true;
  return status;
}

Status append_skippable(std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& out) {
  return without_exceptions([&]() -> Status {
    if (payload.size() > std::numeric_limits<std::uint32_t>::max())
      return {Code::bad_argument, "a skippable frame is too long"};
    if (payload.size() >= codec::seek_magic.size() &&
        std::equal(codec::seek_magic.begin(), codec::seek_magic.end(), payload.begin()))
      return {Code::bad_argument, "a skippable frame that looks like a seek table"};
    const auto header = codec::skippable_header(static_cast<std::uint32_t>(payload.size()));
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), payload.begin(), payload.end());
    return {};
  });
}

}  // namespace ssmz
