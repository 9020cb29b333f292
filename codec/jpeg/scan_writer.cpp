// SPDX-License-Identifier: Apache-2.0
// MCU by MCU.
#include "codec/jpeg/scan_writer.hpp"

#include "codec/jpeg/sequential_block.hpp"

namespace ssmz::codec {

bool ScanWriter::write(const JpegMcu& mcu, std::vector<std::uint8_t>& out) {
  if (place_.mcu >= header_.mcus()) return false;
  if (place_.restarts(header_)) {
    bits_.put_restart(restart_marker(place_.mcu, header_.restart_interval), padding_, out);
    place_.dc = {};
  }
  std::size_t block = 0;
  for (unsigned c = 0; c < header_.count; ++c) {
    const JpegComponent& component = header_.components[c];
    for (unsigned i = 0; i < component.across * component.down; ++i)
      if (!write_sequential_block({*component.dc, *component.ac}, bits_, place_.dc[c], mcu[block++], out))
        return false;
  }
  place_.bit = bits_.bit();
  ++place_.mcu;
  return true;
}

}  // namespace ssmz::codec
