// SPDX-License-Identifier: Apache-2.0
// Bytes on their way from the thread that has them to the thread that decodes them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace ssmz::codec {

/// One thread adds, another takes. Holds all that was added and not yet taken: whoever adds bounds it.
class FrameFeed {
 public:
  /// Copies; ignored once nobody takes any more. Throws std::bad_alloc.
  void add(std::span<const std::uint8_t> bytes) {
    const std::lock_guard lock(mutex_);
    if (abandoned_) return;
    if (pieces_.empty() || pieces_.back().size() + bytes.size() > piece_size) {
      pieces_.emplace_back(bytes.begin(), bytes.end());
    } else {
      pieces_.back().insert(pieces_.back().end(), bytes.begin(), bytes.end());
    }
    changed_.notify_one();
  }
  /// Nothing more comes.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  /// The next piece, waiting for it; nullopt at the end.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !pieces_.empty(); });
    if (pieces_.empty()) return std::nullopt;
    std::vector<std::uint8_t> piece = std::move(pieces_.front());
    pieces_.pop_front();
    return piece;
  }
  /// Nothing will be taken any more: drops what is held.
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    pieces_.clear();
  }

 private:
  static constexpr std::size_t piece_size = std::size_t{1} << 16;  ///< Smaller ones are put together.

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<std::uint8_t>> pieces_;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace ssmz::codec
