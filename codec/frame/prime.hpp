// SPDX-License-Identifier: Apache-2.0
// Content that a frame's model reads before the frame's own, as if it stood in front of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codec/frame/frame.hpp"
#include "codec/frame/prime_images.hpp"

namespace ssmz::codec {

/// Immutable; share it between threads and frames freely.
class PrimeContent {
 public:
  /// `name` is cut to max_prime_name bytes. `bytes` must not be empty. Throws std::bad_alloc.
  PrimeContent(std::vector<std::uint8_t> bytes, std::string_view name, PrimeUse use = PrimeUse::many_frames);

  [[nodiscard]] const PrimeId& id() const noexcept { return id_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  /// What models have learned of it; nullptr if that is not kept.
  [[nodiscard]] PrimeImages* images() const noexcept { return images_.get(); }
  /// Bytes held: the content, and at most so many of images.
  [[nodiscard]] std::uint64_t memory() const { return bytes_.size() + (images_ ? images_->memory() : 0); }

 private:
  std::vector<std::uint8_t> bytes_;
  PrimeId id_;
  std::unique_ptr<PrimeImages> images_;
};

/// Finds a prime by its hash and length; nullptr if there is none.
using PrimeFinder = std::function<std::shared_ptr<const PrimeContent>(const PrimeId&)>;

/// Cuts a prime into steps as content is cut into blocks (plan_blocks). The last one has size 0. Linear, no
/// model. Errors: those of `estimate_kinds`.
[[nodiscard]] Result<std::vector<PrimeStep>> plan_prime(const PrimeContent& prime,
                                                        const EstimateKinds& estimate_kinds);

/// The kind of most of a prime of `length` bytes. covers_prime() must hold.
[[nodiscard]] BlockKind main_kind(std::span<const PrimeStep> steps, std::uint64_t length);

/// True if the steps cover a prime of `length` bytes and no more.
[[nodiscard]] bool covers_prime(std::span<const PrimeStep> steps, std::uint64_t length) noexcept;

/// Makes `coder` read the prime: takes as long as coding it. covers_prime() must hold. `still_wanted` (may be
/// empty) is asked now and then. Errors: cancelled, those of BlockCoder::encode.
Status show_prime(BlockCoder& coder, const PrimeContent& prime, std::span<const PrimeStep> steps,
                  const std::function<bool()>& still_wanted);

/// The same by the prime's image, if it keeps images and one more model fits into `memory_limit` (0: no
/// limit): made by the first frame, started from by the others in milliseconds. `coder` is fresh and is what
/// `model` says. Errors: those of show_prime(), out_of_memory.
Status prime_coder(BlockCoder& coder, const PrimeContent& prime, const PrimedModel& model,
                   std::uint64_t memory_limit, const std::function<bool()>& still_wanted);

}  // namespace ssmz::codec
