// SPDX-License-Identifier: Apache-2.0
// MCU by MCU, each wholly or not at all.
#include "codec/jpeg/scan_reader.hpp"

#include "codec/jpeg/sequential_block.hpp"

namespace ssmz::codec {

bool ScanReader::read(JpegMcu& mcu) {
  if (place_.mcu >= header_.mcus()) return false;
  const ScanPlace before = place_;
  const ScanBitReader from = bits_;
  const std::optional<bool> padding = padding_;
  bool good = !place_.restarts(header_) || restart();
  std::size_t block = 0;
  for (unsigned c = 0; good && c < header_.count; ++c) {
    const JpegComponent& component = header_.components[c];
    for (unsigned i = 0; good && i < component.across * component.down; ++i)
      good = read_sequential_block({*component.dc, *component.ac}, bits_, place_.dc[c], mcu[block++]);
  }
  place_.bit = bits_.bit();
  if (good) {
    ++place_.mcu;
    return true;
  }
  place_ = before;
  bits_ = from;
  padding_ = padding;
  return false;
}

// All bits of padding must be alike, in this scan.
bool ScanReader::restart() {
  place_.dc = {};
  return bits_.read_restart(restart_marker(place_.mcu, header_.restart_interval), padding_);
}

}  // namespace ssmz::codec
