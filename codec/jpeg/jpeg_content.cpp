// SPDX-License-Identifier: Apache-2.0
// A block: whether segments come and they, how many MCUs and they, and all other bytes.
#include "codec/jpeg/jpeg_content.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "codec/jpeg/coefficient_model.hpp"
#include "codec/jpeg/header_bytes.hpp"
#include "codec/jpeg/jpeg_segments.hpp"
#include "codec/jpeg/picture_scans.hpp"
#include "codec/jpeg/scan_reader.hpp"
#include "codec/jpeg/scan_writer.hpp"
#include "codec/jpeg/segment_bytes.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t bytes_between_progress = 4096;
constexpr unsigned number_bits = 32;
constexpr std::array<std::uint8_t, 2> end_of_image = {jpeg_first_byte, jpeg_end_of_image};

/// A scan of which a block has the beginning, and where it stands at the block's end.
struct OpenScan {
  JpegHeader header;
  ScanPlace place;
  std::vector<std::uint8_t> waiting;  // bytes of the last block from that place on

  [[nodiscard]] ScanWriter writer(bool padding) const {
    return {header, padding, place, waiting.empty() ? std::uint8_t{0} : waiting[0]};
  }
};

// What stands behind the last MCU as a rule: the byte that is begun, filled, and EOI.
std::vector<std::uint8_t> usual_tail(const ScanWriter& writer) {
  std::vector<std::uint8_t> tail;
  if (writer.place().bit) tail.push_back(writer.begun());
  if (!tail.empty() && tail[0] == jpeg_first_byte) tail.push_back(0);
  tail.insert(tail.end(), end_of_image.begin(), end_of_image.end());
  return tail;
}

struct Writable {
  std::uint64_t mcus = 0;
  bool padding = true;
};

// The MCUs in `data` that ScanWriter writes as they stand there, where all padding is as the first.
Writable writable(const OpenScan& scan, Bytes data) {
  Writable found;
  for (const bool padding : {true, false}) {
    found = {0, padding};
    ScanReader reader(scan.header, data, scan.place);
    ScanWriter writer = scan.writer(padding);
    JpegMcu mcu;
    std::vector<std::uint8_t> written;
    for (std::size_t at = 0; reader.read(mcu); at = reader.at(), ++found.mcus) {
      written.clear();
      if (!writer.write(mcu, written) || at + written.size() != reader.at() ||
          !std::equal(written.begin(), written.end(), data.begin() + static_cast<std::ptrdiff_t>(at)))
        break;
    }
    if (reader.padding().value_or(padding) == padding) break;
  }
  return found;
}

class JpegContent final : public ContentModel {
 public:
  explicit JpegContent(const ContentEnvironment& environment)
      : header_bytes_(environment.table),
        coefficients_(environment.table, jpeg_effort(environment.parameters)) {}

  [[nodiscard]] bool copyable() const override { return true; }
  void freeze() override {
    header_bytes_.freeze();
    coefficients_.freeze();
  }
  [[nodiscard]] std::unique_ptr<ContentModel> copy(const ContentEnvironment& environment) const override {
    auto made = std::make_unique<JpegContent>(*this);
    made->header_bytes_.move_to(environment.table);
    made->coefficients_.move_to(environment.table);
    return made;
  }

  void set_layout(std::uint64_t layout) override { goes_on_ = layout == jpeg_goes_on; }

  Status encode(DecisionIo& io, Bytes raw, const Progress& progress) override;
  Status decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                const Progress& progress) override;

 private:
  static unsigned number(DecisionIo& io, unsigned value) { return code_plain(io, value, number_bits); }

  void begin(const JpegHeader& header) {
    scan_.emplace(OpenScan{header, {}, {}});
    coefficients_.begin(header);
  }
  void keep(Bytes tail) {
    if (scan_->place.mcu >= scan_->header.mcus() || tail.size() > longest_jpeg_mcu)
      scan_.reset();
    else
      scan_->waiting.assign(tail.begin(), tail.end());
  }

  Status encode_scan(DecisionIo& io, Bytes data, std::size_t first, const Progress& progress);
  Status decode_scan(DecisionIo& io, std::size_t end, std::vector<std::uint8_t>& raw,
                     const Progress& progress);
  Status encode_picture(DecisionIo& io, Bytes raw, const Progress& progress);
  Status decode_picture(DecisionIo& io, std::size_t start, std::size_t end, std::vector<std::uint8_t>& raw,
                        const Progress& progress);
  Status decode_bytes(DecisionIo& io, std::size_t end, std::vector<std::uint8_t>& raw) {
    return decode_jpeg_bytes(io, header_bytes_, end, raw);
  }
  void encode_bytes(DecisionIo& io, Bytes bytes) { encode_jpeg_bytes(io, header_bytes_, bytes); }

  HeaderBytes header_bytes_;
  CoefficientModel coefficients_;
  std::optional<OpenScan> scan_;
  bool goes_on_ = false;
};

Status JpegContent::encode(DecisionIo& io, Bytes raw, const Progress& progress) {
  if (!goes_on_) {
    scan_.reset();
    const std::optional<JpegHeader> header = read_jpeg_header(raw);
    if (!header) return encode_picture(io, raw, progress);
    code_flag(io, true);
    encode_bytes(io, raw.first(header->size));
    begin(*header);
    raw = raw.subspan(header->size);
  }
  if (!scan_) {
    encode_bytes(io, raw);
    return {};
  }
  const std::size_t waiting = scan_->waiting.size();
  if (waiting == 0) return encode_scan(io, raw, 0, progress);
  std::vector<std::uint8_t> joined = scan_->waiting;
  joined.insert(joined.end(), raw.begin(), raw.end());
  return encode_scan(io, joined, waiting, progress);
}

// One of several scans, if it is any.
Status JpegContent::encode_picture(DecisionIo& io, Bytes raw, const Progress& progress) {
  JpegPicture picture;
  const bool good = read_jpeg_picture(raw, picture);
  code_flag(io, good);
  if (good) {
    encode_bytes(io, raw.first(picture.scans[0].segments));
    const Status status = encode_picture_scans(io, raw, picture, header_bytes_, coefficients_, progress);
    if (!status.ok()) return status;
    raw = raw.subspan(picture.size);
    if (code_flag(io, std::ranges::equal(raw, end_of_image))) return {};
  }
  encode_bytes(io, raw);
  return {};
}

// The first `first` bytes are of the last block.
Status JpegContent::encode_scan(DecisionIo& io, Bytes data, std::size_t first, const Progress& progress) {
  const Writable found = writable(*scan_, data);
  code_flag(io, found.padding);
  if (!code_flag(io, found.mcus == scan_->header.mcus() - scan_->place.mcu))
    number(io, static_cast<unsigned>(found.mcus));
  ScanReader reader(scan_->header, data, scan_->place);
  ScanWriter writer = scan_->writer(found.padding);
  JpegMcu mcu;
  std::vector<std::uint8_t> written;
  std::size_t next_progress = 0;
  for (std::uint64_t i = 0; i < found.mcus; ++i) {
    const std::uint64_t place = reader.place().mcu;
    if (!reader.read(mcu) || !writer.write(mcu, written)) return {Code::bad_argument, "a scan has changed"};
    written.clear();
    static_cast<void>(coefficients_.code(io, place, mcu));
    if (!progress || reader.at() < next_progress) continue;
    next_progress = reader.at() + bytes_between_progress;
    if (!progress(reader.at() - std::min(reader.at(), first))) return {Code::cancelled};
  }
  scan_->place = reader.place();
  const Bytes tail = data.subspan(reader.at());
  if (!code_flag(io, std::ranges::equal(tail, usual_tail(writer))))
    encode_bytes(io, data.subspan(std::max(reader.at(), first)));
  keep(tail);
  return {};
}

Status JpegContent::decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                           const Progress& progress) {
  const std::size_t start = raw.size(), end = start + raw_size;
  if (!goes_on_) {
    scan_.reset();
    if (code_flag(io, false)) {
      const Status status = decode_jpeg_segments(io, header_bytes_, end, raw);
      if (!status.ok()) return status;
      const std::optional<JpegHeader> header = read_jpeg_header(Bytes(raw).subspan(start));
      if (!header) return decode_picture(io, start, end, raw, progress);
      begin(*header);
    }
  }
  return scan_ ? decode_scan(io, end, raw, progress) : decode_bytes(io, end, raw);
}

Status JpegContent::decode_picture(DecisionIo& io, std::size_t start, std::size_t end,
                                   std::vector<std::uint8_t>& raw, const Progress& progress) {
  JpegScript script;
  if (!script.add(Bytes(raw).subspan(start)))
    return {Code::data_damaged, "segments of JPEG are not in front of a scan that is coded"};
  const Status status =
      decode_picture_scans(io, script, end - start, end, header_bytes_, coefficients_, raw, progress);
  if (!status.ok()) return status;
  if (!code_flag(io, false)) return decode_bytes(io, end, raw);
  if (end - raw.size() != end_of_image.size())
    return {Code::data_damaged, "a picture does not fit its block"};
  raw.insert(raw.end(), end_of_image.begin(), end_of_image.end());
  return {};
}

Status JpegContent::decode_scan(DecisionIo& io, std::size_t end, std::vector<std::uint8_t>& raw,
                                const Progress& progress) {
  const Status damaged{Code::data_damaged, "a scan does not fit its block"};
  const std::size_t start = raw.size();
  const bool padding = code_flag(io, false);
  const std::uint64_t left = scan_->header.mcus() - scan_->place.mcu;
  const std::uint64_t mcus = code_flag(io, false) ? left : number(io, 0);
  ScanWriter writer = scan_->writer(padding);
  JpegMcu mcu;
  // What was waiting comes again.
  std::vector<std::uint8_t> written, waiting = scan_->waiting;
  std::size_t next_progress = 0;
  for (std::uint64_t i = 0; i < mcus; ++i) {
    if (!coefficients_.code(io, writer.place().mcu, mcu)) return {Code::data_damaged, "block ends too early"};
    written.clear();
    if (!writer.write(mcu, written)) return damaged;
    const std::size_t again = std::min(waiting.size(), written.size());
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(again));
    if (written.size() - again > end - raw.size()) return damaged;
    raw.insert(raw.end(), written.begin() + static_cast<std::ptrdiff_t>(again), written.end());
    const std::size_t done = raw.size() - start;
    if (!progress || done < next_progress) continue;
    next_progress = done + bytes_between_progress;
    if (!progress(done)) return {Code::cancelled};
  }
  scan_->place = writer.place();
  std::vector<std::uint8_t> tail = usual_tail(writer);
  const std::size_t own = raw.size();
  if (code_flag(io, false)) {
    if (tail.size() != waiting.size() + (end - own)) return damaged;
    raw.insert(raw.end(), tail.begin() + static_cast<std::ptrdiff_t>(waiting.size()), tail.end());
  } else {
    if (const Status status = decode_bytes(io, end, raw); !status.ok()) return status;
    tail = std::move(waiting);
    tail.insert(tail.end(), raw.begin() + static_cast<std::ptrdiff_t>(own), raw.end());
  }
  keep(tail);
  return {};
}

}  // namespace

std::unique_ptr<ContentModel> make_jpeg_content(const ContentEnvironment& environment) {
  return std::make_unique<JpegContent>(environment);
}

std::uint64_t jpeg_memory(const ModelParameters& parameters, std::size_t) {
  return CoefficientModel::memory(jpeg_effort(parameters)) + HeaderBytes::memory();
}

}  // namespace ssmz::codec
