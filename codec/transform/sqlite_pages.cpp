// SPDX-License-Identifier: Apache-2.0
// Walks over a page's cells, puts them in the order of their keys, and tells how the page's list differs.
#include "codec/transform/sqlite_pages.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <optional>
#include <string_view>

#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"
#include "codec/transform/sqlite_records.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Page = std::span<std::uint8_t>;

// FORMAT. The first page begins with the file's header.
constexpr Signature<16> magic = {
    {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0}, 1};
constexpr std::size_t file_header = 100;
constexpr std::size_t least_page = 512, longest_page = 65536, least_used = 480;

// FORMAT. Types of pages.
constexpr std::uint8_t index_interior = 2, table_interior = 5, index_leaf = 10, table_leaf = 13;

// FORMAT. An entry of the list in the plain bytes: below a rank, above bytes that are lost behind a cell.
constexpr unsigned rank_bits = 14;
constexpr std::size_t most_lost = 3, least_cell = 4;

constexpr ByteOrder order{.big_endian = true};
std::size_t half(Bytes bytes, std::size_t at) { return static_cast<std::size_t>(order.get(bytes, at, 2)); }
void put_half(std::size_t value, Page bytes, std::size_t at) { order.put(value, 2, bytes, at); }

bool is_interior(std::uint8_t type) { return type == index_interior || type == table_interior; }
constexpr bool is_type(std::uint8_t type) {
  constexpr unsigned types =
      1u << index_interior | 1u << table_interior | 1u << index_leaf | 1u << table_leaf;
  return type < 16 && (types >> type & 1) != 0;
}
bool is_table(std::uint8_t type) { return type == table_interior || type == table_leaf; }

bool begins_file(Bytes page) {
  return page.size() >= magic.bytes.size() &&
         std::equal(magic.bytes.begin(), magic.bytes.end(), page.begin());
}

// ---- What a page consists of.

struct Cell {
  std::size_t at = 0, size = 0;
  std::size_t row_at = 0;                   // of tables
  std::size_t payload_at = 0, payload = 0;  // of indices: what is in the page
};

/// `page` is without what is left over at its end. None if there is no whole cell.
std::optional<Cell> cell_at(Bytes page, std::uint8_t type, std::size_t at) {
  Cell cell{.at = at};
  std::size_t end = at + (is_interior(type) ? 4 : 0);
  if (type == table_interior) {
    cell.row_at = end;
    const SqliteNumber row = number_at(page, end);
    if (row.size == 0) return std::nullopt;
    end += row.size;
  } else {
    const SqliteNumber payload = number_at(page, end);
    if (payload.size == 0) return std::nullopt;
    end += payload.size;
    if (type == table_leaf) {
      cell.row_at = end;
      const SqliteNumber row = number_at(page, end);
      if (row.size == 0) return std::nullopt;
      end += row.size;
    }
    const std::size_t used = page.size();
    const std::size_t most = type == table_leaf ? used - 35 : (used - 12) * 64 / 255 - 23;
    cell.payload_at = end;
    cell.payload = static_cast<std::size_t>(std::min<std::uint64_t>(payload.value, most));
    if (payload.value > most) {
      const std::size_t least = (used - 12) * 32 / 255 - 23;
      const std::size_t kept = least + static_cast<std::size_t>((payload.value - least) % (used - 4));
      cell.payload = kept <= most ? kept : least;
      end += 4;
    }
    end += cell.payload;
  }
  cell.size = std::max(end - at, least_cell);
  if (cell.size > page.size() - at) return std::nullopt;
  return cell;
}

struct Head {
  std::uint8_t type = 0;
  std::size_t at = 0;     // of the page's header
  std::size_t list = 0;   // where it begins
  std::size_t cells = 0;  // not 0
  std::size_t lost = 0;   // bytes between cells that are too few for a block
  std::size_t end = 0;    // of the list

  [[nodiscard]] std::size_t start_at() const { return at + 5; }
};

std::optional<Head> head_of(Bytes page) {
  Head head{.at = begins_file(page) ? file_header : 0};
  head.type = page[head.at];
  if (!is_type(head.type)) return std::nullopt;
  head.cells = half(page, head.at + 3);
  head.lost = page[head.at + 7];
  head.list = head.at + (is_interior(head.type) ? 12 : 8);
  head.end = head.list + 2 * head.cells;
  if (head.cells == 0 || head.cells > std::size_t{1} << rank_bits || head.end >= page.size())
    return std::nullopt;
  return head;
}

struct FreeBlock {
  std::size_t at = 0, size = 0;
};

/// Of the chain, which rises and ends within the page.
std::optional<std::vector<FreeBlock>> free_blocks(Bytes page, const Head& head) {
  std::vector<FreeBlock> blocks;
  std::size_t end = head.end;
  for (std::size_t at = half(page, head.at + 1); at != 0; at = half(page, at)) {
    if (at < end || page.size() < 4 || at > page.size() - 4) return std::nullopt;
    blocks.push_back({at, half(page, at + 2)});
    end = at + blocks.back().size;
    if (blocks.back().size < 4 || end > page.size()) return std::nullopt;
  }
  return blocks;
}

/// Where content begins is as many bytes behind the first byte after the list that is not 0.
std::size_t expected_start(Bytes page, const Head& head) {
  const auto rest = page.subspan(head.end);
  return head.end +
         static_cast<std::size_t>(std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != 0; }) -
                                  rest.begin());
}

/// Walks from `start` to the end; of each cell as many bytes are lost as an entry says. None if that is not
/// as many cells and bytes as the header says.
std::optional<std::vector<Cell>> walk(Bytes page, const Head& head, std::size_t start,
                                      const std::vector<FreeBlock>& free,
                                      std::span<const std::uint8_t> lost) {
  std::vector<Cell> cells;
  cells.reserve(head.cells);
  auto block = free.begin();
  std::size_t at = start, all_lost = 0;
  if (start < head.end) return std::nullopt;
  while (at < page.size()) {
    if (block != free.end() && block->at <= at) {
      if (block->at < at) return std::nullopt;
      at += block->size;
      ++block;
      continue;
    }
    if (cells.size() == head.cells) return std::nullopt;
    const std::optional<Cell> cell = cell_at(page, head.type, at);
    if (!cell) return std::nullopt;
    at += cell->size + lost[cells.size()];
    all_lost += lost[cells.size()];
    cells.push_back(*cell);
  }
  if (at != page.size() || cells.size() != head.cells || block != free.end() || all_lost != head.lost)
    return std::nullopt;
  return cells;
}

/// What is lost behind each cell of a list that says where they stand; none if it is not so.
std::optional<std::vector<std::uint8_t>> lost_bytes(Bytes page, const Head& head,
                                                    const std::vector<FreeBlock>& free,
                                                    const std::vector<std::size_t>& starts) {
  std::vector<std::uint8_t> lost;
  lost.reserve(starts.size());
  auto block = free.begin();
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t next = i + 1 < starts.size() ? starts[i + 1] : page.size();
    if (starts[i] < head.end || starts[i] >= next) return std::nullopt;
    const std::optional<Cell> cell = cell_at(page, head.type, starts[i]);
    if (!cell) return std::nullopt;
    const std::size_t end = starts[i] + cell->size;
    const std::size_t stop = block != free.end() ? std::min(block->at, next) : next;
    if (end > stop || stop - end > most_lost) return std::nullopt;
    lost.push_back(static_cast<std::uint8_t>(stop - end));
    while (block != free.end() && block->at < next) ++block;
  }
  return lost;
}

// ---- The order of cells.

/// Cells by their keys; of equal ones the last one is first.
std::vector<std::size_t> by_keys(Bytes page, const Head& head, const std::vector<Cell>& cells) {
  std::vector<std::size_t> sorted(cells.size());
  std::iota(sorted.rbegin(), sorted.rend(), std::size_t{0});
  if (is_table(head.type)) {
    std::vector<std::int64_t> rows;
    rows.reserve(cells.size());
    for (const Cell& cell : cells)
      rows.push_back(static_cast<std::int64_t>(number_at(page, cell.row_at).value));
    std::ranges::stable_sort(sorted, {}, [&](std::size_t i) { return rows[i]; });
    return sorted;
  }
  std::vector<std::uint8_t> keys;
  std::vector<std::size_t> ends = {0};
  for (const Cell& cell : cells) {
    append_key(page.subspan(cell.payload_at, cell.payload), keys);
    ends.push_back(keys.size());
  }
  const std::string_view all(reinterpret_cast<const char*>(keys.data()), keys.size());
  std::ranges::stable_sort(sorted, {},
                           [&](std::size_t i) { return all.substr(ends[i], ends[i + 1] - ends[i]); });
  return sorted;
}

/// Which of `count` places are left, and how many of these stand before one.
class Left {
 public:
  explicit Left(std::size_t count) : sums_(count + 1) {
    for (std::size_t i = 1; i <= count; ++i) sums_[i] = i & (~i + 1);
  }

  /// Takes a place that is left; says how many before it are.
  std::size_t take(std::size_t place) {
    std::size_t before = 0;
    for (std::size_t i = place; i > 0; i -= i & (~i + 1)) before += sums_[i];
    for (std::size_t i = place + 1; i < sums_.size(); i += i & (~i + 1)) --sums_[i];
    return before;
  }
  /// Takes the place that has `before` left ones before it, of which there must be more.
  std::size_t take_behind(std::size_t before) {
    std::size_t place = 0, left = before;
    for (std::size_t step = std::bit_floor(sums_.size()); step > 0; step /= 2)
      if (place + step < sums_.size() && sums_[place + step] <= left) {
        place += step;
        left -= sums_[place];
      }
    (void)take(place);
    return place;
  }

 private:
  std::vector<std::size_t> sums_;  // a Fenwick tree
};

/// Numbers of rows, and of pages below, by how far they are behind those of the cell that stands behind
/// theirs, or the reverse. `last`: the row before.
template <bool plain>
void exchange_numbers(Page page, std::uint8_t type, const std::vector<Cell>& cells, std::uint64_t& last) {
  std::uint32_t last_child = 0;
  for (auto cell = cells.rbegin(); cell != cells.rend(); ++cell) {
    if (is_interior(type)) {
      const std::uint32_t child = order.word(page, cell->at);
      order.put(plain ? child + last_child : child - last_child, 4, page, cell->at);
      last_child = plain ? child + last_child : child;
    }
    if (!is_table(type)) continue;
    const SqliteNumber row = number_at(page, cell->row_at);
    put_number(plain ? row.value + last : row.value - last, row.size, page.subspan(cell->row_at));
    last = plain ? number_at(page, cell->row_at).value : row.value;
  }
}

/// Turns a page into plain bytes; false, with nothing changed, if it stays as it is.
bool make_plain(Page page, std::uint64_t& last) {
  const std::optional<Head> head = head_of(page);
  if (!head) return false;
  std::vector<std::size_t> list(head->cells);
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = half(page, head->list + 2 * i);
  std::vector<std::size_t> starts = list;
  std::ranges::sort(starts);
  const std::size_t start = half(page, head->start_at());
  if (starts.front() != start || starts.back() >= page.size()) return false;
  const std::optional<std::vector<FreeBlock>> free = free_blocks(page, *head);
  if (!free) return false;
  const std::optional<std::vector<std::uint8_t>> lost = lost_bytes(page, *head, *free, starts);
  if (!lost) return false;
  const std::optional<std::vector<Cell>> cells = walk(page, *head, start, *free, *lost);
  if (!cells) return false;
  const std::vector<std::size_t> sorted = by_keys(page, *head, *cells);
  std::vector<std::size_t> places(sorted.size());
  for (std::size_t place = 0; place < sorted.size(); ++place) places[sorted[place]] = place;
  Left left(sorted.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto found = std::ranges::lower_bound(starts, list[i]) - starts.begin();
    const std::size_t rank = left.take(places[static_cast<std::size_t>(found)]);
    put_half(rank | std::size_t{(*lost)[i]} << rank_bits, page, head->list + 2 * i);
  }
  exchange_numbers<false>(page, head->type, *cells, last);
  put_half(start - expected_start(page, *head), page, head->start_at());
  return true;
}

/// The reverse.
bool make_raw(Page page, std::uint64_t& last) {
  const std::optional<Head> head = head_of(page);
  if (!head) return false;
  std::vector<std::size_t> ranks(head->cells);
  std::vector<std::uint8_t> lost(head->cells);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const std::size_t entry = half(page, head->list + 2 * i);
    ranks[i] = entry & ((std::size_t{1} << rank_bits) - 1);
    lost[i] = static_cast<std::uint8_t>(entry >> rank_bits);
    if (ranks[i] >= ranks.size() - i) return false;
  }
  const std::size_t start = (half(page, head->start_at()) + expected_start(page, *head)) & 0xffffu;
  const std::optional<std::vector<FreeBlock>> free = free_blocks(page, *head);
  if (!free) return false;
  const std::optional<std::vector<Cell>> cells = walk(page, *head, start, *free, lost);
  if (!cells) return false;
  put_half(start, page, head->start_at());
  exchange_numbers<true>(page, head->type, *cells, last);
  const std::vector<std::size_t> sorted = by_keys(page, *head, *cells);
  Left left(sorted.size());
  for (std::size_t i = 0; i < ranks.size(); ++i)
    put_half((*cells)[sorted[left.take_behind(ranks[i])]].at, page, head->list + 2 * i);
  return true;
}

/// Turns `page` into plain bytes if these can be turned back; false if it stays as it is.
bool turn(Page page, std::uint64_t& last) {
  const std::vector<std::uint8_t> before(page.begin(), page.end());
  std::uint64_t next = last;
  if (!make_plain(page, next)) return false;
  std::vector<std::uint8_t> back(page.begin(), page.end());
  std::uint64_t back_last = last;
  if (make_raw(back, back_last) && back == before && back_last == next) {
    last = next;
    return true;
  }
  std::ranges::copy(before, page.begin());
  return false;
}

template <class Turn>
void each_page(const TransformLayout& layout, Page bytes, Turn&& turn_page) {
  std::uint64_t last = 0;
  for (; bytes.size() >= layout.row; bytes = bytes.subspan(layout.row))
    (void)turn_page(bytes.first(layout.row - layout.line), last);
}

// ---- Pages found.

/// Of the header that `content` begins with.
std::optional<TransformLayout> layout_of(Bytes content) {
  if (content.size() < file_header || !begins_file(content)) return std::nullopt;
  const std::size_t size = half(content, 16);
  TransformLayout layout{.transform = Transform::pages, .line = content[20]};
  layout.row = static_cast<std::uint32_t>(size == 1 ? longest_page : size);
  if (!valid_pages_layout(layout)) return std::nullopt;
  return layout;
}

/// Whether a page can be turned.
bool is_page(const TransformLayout& layout, Bytes page) {
  if (!head_of(page.first(layout.row - layout.line))) return false;
  std::vector<std::uint8_t> copy(page.begin(), page.begin() + (layout.row - layout.line));
  std::uint64_t last = 0;
  return turn(copy, last);
}

// Of SQLite; where more bytes are lost it writes the page anew.
constexpr std::size_t usually_lost = 60;

// Neither alone is so rare that the processor would guess that it is not: one question of both.
constexpr auto types = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) table[byte] = is_type(static_cast<std::uint8_t>(byte));
  return table;
}();
constexpr auto few_lost = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte <= usually_lost; ++byte) table[byte] = 1;
  return table;
}();

/// The next place from `at` on, not behind `header`, where a page may begin; `header` if none.
std::size_t next_place(Bytes content, std::size_t at, std::size_t header) {
  const std::size_t end = std::min(header, content.size() - least_page + 1);
  while (at < end && !(types[content[at]] & few_lost[content[at + 7]])) ++at;
  return at < end ? at : header;
}

/// A page's header and its list, as far as that is soon seen. Adds to `work` what is read of a list.
bool may_be_page(Bytes content, std::size_t& work) {
  const std::optional<Head> head = head_of(content.first(std::min(content.size(), longest_page)));
  if (!head || head->lost > usually_lost || head->cells < 2) return false;
  const std::size_t start = half(content, head->start_at());
  if (start < head->end || half(content, head->list) < start) return false;
  work += 2 * head->cells;
  bool begins = false;
  for (std::size_t at = head->list; at < head->end; at += 2) {
    const std::size_t cell = half(content, at);
    if (cell < start) return false;
    begins = begins || cell == start;
  }
  return begins;
}

/// Bytes up to the last page of `content` before many others. These are better left to other models, and to
/// copies: 1,638,400 bytes of licences in overflow pages at -1 70,375 -> 69,974, with 64 KiB 74,623.
std::size_t run_size(const TransformLayout& layout, Bytes content, unsigned& pages) {
  constexpr std::size_t most_others = std::size_t{16} << 10;
  std::size_t size = 0;
  for (std::size_t at = 0; content.size() - at >= layout.row && at - size <= most_others; at += layout.row)
    if (is_page(layout, content.subspan(at, layout.row))) {
      size = at + layout.row;
      ++pages;
    }
  return size;
}

}  // namespace

bool valid_pages_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && std::has_single_bit(layout.row) && layout.row >= least_page &&
         layout.row <= longest_page && layout.line <= 255 && layout.row - layout.line >= least_used;
}

std::vector<std::uint8_t> from_pages(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  each_page(layout, plain, turn);
  return plain;
}

void append_pages(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  each_page(layout, std::span(raw).subspan(start), make_raw);
}

void find_pages(Bytes content, std::vector<WrittenPart>& parts) {
  const std::size_t most_waste = most_wasted(content.size());
  std::optional<TransformLayout> known;
  std::size_t header = magic.find(content, 0);
  for (std::size_t at = 0, wasted = 0; at + least_page <= content.size() && wasted < most_waste;) {
    if (header < at) header = magic.find(content, at);
    at = next_place(content, at, header);
    if (at + least_page > content.size()) break;
    const Bytes rest = content.subspan(at);
    const std::optional<TransformLayout> begun = layout_of(rest);
    if (begun) known = begun;
    if (!begun && !may_be_page(rest, wasted)) {
      ++at;
      continue;
    }
    TransformLayout layout{.transform = Transform::pages};
    std::size_t size = 0;
    for (std::size_t row = known ? known->row : least_page; row <= longest_page && size == 0; row *= 2) {
      unsigned pages = 0;
      if (known)
        layout = *known;
      else
        layout.row = static_cast<std::uint32_t>(row);
      if (layout.row > rest.size()) break;
      wasted += layout.row;
      size = begun || is_page(layout, rest) ? run_size(layout, rest, pages) : 0;
      if (pages < 2) size = 0;
      if (known) break;
    }
    if (size != 0) {
      known = layout;
      parts.push_back({at, size, layout});
    }
    at += std::max<std::size_t>(size, 1);
  }
}

}  // namespace ssmz::codec
