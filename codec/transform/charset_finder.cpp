// SPDX-License-Identifier: Apache-2.0
// Runs without control characters; of their segments the charset whose frequent characters they are made of.
#include "codec/transform/charset_finder.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "codec/transform/utf8.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Unit of the decision. A character in five and a line's end are in it.
constexpr std::size_t segment_size = 1024;
/// A segment with fewer bytes beyond ASCII than one of these tells nothing, and there is nothing to gain.
constexpr std::size_t least_high_share = 16;
/// So much such text may lie within a part: a block's border costs more than to take it along.
constexpr unsigned most_silent_segments = 16;
/// So much of other bytes may lie between parts in one charset that are joined: a tar's header and padding, a
/// small member with its own. Bytes at -1 of 36 manual pages in GBK in a tar of 122,880: 24,124 if they are
/// apart, 23,059 (in UTF-8 23,012).
constexpr std::size_t longest_gap = 4096;

// ---- What a pair of bytes says for a charset.

// Scores, not FORMAT: what is frequent in a language against what is there at all. Kana and hangul outweigh
// ideographs, since charsets of the form A1..FE A1..FE share their places.
constexpr int common_sign = 1, common_ideograph = 2, script = 3, seldom = -1, very_rare = -2, broken = -3;

enum class Trail : std::uint8_t { none, common, rare };

struct ByteRange {
  std::uint8_t first, last;
};

struct Look {
  std::array<std::int8_t, 256> leads{};
  std::array<Trail, 256> trails{};
  std::array<bool, 256> alone{};  // stands for something by itself

  constexpr void lead(ByteRange range, int score) {
    for (unsigned byte = range.first; byte <= range.last; ++byte)
      leads[byte] = static_cast<std::int8_t>(score);
  }
  constexpr void trail(ByteRange range, Trail is) {
    for (unsigned byte = range.first; byte <= range.last; ++byte) trails[byte] = is;
  }
};

constexpr std::array<Look, charset_count> looks = [] {
  std::array<Look, charset_count> all;
  for (Look& look : all) look.lead({0x80, 0xFF}, very_rare);
  const auto of = [&](Charset charset) -> Look& { return all[static_cast<std::size_t>(charset)]; };

  Look& gbk = of(Charset::gbk);
  gbk.lead({0xA1, 0xA3}, common_sign);
  gbk.lead({0xB0, 0xD7}, common_ideograph);
  gbk.lead({0xD8, 0xF7}, seldom);
  gbk.trail({0x40, 0xA0}, Trail::rare);
  gbk.trail({0xA1, 0xFE}, Trail::common);

  Look& shift_jis = of(Charset::shift_jis);
  shift_jis.lead({0x81, 0x81}, common_sign);
  shift_jis.lead({0x82, 0x83}, script);
  shift_jis.lead({0x88, 0x97}, common_ideograph);
  shift_jis.lead({0x98, 0x9F}, seldom);
  shift_jis.lead({0xE0, 0xEA}, seldom);
  shift_jis.trail({0x40, 0x7E}, Trail::common);
  shift_jis.trail({0x80, 0xFC}, Trail::common);
  for (unsigned byte = 0xA1; byte <= 0xDF; ++byte) shift_jis.alone[byte] = true;

  Look& euc_jp = of(Charset::euc_jp);
  euc_jp.lead({0xA1, 0xA3}, common_sign);
  euc_jp.lead({0xA4, 0xA5}, script);
  euc_jp.lead({0xB0, 0xCF}, common_ideograph);
  euc_jp.lead({0xD0, 0xF4}, seldom);
  euc_jp.trail({0xA1, 0xFE}, Trail::common);

  Look& big5 = of(Charset::big5);
  big5.lead({0xA1, 0xA2}, common_sign);
  big5.lead({0xA4, 0xC6}, common_ideograph);
  big5.lead({0xC9, 0xF9}, seldom);
  big5.trail({0x40, 0x7E}, Trail::common);
  big5.trail({0xA1, 0xFE}, Trail::common);

  Look& euc_kr = of(Charset::euc_kr);
  euc_kr.lead({0xA1, 0xA3}, common_sign);
  euc_kr.lead({0xB0, 0xC8}, script);
  euc_kr.lead({0xCA, 0xFD}, seldom);
  euc_kr.trail({0x41, 0xA0}, Trail::rare);
  euc_kr.trail({0xA1, 0xFE}, Trail::common);
  return all;
}();

/// Score of what begins in `text` up to `end`, from `at` on; `at` becomes where the next begins.
int score(const Look& look, Bytes text, std::size_t& at, std::size_t end) {
  int sum = 0;
  for (; at < end; ++at) {
    const std::uint8_t byte = text[at];
    if (byte < 0x80 || look.alone[byte]) continue;
    const Trail trail = at + 1 < text.size() ? look.trails[text[at + 1]] : Trail::none;
    at += trail != Trail::none;
    sum += trail == Trail::none ? broken : trail == Trail::rare ? very_rare : look.leads[byte];
  }
  return sum;
}

using Scores = std::array<int, charset_count>;

std::size_t best(const Scores& scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

// ---- Segments of a run.

/// True if the characters beyond ASCII that `text` begins with are of UTF-8: chance gives few of them.
bool begins_as_utf8(Bytes text) {
  constexpr unsigned enough = 24;
  for (int skipped = 0; skipped < 3 && !text.empty() && (text[0] & 0xC0u) == 0x80; ++skipped)
    text = text.subspan(1);
  for (unsigned seen = 0; seen < enough && text.size() >= 4;) {
    const std::optional<Character> character = character_at(text);
    if (!character) return false;
    seen += character->size > 1;
    text = text.subspan(character->size);
  }
  return true;
}

class RunReader {
 public:
  RunReader(Bytes content, std::size_t begin, std::size_t end, std::vector<WrittenPart>& parts)
      : run_(content.subspan(begin, end - begin)), begin_(begin), parts_(parts) {}

  void read() {
    for (std::size_t at = 0; at < run_.size();) {
      const std::size_t rest = run_.size() - at;
      const std::size_t end = at + (rest < 2 * segment_size ? rest : segment_size);
      segment(at, end);
      at = end;
    }
    if (open_) to_ = run_.size();
    close();
  }

 private:
  void segment(std::size_t at, std::size_t end) {
    const Bytes text = run_.subspan(at, end - at);
    const auto high = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](std::uint8_t b) { return b >= 0x80; }));
    if (high * least_high_share < text.size()) {
      if (++silent_ > most_silent_segments) close(), from_begin_ = false;
      return;
    }
    const bool leads_in = std::exchange(from_begin_, false);
    if (begins_as_utf8(text)) return close();
    Scores scores{};
    for (std::size_t i = 0; i < charset_count; ++i) {
      next_[i] = std::max(next_[i], at);
      scores[i] = score(looks[i], run_, next_[i], end);
    }
    const int most = scores[best(scores)];
    if (most < 0 || 5 * static_cast<std::size_t>(most) < 3 * high) return close();
    Scores sums{};
    std::transform(scores.begin(), scores.end(), sums_.begin(), sums.begin(), std::plus<>());
    if (open_ && 4 * scores[best(sums)] < 3 * most) close();
    if (!open_) from_ = leads_in ? 0 : at, sums = scores;
    open_ = true;
    sums_ = sums;
    to_ = end;
    silent_ = 0;
  }

  void close() {
    if (open_) {
      const std::size_t from = line_border(from_), to = line_border(to_);
      const auto charset = static_cast<std::uint16_t>(best(sums_));
      if (to >= from + least_written_part)
        parts_.push_back({begin_ + from, to - from, {.transform = Transform::charset, .line = charset}});
    }
    open_ = false;
    sums_ = {};
    silent_ = 0;
  }

  /// Behind the last line's end in a segment's size before `at`.
  [[nodiscard]] std::size_t line_border(std::size_t at) const {
    if (at == run_.size()) return at;
    for (std::size_t border = at; border > 0 && border + segment_size > at; --border)
      if (run_[border - 1] == '\n') return border;
    return at <= segment_size ? 0 : at;
  }

  Bytes run_;
  std::size_t begin_;
  std::vector<WrittenPart>& parts_;
  std::array<std::size_t, charset_count> next_{};  // behind what was scored
  bool open_ = false, from_begin_ = true;          // whether all before is silent
  std::size_t from_ = 0, to_ = 0;
  Scores sums_{};
  unsigned silent_ = 0;
};

/// True if what lies between parts does not say that they are two: other bytes than these would score less.
bool belong_together(Bytes content, const WrittenPart& a, const WrittenPart& b) {
  std::size_t at = a.at + a.size;
  return a.layout == b.layout && b.at - at <= longest_gap &&
         score(looks[a.layout.line], content.first(b.at), at, b.at) >= 0;
}

constexpr std::array<bool, 256> in_text = [] {
  std::array<bool, 256> bytes{};
  for (unsigned byte = 0x20; byte < 0xFF; ++byte) bytes[byte] = byte != 0x7F;
  for (const char byte : {'\b', '\t', '\n', '\f', '\r', '\x1A', '\x1B'})
    bytes[static_cast<std::uint8_t>(byte)] = true;
  return bytes;
}();

}  // namespace

// A run is sought from the last byte of the least one back: binary data are refused by few looks.
void find_charsets(Bytes content, std::vector<WrittenPart>& parts) {
  std::vector<WrittenPart> found;
  for (std::size_t from = 0; from + least_written_part <= content.size();) {
    std::size_t at = from + least_written_part;
    while (at > from && in_text[content[at - 1]]) --at;
    if (at > from) {
      from = at;
      continue;
    }
    std::size_t end = from + least_written_part;
    while (end < content.size() && in_text[content[end]]) ++end;
    RunReader(content, from, end, found).read();
    from = end + 1;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0 && belong_together(content, parts.back(), found[i]))
      parts.back().size = found[i].at + found[i].size - parts.back().at;
    else
      parts.push_back(found[i]);
  }
}

}  // namespace ssmz::codec
