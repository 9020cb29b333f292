// SPDX-License-Identifier: Apache-2.0
// MCU by MCU as a scan that has all components, whatever the scans are.
#include "codec/jpeg/picture_scans.hpp"

#include "codec/jpeg/pass_writer.hpp"
#include "codec/jpeg/segment_bytes.hpp"

namespace ssmz::codec {
namespace {

Status damaged() { return {Code::data_damaged, "scans do not fit their block"}; }

/// What a decoder knows of the scans before it has their coefficients.
struct Scans {
  std::vector<std::uint8_t> segments;  // of all but the first
  std::vector<std::size_t> sizes;      // of each one's
  std::vector<bool> padding;
};

Status decode_scans(DecisionIo& io, JpegScript& script, std::size_t most, HeaderBytes& bytes, Scans& scans) {
  scans.sizes.push_back(0);
  for (;;) {
    scans.padding.push_back(code_flag(io, false));
    if (!code_flag(io, false)) return {};
    const std::size_t at = scans.segments.size();
    const Status status = decode_jpeg_segments(io, bytes, most, scans.segments);
    if (!status.ok()) return status;
    if (!script.add(std::span(scans.segments).subspan(at))) return damaged();
    scans.sizes.push_back(scans.segments.size() - at);
  }
}

constexpr std::uint64_t mcus_between_progress = 256;

}  // namespace

Status encode_picture_scans(DecisionIo& io, std::span<const std::uint8_t> raw, const JpegPicture& picture,
                            HeaderBytes& bytes, CoefficientModel& model, const Progress& progress) {
  for (std::size_t i = 0; i < picture.scans.size(); ++i) {
    const JpegPicture::Scan& scan = picture.scans[i];
    if (i > 0) encode_jpeg_bytes(io, bytes, raw.subspan(scan.at, scan.segments));
    code_flag(io, scan.padding);
    code_flag(io, i + 1 < picture.scans.size());
  }
  const JpegHeader& header = picture.script.picture();
  model.begin(header);
  JpegMcu mcu;
  for (std::uint64_t i = 0; i < header.mcus(); ++i) {
    std::size_t block = 0;
    visit_mcu(header, i, [&](unsigned c, std::uint32_t row, std::uint32_t column) {
      mcu[block++] = picture.coefficients.at(c, row, column);
      return true;
    });
    static_cast<void>(model.code(io, i, mcu));
    if (progress && i % mcus_between_progress == 0 && !progress(i * picture.size / header.mcus()))
      return {Code::cancelled};
  }
  return {};
}

Status decode_picture_scans(DecisionIo& io, JpegScript& script, std::size_t most, std::size_t end,
                            HeaderBytes& bytes, CoefficientModel& model, std::vector<std::uint8_t>& raw,
                            const Progress& progress) {
  if (!script.worth(most)) return damaged();
  Scans scans;
  if (const Status status = decode_scans(io, script, most, bytes, scans); !status.ok()) return status;
  const JpegHeader& header = script.picture();
  JpegCoefficients coefficients(header);
  model.begin(header);
  JpegMcu mcu;
  for (std::uint64_t i = 0; i < header.mcus(); ++i) {
    if (!model.code(io, i, mcu)) return {Code::data_damaged, "block ends too early"};
    std::size_t block = 0;
    visit_mcu(header, i, [&](unsigned c, std::uint32_t row, std::uint32_t column) {
      coefficients.block(c, row, column) = mcu[block++];
      return true;
    });
    if (progress && i % mcus_between_progress == 0 && !progress(0)) return {Code::cancelled};
  }
  auto segments = scans.segments.begin();
  for (std::size_t i = 0; i < scans.sizes.size(); ++i) {
    const auto next = segments + static_cast<std::ptrdiff_t>(scans.sizes[i]);
    if (scans.sizes[i] > end - raw.size()) return damaged();
    raw.insert(raw.end(), segments, next);
    segments = next;
    PassWriter writer(header, script.scans()[i], scans.padding[i], raw);
    if (!writer.write(coefficients, end - raw.size())) return damaged();
    if (progress && !progress(0)) return {Code::cancelled};
  }
  return {};
}

}  // namespace ssmz::codec
