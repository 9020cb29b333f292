// SPDX-License-Identifier: Apache-2.0
// What each scan may add.
#include "codec/jpeg/jpeg_script.hpp"

#include <algorithm>

#include "codec/jpeg/pass_reader.hpp"
#include "codec/jpeg/pass_writer.hpp"

namespace ssmz::codec {

bool JpegScript::add(std::span<const std::uint8_t> segments) {
  if (scans_.size() >= most_scans || !segments_.read(segments)) return false;
  const JpegScan& scan = segments_.scan();
  if (scans_.empty()) {
    picture_ = segments_.picture();
    for (auto& component : known_) component.fill(unknown);
  }
  if (!may_come(scan)) return false;
  scans_.push_back(scan);
  for (unsigned i = 0; i < scan.count; ++i) {
    picture_.components[scan.which[i]].steps = *segments_.steps(scan.which[i]);
    for (unsigned k = scan.first; k <= scan.last; ++k)
      known_[scan.which[i]][k] = static_cast<std::int8_t>(scan.low);
  }
  return true;
}

void JpegScript::drop_last() {
  const JpegScan& scan = scans_.back();
  for (unsigned i = 0; i < scan.count; ++i)
    for (unsigned k = scan.first; k <= scan.last; ++k)
      known_[scan.which[i]][k] = scan.before == 0 ? unknown : static_cast<std::int8_t>(scan.before);
  scans_.pop_back();
}

bool JpegScript::may_come(const JpegScan& scan) const {
  const int before = scan.before == 0 ? unknown : static_cast<int>(scan.before);
  for (unsigned i = 0; i < scan.count; ++i)
    for (unsigned k = scan.first; k <= scan.last; ++k)
      if (known_[scan.which[i]][k] != before) return false;
  return true;
}

bool read_jpeg_picture(std::span<const std::uint8_t> in, JpegPicture& picture) {
  picture = {};
  std::vector<std::uint8_t> written;
  while (picture.script.add(in.subspan(picture.size))) {
    const JpegHeader& header = picture.script.picture();
    const JpegScan& scan = picture.script.scans().back();
    if (picture.scans.empty()) {
      if (!picture.script.worth(in.size())) return false;
      picture.coefficients = JpegCoefficients(header);
    }
    const std::size_t at = picture.size, segments = picture.script.size();
    const auto data = in.subspan(at + segments);
    PassReader reader(header, scan, data);
    bool good = reader.read(picture.coefficients);
    const bool padding = reader.padding().value_or(true);
    if (good) {
      written.clear();
      good = PassWriter(header, scan, padding, written).write(picture.coefficients, reader.size()) &&
             std::ranges::equal(written, data.first(reader.size()));
    }
    if (!good) {
      take_back_pass(scan, header.progressive, picture.coefficients);
      picture.script.drop_last();
      break;
    }
    picture.scans.push_back({at, segments, reader.size(), padding});
    picture.size = at + segments + reader.size();
  }
  return !picture.scans.empty() && picture.script.worth(picture.size);
}

}  // namespace ssmz::codec
