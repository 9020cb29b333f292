// SPDX-License-Identifier: Apache-2.0
// Outlines read, and what follows from them.
#include "codec/transform/font.hpp"

#include <algorithm>
#include <array>

#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr ByteOrder order{.big_endian = true};
// FORMAT.
constexpr std::size_t directory = 12, record = 16, glyph_header = 10;
constexpr std::size_t most_tables = 64;
constexpr unsigned most_alignment = 2;
// Glyphs may share their outlines, but not so much that reading them takes long. FORMAT.
constexpr std::size_t most_work_share = 8;

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(order.get(bytes, at, 2)); }

constexpr std::uint32_t tag(const char (&name)[5]) {
  std::uint32_t value = 0;
  for (unsigned k = 0; k < 4; ++k) value = value << 8 | static_cast<std::uint8_t>(name[k]);
  return value;
}

// ---- Where things stand.

struct Table {
  std::size_t at = 0, size = 0;
};

struct Font {
  std::size_t tables = 0, size = 0;  // their number; bytes up to the last one's end
  Table glyf, loca, head, hmtx;
  std::size_t glyphs = 0, metrics = 0;  // of metrics the ones that have a width, too
  bool wide = false;                    // places of four bytes, else halves of them in two

  [[nodiscard]] unsigned place_size() const { return wide ? 4 : 2; }
  [[nodiscard]] std::size_t place(Bytes font, std::size_t glyph) const {
    const auto is = static_cast<std::size_t>(order.get(font, loca.at + place_size() * glyph, place_size()));
    return wide ? is : 2 * is;
  }
  /// Where a glyph's left space stands; 0: nowhere.
  [[nodiscard]] std::size_t left_space(std::size_t glyph) const {
    const std::size_t at = glyph < metrics ? 4 * glyph + 2 : 4 * metrics + 2 * (glyph - metrics);
    return at + 2 <= hmtx.size ? hmtx.at + at : 0;
  }
};

/// Reads the directory and what outlines need; nothing if there are none.
std::optional<Font> font_of(Bytes bytes) {
  if (bytes.size() < directory) return std::nullopt;
  if (order.word(bytes, 0) != 0x00010000) return std::nullopt;
  Font font;
  font.tables = u16(bytes, 4);
  if (font.tables == 0 || font.tables > most_tables || bytes.size() - directory < font.tables * record)
    return std::nullopt;
  Table maxp, hhea;
  for (std::size_t i = 0; i < font.tables; ++i) {
    const std::size_t at = directory + record * i;
    const Table is{order.word(bytes, at + 8), order.word(bytes, at + 12)};
    if (is.at < directory + font.tables * record || is.at > bytes.size() || is.size > bytes.size() - is.at)
      return std::nullopt;
    font.size = std::max(font.size, is.at + is.size);
    switch (order.word(bytes, at)) {
      case tag("glyf"): font.glyf = is; break;
      case tag("loca"): font.loca = is; break;
      case tag("head"): font.head = is; break;
      case tag("hmtx"): font.hmtx = is; break;
      case tag("maxp"): maxp = is; break;
      case tag("hhea"): hhea = is; break;
      default: break;
    }
  }
  if (font.head.size < 54 || maxp.size < 6 || font.glyf.size == 0) return std::nullopt;
  font.glyphs = u16(bytes, maxp.at + 4);
  font.wide = u16(bytes, font.head.at + 50) != 0;
  if (hhea.size >= 36) font.metrics = u16(bytes, hhea.at + 34);
  if (font.glyphs == 0 || font.loca.size < (font.glyphs + 1) * font.place_size()) return std::nullopt;
  return font;
}

// ---- Outlines.

struct Outline {
  std::size_t size = 0;               // bytes; 0: it is none
  bool is_simple = false;             // of points; else of other glyphs
  std::array<std::int64_t, 4> box{};  // least x and y, greatest x and y, of one of points
};

/// Reads bytes from a place on; what lies behind the end is 0, and makes it bad.
class OutlineReader {
 public:
  OutlineReader(Bytes bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t position() const { return at_; }
  std::uint32_t number(unsigned size) {
    if (bytes_.size() - at_ < size) good_ = false;
    if (!good_) return 0;
    at_ += size;
    return static_cast<std::uint32_t>(order.get(bytes_, at_ - size, size));
  }
  void skip(std::size_t size) {
    if (bytes_.size() - at_ < size) good_ = false;
    if (good_) at_ += size;
  }

 private:
  Bytes bytes_;
  std::size_t at_;
  bool good_ = true;
};

/// Reads outlines until they have too many contours, points and parts in all.
class Outlines {
 public:
  Outlines(Bytes glyf, std::size_t font_size) : glyf_(glyf), left_(font_size * most_work_share) {}

  [[nodiscard]] bool too_many() const { return too_many_; }

  /// The one at `place`; size 0 of none.
  Outline at(std::size_t place) {
    Outline outline;
    if (place > glyf_.size() || glyf_.size() - place < glyph_header) return outline;
    OutlineReader in(glyf_, place);
    const auto contours = static_cast<std::int16_t>(in.number(2));
    in.skip(8);
    outline.is_simple = contours >= 0;
    const bool good =
        contours >= 0 ? read_points(in, static_cast<unsigned>(contours), outline) : read_parts(in);
    outline.size = good && in.good() ? in.position() - place : 0;
    return outline;
  }

 private:
  // Bits of a point's flags.
  static constexpr std::uint8_t short_x = 2, short_y = 4, repeats = 8, same_x = 16, same_y = 32;

  bool take(std::size_t count) {
    too_many_ = too_many_ || count > left_;
    if (!too_many_) left_ -= count;
    return !too_many_;
  }

  bool read_points(OutlineReader& in, unsigned contours, Outline& outline) {
    if (!take(contours)) return false;
    std::size_t points = 0;
    for (unsigned k = 0; k < contours; ++k) points = in.number(2) + std::size_t{1};
    in.skip(in.number(2));
    if (!in.good() || !take(points)) return false;
    flags_.clear();
    while (flags_.size() < points && in.good()) {
      const auto flags = static_cast<std::uint8_t>(in.number(1));
      const std::size_t count = (flags & repeats) != 0 ? in.number(1) + std::size_t{1} : 1;
      flags_.insert(flags_.end(), std::min(count, points - flags_.size()), flags);
    }
    set_range(in, short_x, same_x, outline.box[0], outline.box[2]);
    set_range(in, short_y, same_y, outline.box[1], outline.box[3]);
    return in.good();
  }

  /// Of one coordinate of all points.
  void set_range(OutlineReader& in, std::uint8_t is_short, std::uint8_t same, std::int64_t& least,
                 std::int64_t& greatest) const {
    std::int64_t value = 0;
    bool first = true;
    for (const std::uint8_t flags : flags_) {
      if (!in.good()) return;
      if ((flags & is_short) != 0) {
        const auto step = static_cast<std::int64_t>(in.number(1));
        value += (flags & same) != 0 ? step : -step;
      } else if ((flags & same) == 0) {
        value += static_cast<std::int16_t>(in.number(2));
      }
      least = first ? value : std::min(least, value);
      greatest = first ? value : std::max(greatest, value);
      first = false;
    }
  }

  /// Of an outline that is made of other glyphs'.
  bool read_parts(OutlineReader& in) {
    constexpr std::uint32_t words = 1, scale = 8, more = 0x20, scales = 0x40, matrix = 0x80, program = 0x100;
    std::uint32_t flags = more;
    while (in.good() && (flags & more) != 0 && take(1)) {
      flags = in.number(2);
      in.skip(2 + ((flags & words) != 0 ? 4u : 2u));
      in.skip((flags & scale) != 0 ? 2 : (flags & scales) != 0 ? 4 : (flags & matrix) != 0 ? 8 : 0);
    }
    if ((flags & program) != 0) in.skip(in.number(2));
    return in.good() && !too_many_;
  }

  Bytes glyf_;
  std::size_t left_;
  bool too_many_ = false;
  std::vector<std::uint8_t> flags_;
};

// ---- What follows from them.

/// Sum of a table's words, the last one filled with zeros.
std::uint32_t sum_of(Bytes bytes) {
  std::uint32_t sum = 0;
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) sum += order.word(bytes, at);
  for (unsigned k = 0; at < bytes.size(); ++at, ++k) sum += std::uint32_t{bytes[at]} << (24 - 8 * k);
  return sum;
}

/// Turns what follows into differences, or back: each number of `to`, the first bytes of which are a font in
/// the other form, is written as soon as what it follows from stands in `raw`, which is the font.
template <bool plain>
class Exchange {
 public:
  /// Of plain bytes `raw` and `to` are the same ones.
  Exchange(const Font& font, unsigned alignment, Bytes raw, std::span<std::uint8_t> to)
      : font_(font),
        unit_(std::size_t{1} << alignment),
        raw_(raw),
        to_(to),
        outlines_(raw.subspan(font.glyf.at, font.glyf.size), font.size) {}

  /// False if that takes too long.
  bool run() {
    for (std::size_t glyph = 0; glyph < font_.glyphs; ++glyph)
      if (!exchange_glyph(glyph)) return false;
    exchange_sums();
    return true;
  }

 private:
  /// Writes at `at` how far the number there is from what it is expected to be, or the reverse.
  void exchange(std::size_t at, unsigned size, std::uint64_t expected) {
    const std::uint64_t is = order.get(plain ? Bytes(to_) : raw_, at, size);
    order.put(plain ? is + expected : is - expected, size, to_, at);
  }

  bool exchange_glyph(std::size_t glyph) {
    const std::size_t place = font_.place(raw_, glyph);
    const Outline outline = outlines_.at(place);
    if (outlines_.too_many()) return false;
    const bool is_empty = !exchange_place(glyph, place, outline);
    if (!is_empty && outline.size != 0 && outline.is_simple && is_new(place))
      for (unsigned side = 0; side < 4; ++side)
        exchange(font_.glyf.at + place + 2 + 2 * side, 2, static_cast<std::uint64_t>(outline.box[side]));
    const std::size_t space = font_.left_space(glyph);
    const bool has_box = !is_empty && outline.size != 0;
    if (space != 0) exchange(space, 2, has_box ? order.get(raw_, font_.glyf.at + place + 2, 2) : 0);
    return true;
  }

  /// Where the next glyph begins, as its difference to where this one ends: 1 if this one is empty. Says
  /// whether it is not.
  bool exchange_place(std::size_t glyph, std::size_t place, const Outline& outline) {
    const unsigned size = font_.place_size();
    const std::size_t at = font_.loca.at + size * (glyph + 1), unit = font_.wide ? 1 : 2;
    const std::uint64_t end = (place + (outline.size + unit_ - 1) / unit_ * unit_) / unit;
    const std::uint64_t mask = font_.wide ? 0xffffffff : 0xffff, here = place / unit;
    // Of the differences each becomes one: what would be 1 becomes what an empty glyph's would.
    const std::uint64_t empty = (here - end) & mask;
    const std::uint64_t is = order.get(plain ? Bytes(to_) : raw_, at, size);
    std::uint64_t step = plain ? is : (is - end) & mask;
    if (step == empty)
      step = 1;
    else if (step == 1)
      step = empty;
    order.put(plain ? end + step : step, size, to_, at);
    return ((plain ? end + step : is) & mask) != here;
  }

  /// Outlines that several glyphs have are turned once: their places rise.
  bool is_new(std::size_t place) {
    if (place < behind_) return false;
    behind_ = place + 1;
    return true;
  }

  void exchange_sums() {
    for (std::size_t i = 0; i < font_.tables; ++i) {
      const std::size_t at = directory + record * i;
      const Table is{order.word(raw_, at + 8), order.word(raw_, at + 12)};
      std::uint32_t sum = sum_of(raw_.subspan(is.at, is.size));
      // The whole font's sum is no part of its table's.
      if (is.at == font_.head.at) sum -= order.word(raw_, is.at + 8);
      exchange(at + 4, 4, sum);
    }
  }

  const Font& font_;
  std::size_t unit_;
  Bytes raw_;
  std::span<std::uint8_t> to_;
  Outlines outlines_;
  std::size_t behind_ = 0;
};

/// What outlines of the font most often begin at multiples of; nothing if it foretells less than half of
/// them, as of plain bytes.
std::optional<unsigned> usual_alignment(const Font& font, Bytes bytes) {
  constexpr std::size_t most_seen = 1000;
  std::array<std::size_t, most_alignment + 1> right{};
  Outlines outlines(bytes.subspan(font.glyf.at, font.glyf.size), font.size);
  std::size_t seen = 0;
  for (std::size_t glyph = 0; glyph < std::min(font.glyphs, most_seen); ++glyph) {
    const std::size_t place = font.place(bytes, glyph), next = font.place(bytes, glyph + 1);
    if (next == place) continue;  // empty
    ++seen;
    const Outline outline = outlines.at(place);
    for (unsigned alignment = 0; alignment <= most_alignment; ++alignment) {
      const std::size_t unit = std::size_t{1} << alignment;
      right[alignment] += next == place + (outline.size + unit - 1) / unit * unit;
    }
  }
  const auto best = std::ranges::max_element(right);
  if (seen == 0 || *best < (seen + 1) / 2) return std::nullopt;
  return static_cast<unsigned>(best - right.begin());
}

}  // namespace

bool valid_font_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line <= most_alignment;
}

std::optional<std::vector<std::uint8_t>> from_font(const TransformLayout& layout, Bytes raw) {
  const std::optional<Font> font = font_of(raw);
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  if (!font || !Exchange<false>(*font, layout.line, raw, plain).run()) return std::nullopt;
  return plain;
}

bool append_font(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::optional<Font> font = font_of(plain);
  if (!font) return false;
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  const auto out = std::span(raw).subspan(start);
  return Exchange<true>(*font, layout.line, out, out).run();
}

void find_fonts(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr Signature<4> sign{{0, 1, 0, 0}, 1};
  const std::size_t most_work = most_wasted(content.size());
  std::size_t work = 0;
  for (std::size_t at = sign.find(content, 0), next = 0; at < content.size() && work < most_work;
       at = sign.find(content, next)) {
    next = at + 1;
    const Bytes rest = content.subspan(at);
    const std::optional<Font> font = font_of(rest);
    if (!font || font->size < least_written_part || font->size > most_plain_size) continue;
    const std::optional<unsigned> alignment = usual_alignment(*font, rest);
    work += font->size;
    if (!alignment) continue;
    TransformLayout layout{.transform = Transform::font};
    layout.line = static_cast<std::uint16_t>(*alignment);
    parts.push_back({at, font->size, layout});
    next = at + font->size;
  }
}

}  // namespace ssmz::codec
