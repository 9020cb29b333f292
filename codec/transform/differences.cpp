// SPDX-License-Identifier: Apache-2.0
// Sums along rows, and differences.
#include "codec/transform/differences.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned most_line = 16;

DifferenceForm form_of(const TransformLayout& layout) {
  return {layout.line % 4u + 1, layout.line / 4u % 2u + 1, layout.line / 8u != 0};
}

/// Samples of one or two bytes in a row; a byte that is left over at a cut row's end stays.
class Samples {
 public:
  Samples(std::span<std::uint8_t> row, const DifferenceForm& form)
      : row_(row), bytes_(form.sample_bytes), low_(form.big_endian ? 1 : 0) {}
  [[nodiscard]] std::size_t count() const { return row_.size() / bytes_; }
  [[nodiscard]] unsigned get(std::size_t i) const {
    return bytes_ == 1 ? row_[i] : row_[2 * i + low_] | row_[2 * i + 1 - low_] * 256u;
  }
  void set(std::size_t i, unsigned value) {
    if (bytes_ == 1) {
      row_[i] = static_cast<std::uint8_t>(value);
    } else {
      row_[2 * i + low_] = static_cast<std::uint8_t>(value);
      row_[2 * i + 1 - low_] = static_cast<std::uint8_t>(value >> 8);
    }
  }

 private:
  std::span<std::uint8_t> row_;
  unsigned bytes_, low_;
};

/// Calls change(samples, channels) for each row.
template <class Change>
void each_row(const TransformLayout& layout, std::span<std::uint8_t> bytes, Change change) {
  const DifferenceForm form = form_of(layout);
  for (std::size_t at = 0; at < bytes.size(); at += layout.row)
    change(Samples(bytes.subspan(at, std::min<std::size_t>(layout.row, bytes.size() - at)), form),
           form.channels);
}

}  // namespace

bool valid_differences_layout(const TransformLayout& layout) noexcept {
  const DifferenceForm form = form_of(layout);
  return !layout.crlf && layout.line < most_line && (form.sample_bytes == 2 || !form.big_endian) &&
         layout.row != 0 && layout.row % (form.channels * form.sample_bytes) == 0;
}

std::vector<std::uint8_t> from_differences(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  each_row(layout, plain, [](Samples samples, unsigned channels) {
    for (std::size_t i = channels; i < samples.count(); ++i)
      samples.set(i, samples.get(i) + samples.get(i - channels));
  });
  return plain;
}

void append_differences(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  each_row(layout, std::span(raw).subspan(start), [](Samples samples, unsigned channels) {
    for (std::size_t i = samples.count(); i-- > channels;)
      samples.set(i, samples.get(i) - samples.get(i - channels));
  });
}

}  // namespace ssmz::codec
