// SPDX-License-Identifier: Apache-2.0
// What models have learned of a prime, kept so that each frame over it starts from there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "codec/block/block_coder.hpp"

namespace ssmz::codec {

/// The next `size` bytes of a prime (0: all that are left) are shown to the model as a block of `type`; those
/// of kind stored are passed over.
struct PrimeStep {
  BlockType type{};
  std::uint32_t size = 0;
  friend bool operator==(const PrimeStep&, const PrimeStep&) = default;
};

/// What, with the prime, decides a model's state behind it.
struct PrimedModel {
  ModelParameters parameters;
  std::uint64_t vocabulary = 0;  ///< Hash.
  std::vector<PrimeStep> steps;
  friend bool operator==(const PrimedModel&, const PrimedModel&) = default;
};

/// Of one prime. Thread-safe.
class PrimeImages {
 public:
  using Image = std::shared_ptr<const BlockCoder>;
  /// Images that are kept; the one not used for longest goes. Records of one kind take one or two: a table's
  /// size is a power of two above the content's and the prime's.
  static constexpr std::size_t most = 4;

  /// The image of `model`, which the first who asks makes by `make` (nullptr: there is none, and nobody tries
  /// again) while others wait; `still_wanted` (may be empty) is asked now and then. Errors: cancelled, those
  /// of `make`, after which the next who asks makes it.
  [[nodiscard]] Result<Image> find(const PrimedModel& model, const std::function<Result<Image>()>& make,
                                   const std::function<bool()>& still_wanted);

  /// The steps that an encoder of this level with this vocabulary takes, planned by `plan` once.
  [[nodiscard]] Result<std::vector<PrimeStep>> steps(
      int level, std::uint64_t vocabulary, const std::function<Result<std::vector<PrimeStep>>()>& plan);

  /// Bytes that the images take at most.
  [[nodiscard]] std::uint64_t memory() const;

 private:
  struct Entry {
    PrimedModel model;
    Image image;
    bool making = true;
  };
  struct Plan {
    int level;
    std::uint64_t vocabulary;
    std::vector<PrimeStep> steps;
  };
  [[nodiscard]] std::size_t place(const PrimedModel& model) const;
  void settle(const PrimedModel& model, const Image* image);

  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::vector<Entry> entries_;  // the last used last
  std::vector<Plan> plans_;
};

}  // namespace ssmz::codec
