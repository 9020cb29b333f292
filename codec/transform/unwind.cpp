// SPDX-License-Identifier: Apache-2.0
// Lists of functions taken out, and made again.
#include "codec/transform/unwind.hpp"

#include <algorithm>
#include <array>

#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// The list's beginning: version 1; numbers of four bytes, relative to themselves, plain, and relative to the
// list. FORMAT.
constexpr Signature<4> magic{{0x01, 0x1b, 0x03, 0x3b}, 3};
constexpr std::size_t header = 12, entry = 8, number = 4;
constexpr std::uint8_t relative = 0x1b, omitted = 0xff;  // pointers' encodings
constexpr unsigned most_alignment = 5;
// No record is as long. Not FORMAT.
constexpr std::size_t longest_record = std::size_t{1} << 20;

/// Of the header.
struct List {
  std::uint64_t count = 0, entries_end = 0, frame = 0;  // the last two as places in the part
};

std::optional<List> list_of(ByteOrder order, Bytes part) {
  if (part.size() < header || !magic.begins(part)) return std::nullopt;
  const std::uint64_t count = order.word(part, 8), frame = number + std::uint64_t{order.word(part, number)};
  const std::uint64_t end = header + entry * count;
  if (count == 0 || frame < end || frame > std::uint64_t{1} << 31) return std::nullopt;
  return List{count, end, frame};
}

/// Where a function usually begins behind another's end.
std::uint32_t next_begin(const UnwindForm& form, std::uint32_t end) {
  return end + ((form.phase - end) & ((1u << form.alignment) - 1));
}

// ---- What .eh_frame consists of.

/// What a common record (CIE) says of the records of functions (FDE) that follow it.
struct Common {
  std::size_t at = 0;
  std::uint8_t pointer = omitted, language = omitted;  // how functions' and languages' addresses are encoded
};

/// Steps over a number of LEB128; false at the end.
bool skip_leb128(Bytes bytes, std::size_t& at) {
  while (at < bytes.size())
    if (bytes[at++] < 0x80) return true;
  return false;
}

/// Reads `record`, which begins with its version. What is not understood is `omitted`.
Common common_of(Bytes record, std::size_t place) {
  Common common{.at = place};
  if (record.empty() || (record[0] != 1 && record[0] != 3)) return common;
  const auto letters = record.begin() + 1;
  const auto end = std::find(letters, record.end(), 0);
  if (end == record.end() || *letters != 'z') return common;
  auto at = static_cast<std::size_t>(end - record.begin()) + 1;
  if (!skip_leb128(record, at) || !skip_leb128(record, at)) return common;  // alignments of code and data
  if (record[0] == 1)
    ++at;
  else if (!skip_leb128(record, at))
    return common;
  if (!skip_leb128(record, at)) return common;
  for (auto letter = letters + 1; letter != end; ++letter) {
    if (*letter == 'S' || *letter == 'B') continue;  // nothing stands for these
    if (at >= record.size()) return {.at = place};
    const std::uint8_t encoding = record[at++];
    if (*letter == 'R')
      common.pointer = encoding;
    else if (*letter == 'L')
      common.language = encoding;
    else if (*letter == 'P' && (encoding & 0x0fu) == 0x0bu)
      at += number;
    else
      return {.at = place};
  }
  return common;
}

/// Goes through the records of a frame in either form, and turns each one's numbers into the other form's.
class Frame {
 public:
  /// `bytes` is changed; its first one is `place` behind the list's.
  Frame(const UnwindForm& form, std::span<std::uint8_t> bytes, std::size_t place)
      : form_(form), order_{form.big_endian}, bytes_(bytes), place_(static_cast<std::uint32_t>(place)) {}

  /// What the list holds of a function.
  struct Entry {
    std::int32_t begin = 0, record = 0;
    std::uint32_t end = 0;
  };

  /// Reads records up to the one of the last of `count` functions; false if there are not so many.
  bool read(std::uint64_t count, bool plain) {
    entries_.reserve(std::min<std::uint64_t>(count, bytes_.size() / 16));
    while (entries_.size() < count)
      if (!step(plain)) return false;
    return true;
  }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  bool step(bool plain) {
    if (bytes_.size() - at_ < 2 * number) return false;
    const std::uint64_t length = order_.word(bytes_, at_);
    // 0 is the end, the greatest number that of a longer one.
    if (length < number || length > bytes_.size() - at_ - number) return false;
    const std::size_t id_at = at_ + number;
    const auto record = bytes_.subspan(id_at, static_cast<std::size_t>(length));
    const std::uint32_t id = order_.word(bytes_, id_at);
    bool good = true;
    if (id == 0)
      commons_.push_back(common_of(record.subspan(number), at_));
    else
      good = plain ? write_function(record, id, id_at) : read_function(record, id, id_at);
    at_ = id_at + record.size();
    return good;
  }

  /// Which common record is meant: its distance becomes its number, 1 for the last one, or the reverse.
  bool read_function(std::span<std::uint8_t> record, std::uint32_t id, std::size_t id_at) {
    if (id > id_at) return false;
    const auto found = std::ranges::lower_bound(commons_, id_at - id, {}, &Common::at);
    if (found == commons_.end() || found->at != id_at - id) return false;
    order_.put(static_cast<std::uint32_t>(commons_.end() - found), number, record, 0);
    return function<false>(*found, record, id_at);
  }
  bool write_function(std::span<std::uint8_t> record, std::uint32_t back, std::size_t id_at) {
    if (back > commons_.size()) return false;
    const Common& common = commons_[commons_.size() - back];
    order_.put(id_at - common.at, number, record, 0);
    return function<true>(common, record, id_at);
  }

  /// The addresses of a function and of what its language knows of it.
  template <bool plain>
  bool function(const Common& common, std::span<std::uint8_t> record, std::size_t id_at) {
    if (common.pointer != relative || record.size() < 3 * number) return false;
    const std::uint32_t at = place_ + static_cast<std::uint32_t>(id_at);
    const std::uint32_t begin = exchange<plain>(record, number, at + number, next_begin(form_, end_));
    end_ = begin + order_.word(record, 2 * number);
    entries_.push_back({static_cast<std::int32_t>(begin), static_cast<std::int32_t>(at - number), end_});
    std::size_t more = 3 * number;
    if (common.language != relative || !skip_leb128(record, more) || record.size() - more < number)
      return true;
    if (order_.word(record, more) == 0) return true;  // none
    const std::uint32_t own = at + static_cast<std::uint32_t>(more);
    language_ = exchange<plain>(record, more, own, language_, true);
    return true;
  }

  /// Turns the address at `record`[at], which is relative to `own`, into what it is relative to `expected`,
  /// or back; says the address. With `not_zero` no number becomes 0, nor is it: what would, becomes the one
  /// that 0 would.
  template <bool plain>
  std::uint32_t exchange(std::span<std::uint8_t> record, std::size_t at, std::uint32_t own,
                         std::uint32_t expected, bool not_zero = false) {
    const std::uint32_t from = plain ? expected : own, to = plain ? own : expected;
    const std::uint32_t before = order_.word(record, at);
    std::uint32_t after = before + from - to;
    if (not_zero && after == 0) after = from - to;
    order_.put(after, number, record, at);
    return (plain ? after : before) + own;
  }

  UnwindForm form_;
  ByteOrder order_;
  std::span<std::uint8_t> bytes_;
  std::uint32_t place_;
  std::size_t at_ = 0;
  std::uint32_t end_ = 0, language_ = 0;  // of the last function
  std::vector<Common> commons_;           // rising
  std::vector<Entry> entries_;
};

/// How a walk over records ends.
enum class FrameEnd : std::uint8_t { found, behind, none };

/// Goes to the record of the last of `count` functions: it is found, `size` bytes from the beginning, or lies
/// behind the end, or there are not so many.
FrameEnd walk_frame(ByteOrder order, Bytes frame, std::uint64_t count, std::size_t& size) {
  size = 0;
  while (count > 0) {
    if (frame.size() - size < 2 * number) return FrameEnd::behind;
    const std::uint64_t length = order.word(frame, size);
    if (length < number || length > longest_record) return FrameEnd::none;
    if (length > frame.size() - size - number) return FrameEnd::behind;
    count -= order.word(frame, size + number) != 0;
    size += number + static_cast<std::size_t>(length);
  }
  return FrameEnd::found;
}

/// Of 0 and 4 to 32 bytes the alignment that foretells the most beginnings.
UnwindForm usual_form(bool big_endian, const std::vector<Frame::Entry>& entries) {
  UnwindForm best{.big_endian = big_endian};
  std::size_t most = 0;
  for (unsigned alignment = 0; alignment <= most_alignment; ++alignment) {
    if (alignment == 1) continue;
    const std::uint32_t unit = 1u << alignment;
    std::array<std::size_t, 1u << most_alignment> phases{};
    for (const Frame::Entry& is : entries) ++phases[static_cast<std::uint32_t>(is.begin) & (unit - 1)];
    const auto phase = static_cast<unsigned>(std::ranges::max_element(phases) - phases.begin());
    const UnwindForm form{big_endian, alignment, phase};
    std::size_t right = 0;
    for (std::size_t i = 1; i < entries.size(); ++i)
      right += static_cast<std::uint32_t>(entries[i].begin) == next_begin(form, entries[i - 1].end);
    if (right > most) best = form, most = right;
  }
  return best;
}

/// `work` grows by the bytes that are walked over.
std::optional<WrittenPart> part_at(bool big_endian, Bytes content, std::size_t& work) {
  const std::optional<List> list = list_of({big_endian}, content);
  if (!list || list->frame >= content.size()) return std::nullopt;
  const Bytes rest = content.subspan(list->frame);
  std::size_t size = 0;
  const FrameEnd end = walk_frame({big_endian}, rest, list->count, size);
  work += size;
  if (end != FrameEnd::found) return std::nullopt;
  if (list->frame + size > most_plain_size) return std::nullopt;
  std::vector<std::uint8_t> bytes(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  Frame frame({.big_endian = big_endian}, bytes, list->frame);
  if (!frame.read(list->count, false)) return std::nullopt;
  const UnwindForm form = usual_form(big_endian, frame.entries());
  return WrittenPart{0, list->frame + size, {.transform = Transform::unwind, .line = form.packed()}};
}

}  // namespace

bool valid_unwind_layout(const TransformLayout& layout) noexcept {
  const UnwindForm form = UnwindForm::of(layout.line);
  return !layout.crlf && form.alignment <= most_alignment && form.phase < 1u << form.alignment;
}

std::optional<std::vector<std::uint8_t>> from_unwind(const TransformLayout& layout, Bytes raw) {
  const UnwindForm form = UnwindForm::of(layout.line);
  const std::optional<List> list = list_of({form.big_endian}, raw);
  if (!list || list->frame > raw.size()) return std::nullopt;
  std::vector<std::uint8_t> plain(raw.begin(), raw.begin() + header);
  plain.insert(plain.end(), raw.begin() + static_cast<std::ptrdiff_t>(list->entries_end), raw.end());
  const std::size_t begin = list->frame - entry * list->count;
  Frame frame(form, std::span(plain).subspan(begin), list->frame);
  if (!frame.read(list->count, false)) return std::nullopt;
  return plain;
}

bool append_unwind(const TransformLayout& layout, Bytes plain, std::size_t size,
                   std::vector<std::uint8_t>& raw) {
  const UnwindForm form = UnwindForm::of(layout.line);
  const ByteOrder order{form.big_endian};
  const std::optional<List> list = list_of(order, plain);
  if (!list || list->frame > size || size - plain.size() != entry * list->count) return false;
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.begin() + header);
  raw.resize(start + list->entries_end);
  raw.insert(raw.end(), plain.begin() + header, plain.end());
  const auto part = std::span(raw).subspan(start);
  Frame frame(form, part.subspan(list->frame), list->frame);
  if (!frame.read(list->count, true)) return false;
  std::vector<Frame::Entry> entries = frame.entries();
  std::ranges::stable_sort(entries, {}, &Frame::Entry::begin);
  std::size_t at = header;
  for (const Frame::Entry& is : entries) {
    order.put(static_cast<std::uint32_t>(is.begin), number, part, at);
    order.put(static_cast<std::uint32_t>(is.record), number, part, at + number);
    at += entry;
  }
  return true;
}

bool unwind_goes_on(Bytes content, std::size_t& work) {
  for (const bool big_endian : {false, true}) {
    const std::optional<List> list = list_of({big_endian}, content);
    // A gap of more than its alignment is none of a linker's.
    if (!list || list->frame > list->entries_end + 64 || list->frame > most_plain_size) continue;
    if (list->frame >= content.size()) return true;
    std::size_t size = 0;
    const FrameEnd end = walk_frame({big_endian}, content.subspan(list->frame), list->count, size);
    work += size;
    return end == FrameEnd::behind;
  }
  return false;
}

void find_unwind(Bytes content, std::vector<WrittenPart>& parts) {
  const std::size_t most_work = most_wasted(content.size());
  std::size_t work = 0;
  for (std::size_t at = magic.find(content, 0), next = 0; at < content.size() && work < most_work;
       at = magic.find(content, next)) {
    next = at + 1;
    for (const bool big_endian : {false, true}) {
      std::optional<WrittenPart> part = part_at(big_endian, content.subspan(at), work);
      if (!part || part->size < least_written_part) continue;
      part->at = at;
      parts.push_back(*part);
      next = at + part->size;
      break;
    }
  }
}

}  // namespace ssmz::codec
