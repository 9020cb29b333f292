// SPDX-License-Identifier: Apache-2.0
// Making an image once and finding it again.
#include "codec/frame/prime_images.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ssmz::codec {

std::size_t PrimeImages::place(const PrimedModel& model) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.model == model; });
  return static_cast<std::size_t>(found - entries_.begin());
}

// What was being made is there, or (nullptr) is not.
void PrimeImages::settle(const PrimedModel& model, const Image* image) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.begin() + static_cast<std::ptrdiff_t>(place(model));
  if (image) {
    entry->image = *image;
    entry->making = false;
  } else {
    entries_.erase(entry);
  }
  if (entries_.size() > most) {
    const auto oldest =
        std::find_if(entries_.begin(), entries_.end(), [](const Entry& kept) { return !kept.making; });
    if (oldest != entries_.end()) entries_.erase(oldest);
  }
  settled_.notify_all();
}

Result<PrimeImages::Image> PrimeImages::find(const PrimedModel& model,
                                             const std::function<Result<Image>()>& make,
                                             const std::function<bool()>& still_wanted) {
  {
    std::unique_lock lock(mutex_);
    std::size_t at = place(model);
    while (at < entries_.size() && entries_[at].making) {
      settled_.wait_for(lock, std::chrono::milliseconds(100));
      if (still_wanted && !still_wanted()) return Status{Code::cancelled, "the caller asked to stop"};
      at = place(model);
    }
    if (at < entries_.size()) {
      std::rotate(entries_.begin() + static_cast<std::ptrdiff_t>(at),
                  entries_.begin() + static_cast<std::ptrdiff_t>(at + 1), entries_.end());
      return entries_.back().image;
    }
    entries_.push_back({model, nullptr, true});
  }
  try {
    const Result<Image> made = make();
    settle(model, made.ok() ? &made.value() : nullptr);
    return made;
  } catch (...) {
    settle(model, nullptr);
    throw;
  }
}

Result<std::vector<PrimeStep>> PrimeImages::steps(
    int level, std::uint64_t vocabulary, const std::function<Result<std::vector<PrimeStep>>()>& plan) {
  {
    const std::lock_guard lock(mutex_);
    for (const Plan& known : plans_)
      if (known.level == level && known.vocabulary == vocabulary) return known.steps;
  }
  Result<std::vector<PrimeStep>> made = plan();
  if (!made.ok()) return made;
  const std::lock_guard lock(mutex_);
  if (plans_.size() == most) plans_.erase(plans_.begin());
  plans_.push_back({level, vocabulary, made.value()});
  return made;
}

std::uint64_t PrimeImages::memory() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const Entry& entry : entries_)
    if (entry.image) sum += memory_needed(entry.model.parameters);
  return sum;
}

}  // namespace ssmz::codec
