// SPDX-License-Identifier: Apache-2.0
// Planning a prime and showing it to a model.
#include "codec/frame/prime.hpp"

#include <algorithm>
#include <map>

#include "codec/base/checksum.hpp"
#include "codec/frame/plan.hpp"

namespace ssmz::codec {

PrimeContent::PrimeContent(std::vector<std::uint8_t> bytes, std::string_view name, PrimeUse use)
    : bytes_(std::move(bytes)),
      id_{.hash = checksum(bytes_),
          .length = bytes_.size(),
          .name = std::string(name.substr(0, max_prime_name))},
      images_(use == PrimeUse::many_frames ? std::make_unique<PrimeImages>() : nullptr) {}

Result<std::vector<PrimeStep>> plan_prime(const PrimeContent& prime, const EstimateKinds& estimate_kinds) {
  static_assert(plan_window <= max_block_size);
  IncompressibilityProbe probe;
  RegionFinder regions;
  std::vector<PrimeStep> steps;
  std::span<const std::uint8_t> rest = prime.bytes();
  while (!rest.empty()) {
    const auto window = rest.first(std::min(plan_window, rest.size()));
    rest = rest.subspan(window.size());
    // A prime is shown as it is: its rest is of one kind without a size, which layouts of transforms have.
    const Result<std::vector<PlannedBlock>> plan =
        plan_blocks(window, probe, regions, estimate_kinds, {}, no_transforms);
    if (!plan.ok()) return plan.status();
    for (const PlannedBlock& block : plan.value())
      steps.push_back({block.type, static_cast<std::uint32_t>(block.size)});
  }
  // What is of one kind to the end needs no sizes.
  while (steps.size() > 1 && steps[steps.size() - 2].type == steps.back().type) steps.pop_back();
  steps.back().size = 0;
  return steps;
}

BlockKind main_kind(std::span<const PrimeStep> steps, std::uint64_t length) {
  std::map<BlockKind, std::uint64_t> bytes;
  for (const PrimeStep& step : steps) {
    const std::uint64_t size = step.size == 0 ? length : step.size;
    bytes[step.type.kind] += size;
    length -= size;
  }
  const auto most = std::max_element(bytes.begin(), bytes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->first;
}

bool covers_prime(std::span<const PrimeStep> steps, std::uint64_t length) noexcept {
  std::uint64_t left = length;
  for (const PrimeStep& step : steps) {
    if (left == 0 || step.size > left) return false;
    left = step.size == 0 ? 0 : left - step.size;
  }
  return left == 0;
}

Status show_prime(BlockCoder& coder, const PrimeContent& prime, std::span<const PrimeStep> steps,
                  const std::function<bool()>& still_wanted) {
  const Progress progress = [&](std::uint64_t) { return !still_wanted || still_wanted(); };
  std::span<const std::uint8_t> rest = prime.bytes();
  for (const PrimeStep& step : steps) {
    std::size_t left = step.size != 0 ? step.size : rest.size();
    while (left != 0) {
      const auto piece = rest.first(step.size != 0 ? left : std::min(left, prime_piece));
      rest = rest.subspan(piece.size());
      left -= piece.size();
      if (step.type.kind == BlockKind::stored) continue;
      if (const Status status = coder.show(step.type, piece, progress); !status.ok()) return status;
    }
  }
  return {};
}

Status prime_coder(BlockCoder& coder, const PrimeContent& prime, const PrimedModel& model,
                   std::uint64_t memory_limit, const std::function<bool()>& still_wanted) {
  const std::uint64_t image_memory = memory_needed(model.parameters);
  const bool fits = memory_limit == 0 || image_memory <= memory_limit / 2;
  if (!prime.images() || !fits) return show_prime(coder, prime, model.steps, still_wanted);
  bool made = false;
  const auto make = [&]() -> Result<PrimeImages::Image> {
    made = true;
    if (const Status status = show_prime(coder, prime, model.steps, still_wanted); !status.ok())
      return status;
    Result<std::unique_ptr<BlockCoder>> image = coder.make_image();
    if (!image.ok()) return image.status();
    return PrimeImages::Image(std::move(image).value());
  };
  const Result<PrimeImages::Image> image = prime.images()->find(model, make, still_wanted);
  if (!image.ok()) return image.status();
  if (made) return {};
  return image.value() ? coder.start_from(*image.value())
                       : show_prime(coder, prime, model.steps, still_wanted);
}

}  // namespace ssmz::codec
