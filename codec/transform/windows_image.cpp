// SPDX-License-Identifier: Apache-2.0
// Relocations and functions of Windows' programs.
#include "codec/transform/windows_image.hpp"

#include <algorithm>

#include "codec/base/header_reader.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/base/ordered_numbers.hpp"
#include "codec/base/signature.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr ByteOrder order{};
// FORMAT.
constexpr std::size_t most_sections = 96, section_size = 40, function_size = 12;
constexpr std::uint32_t page_size = 4096;
constexpr std::size_t block_header = 8;
// Of fewer bytes tables are not worth a block of their own. Not FORMAT.
constexpr std::size_t least_table = 512;

// ---- The image's headers.

struct Section {
  std::uint32_t address = 0;  // as the loader lays it, from the image's beginning
  std::size_t at = 0, size = 0;
};

struct Image {
  std::uint64_t base = 0, size = 0;                                                        // as loaded
  bool wide = false;                                                                       // 64 bit
  std::vector<Section> sections{};                                                         // rising
  std::uint32_t relocations = 0, relocations_size = 0, functions = 0, functions_size = 0;  // addresses

  [[nodiscard]] unsigned width() const { return wide ? 8 : 4; }
  /// What kind of a relocation the list says for each.
  [[nodiscard]] std::uint32_t kind() const { return wide ? 10 : 3; }

  /// Where `address` stands in the file.
  [[nodiscard]] std::optional<std::size_t> place_of(std::uint32_t address) const {
    for (const Section& is : sections)
      if (address >= is.address && address - is.address < is.size) return is.at + (address - is.address);
    return std::nullopt;
  }
};

/// Reads headers; nothing if there are none, or of sections that do not rise in the file and in memory.
std::optional<Image> image_of(Bytes content) {
  const HeaderReader in{content};
  if (content.size() < 64 || content[0] != 'M' || content[1] != 'Z') return std::nullopt;
  const std::uint64_t pe = in.number(60, 4), optional = pe + 24;
  if (pe > content.size() || content.size() - pe < 24 + 128) return std::nullopt;
  if (!std::equal(content.begin() + static_cast<std::ptrdiff_t>(pe),
                  content.begin() + static_cast<std::ptrdiff_t>(pe + 4), "PE\0"))
    return std::nullopt;
  const std::uint32_t magic = in.number(optional, 2), count = in.number(pe + 6, 2);
  if ((magic != 0x10b && magic != 0x20b) || count > most_sections) return std::nullopt;
  Image image{.size = in.number(optional + 56, 4), .wide = magic == 0x20b};
  image.base = image.wide ? in.number(optional + 24, 4) | std::uint64_t{in.number(optional + 28, 4)} << 32
                          : in.number(optional + 28, 4);
  const std::uint64_t directories = optional + (image.wide ? 112u : 96u);
  if (in.number(directories - 4, 4) < 6) return std::nullopt;
  if (in.number(pe + 4, 2) == 0x8664) {  // of other processors functions are described otherwise
    image.functions = in.number(directories + 3 * 8, 4);
    image.functions_size = in.number(directories + 3 * 8 + 4, 4);
  }
  image.relocations = in.number(directories + 5 * 8, 4);
  image.relocations_size = in.number(directories + 5 * 8 + 4, 4);
  const std::uint64_t table = optional + in.number(pe + 20, 2);
  if (table + count * section_size > content.size()) return std::nullopt;
  std::uint64_t address = 0, place = table + count * section_size;
  for (std::uint64_t at = table; image.sections.size() < count; at += section_size) {
    const Section is{in.number(at + 12, 4), in.number(at + 20, 4), in.number(at + 16, 4)};
    if (is.address < address || (is.size != 0 && is.at < place)) return std::nullopt;
    address = is.address;
    if (is.size != 0) place = std::uint64_t{is.at} + is.size;
    image.sections.push_back(is);
  }
  return image;
}

/// The table of functions in `content`; none if it is not whole there.
std::span<std::uint8_t> functions_of(const Image& image, std::span<std::uint8_t> content) {
  const std::optional<std::size_t> at = image.place_of(image.functions);
  const std::size_t size = image.functions_size / function_size * function_size;
  if (!at || *at > content.size() || size > content.size() - *at) return {};
  return content.subspan(*at, size);
}

std::uint32_t multiple_behind(std::uint32_t end, const ImageForm& form) {
  const std::uint32_t step = form.wide_steps ? 16 : 4;
  return (end + step - 1) / step * step;
}

/// Turns a table of functions into the other form.
template <bool plain>
void exchange_functions(const ImageForm& form, std::span<std::uint8_t> table) {
  std::uint32_t end = 0, unwind = 0;  // of the last function
  const auto exchange = [&](std::size_t at, std::uint32_t less) {
    const std::uint32_t is = order.word(table, at);
    order.put(plain ? is + less : is - less, 4, table, at);
    return plain ? is + less : is;
  };
  for (std::size_t at = 0; at < table.size(); at += function_size) {
    const std::uint32_t begin = exchange(at, multiple_behind(end, form));
    end = exchange(at + 4, begin);
    if (form.rising) unwind = exchange(at + 8, unwind);
  }
}

/// Whether functions rise, as those of the plain bytes do not.
bool are_functions(Bytes table) {
  std::size_t rising = 0;
  for (std::size_t at = 0; at < table.size(); at += function_size) {
    const std::uint32_t end_before = at == 0 ? 0 : order.word(table, at - 8);
    rising += end_before <= order.word(table, at) && order.word(table, at) < order.word(table, at + 4);
  }
  return rising * function_size > table.size() / 8 * 7;
}

/// Sets what foretells most of a table.
void set_usual(Bytes table, ImageForm& form) {
  const auto right = [&](bool wide_steps) {
    std::size_t count = 0;
    for (std::size_t at = function_size; at < table.size(); at += function_size)
      count +=
          multiple_behind(order.word(table, at - 8), {.wide_steps = wide_steps}) == order.word(table, at);
    return count;
  };
  form.wide_steps = right(true) > right(false);
  constexpr std::uint32_t near = 256;
  std::size_t rising = 0;
  for (std::size_t at = function_size; at < table.size(); at += function_size)
    rising += order.word(table, at + 8) - order.word(table, at - 4) < near;
  form.rising = rising > table.size() / function_size / 2;
}

// ---- Relocations.

/// Calls each(address) for the words of `content`, the image as far as its list, that look like addresses of
/// it; each() says whether it is one, in which no other begins.
template <class Each>
void each_candidate(const Image& image, Bytes content, Each each) {
  // What stands in front of an array that begins a section, or behind the last, may be meant.
  const std::uint64_t first = image.base, last = image.base + image.size + 0x10000;
  const unsigned width = image.width();
  for (const Section& is : image.sections) {
    const std::size_t stop = std::min(content.size(), is.at + is.size);
    for (std::size_t at = is.at; at + width <= stop;) {
      const std::uint64_t word = order.get(content, at, width);
      const bool found =
          word >= first && word < last && each(is.address + static_cast<std::uint32_t>(at - is.at));
      at += found ? width : 1;
    }
  }
}

/// Addresses that the list `in` holds, and its bytes; nothing of one that is not as linkers write it.
std::optional<std::vector<std::uint32_t>> listed(const Image& image, Bytes in, std::size_t& size) {
  std::vector<std::uint32_t> addresses;
  size = 0;
  while (in.size() - size >= block_header) {
    const std::uint32_t page = order.word(in, size), block = order.word(in, size + 4);
    if (block < block_header) break;
    if (block % 4 != 0 || page % page_size != 0 || block > in.size() - size) return std::nullopt;
    for (std::size_t at = size + block_header; at < size + block; at += 2) {
      const auto is = static_cast<std::uint32_t>(order.get(in, at, 2));
      if (is >> 12 == image.kind()) addresses.push_back(page + is % page_size);
    }
    size += block;
  }
  return addresses;
}

/// The list as linkers write it: a block for each page, of an even number of entries.
void append_list(const Image& image, const std::vector<std::uint32_t>& addresses,
                 std::vector<std::uint8_t>& raw) {
  for (auto from = addresses.begin(); from != addresses.end();) {
    const std::uint32_t page = *from / page_size;
    const auto to =
        std::find_if(from, addresses.end(), [&](std::uint32_t is) { return is / page_size != page; });
    const auto count = static_cast<std::size_t>(to - from);
    append_little_endian(page * page_size, 4, raw);
    append_little_endian(block_header + 2 * (count + count % 2), 4, raw);
    for (; from != to; ++from) append_little_endian(image.kind() << 12 | *from % page_size, 2, raw);
    if (count % 2 != 0) append_little_endian(0, 2, raw);
  }
}

/// What says, beside the image, which addresses are listed: how many are none of the candidates, and these;
/// then how many candidates in turn are listed and are not.
void append_choice(const Image& image, Bytes content, const std::vector<std::uint32_t>& addresses,
                   std::vector<std::uint8_t>& plain) {
  std::vector<std::uint8_t> runs;
  std::vector<std::uint32_t> found;
  std::uint64_t run = 0;
  bool of_listed = true;
  each_candidate(image, content, [&](std::uint32_t address) {
    const bool is_listed = std::ranges::binary_search(addresses, address);
    if (is_listed) found.push_back(address);
    if (is_listed != of_listed) append_varint(run, runs), run = 0, of_listed = is_listed;
    ++run;
    return is_listed;
  });
  append_varint(run, runs);
  std::vector<std::uint32_t> others;
  std::ranges::set_difference(addresses, found, std::back_inserter(others));
  append_varint(others.size(), plain);
  std::uint32_t before = 0;
  for (const std::uint32_t address : others) append_varint(address - before, plain), before = address;
  plain.insert(plain.end(), runs.begin(), runs.end());
}

/// The reverse; nothing of bytes that do not say so.
std::optional<std::vector<std::uint32_t>> chosen(const Image& image, Bytes content, Bytes choice) {
  ByteReader reader(choice);
  std::vector<std::uint32_t> others, found;
  std::uint64_t address = 0;
  for (std::uint64_t count = reader.varint(); count > 0; --count) {
    address += reader.varint();
    if (reader.state() != ByteReader::State::good || address >> 32 != 0) return std::nullopt;
    others.push_back(static_cast<std::uint32_t>(address));
  }
  std::uint64_t run = 0;
  bool of_listed = false;
  each_candidate(image, content, [&](std::uint32_t candidate) {
    while (run == 0 && reader.state() == ByteReader::State::good && reader.position() < choice.size())
      run = reader.varint(), of_listed = !of_listed;
    const bool is_listed = of_listed && run > 0;
    if (run > 0) --run;
    if (is_listed) found.push_back(candidate);
    return is_listed;
  });
  if (run != 0 || reader.state() != ByteReader::State::good || reader.position() != choice.size())
    return std::nullopt;
  std::vector<std::uint32_t> all;
  std::ranges::merge(others, found, std::back_inserter(all));
  return all;
}

}  // namespace

bool valid_image_layout(const TransformLayout& layout) noexcept {
  const ImageForm form = ImageForm::of(layout.line);
  return !layout.crlf && layout.line < 16 && (form.functions || (form.relocations && layout.line == 2));
}

std::optional<std::vector<std::uint8_t>> from_image(const TransformLayout& layout, Bytes raw) {
  const ImageForm form = ImageForm::of(layout.line);
  const std::optional<Image> image = image_of(raw);
  if (!image) return std::nullopt;
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  std::size_t end = raw.size();
  if (form.relocations) {
    const std::optional<std::size_t> at = image->place_of(image->relocations);
    if (!at || *at > raw.size()) return std::nullopt;
    end = *at;
    std::size_t size = 0;
    const auto addresses = listed(*image, raw.subspan(end), size);
    if (!addresses || !std::ranges::is_sorted(*addresses)) return std::nullopt;
    plain.resize(end);
    append_choice(*image, raw.first(end), *addresses, plain);
  }
  if (form.functions) exchange_functions<false>(form, functions_of(*image, std::span(plain).first(end)));
  return plain;
}

bool append_image(const TransformLayout& layout, Bytes plain, std::size_t size,
                  std::vector<std::uint8_t>& raw) {
  const ImageForm form = ImageForm::of(layout.line);
  const std::optional<Image> image = image_of(plain);
  if (!image) return false;
  std::size_t at = plain.size();
  if (form.relocations) {
    const std::optional<std::size_t> place = image->place_of(image->relocations);
    if (!place || *place > plain.size() || *place > size) return false;
    at = *place;
  }
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(at));
  const auto content = std::span(raw).subspan(start);
  if (form.functions) exchange_functions<true>(form, functions_of(*image, content));
  if (!form.relocations) return true;
  const auto addresses = chosen(*image, content, plain.subspan(at));
  if (!addresses) return false;
  append_list(*image, *addresses, raw);
  return true;
}

std::size_t image_extent(Bytes content) {
  const std::optional<Image> image = image_of(content);
  if (!image) return 0;
  std::size_t end = 0;
  const auto reach = [&](std::uint32_t address, std::uint32_t size) {
    const std::optional<std::size_t> at = image->place_of(address);
    if (at && size >= least_table) end = std::max<std::size_t>(end, *at + std::size_t{size});
  };
  reach(image->functions, image->functions_size);
  reach(image->relocations, image->relocations_size);
  return end;
}

void find_images(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr Signature<2> magic{{'M', 'Z'}, 1};
  const std::size_t most_work = most_wasted(content.size());
  std::size_t work = 0;
  for (std::size_t begin = magic.find(content, 0), next = 0; begin < content.size() && work < most_work;
       begin = magic.find(content, next)) {
    next = begin + 1;
    const Bytes rest = content.subspan(begin);
    const std::optional<Image> image = image_of(rest);
    if (!image) continue;
    ImageForm form;
    std::size_t end = 0;
    const auto tells = [&](std::uint32_t address, std::uint32_t size) -> std::optional<std::size_t> {
      const std::optional<std::size_t> at = image->place_of(address);
      if (size < least_table || !at || *at > rest.size() || size > rest.size() - *at) return std::nullopt;
      work += size;
      return at;
    };
    if (const auto at = tells(image->functions, image->functions_size)) {
      const Bytes table = rest.subspan(*at, image->functions_size / function_size * function_size);
      if (are_functions(table)) {
        form.functions = true, end = *at + table.size();
        set_usual(table, form);
      }
    }
    if (const auto at = tells(image->relocations, image->relocations_size)) {
      std::size_t size = 0;
      const auto addresses = listed(*image, rest.subspan(*at, image->relocations_size), size);
      if (addresses && *at >= end && size >= least_table) form.relocations = true, end = *at + size;
    }
    if (end < least_written_part || end > most_plain_size) continue;
    parts.push_back({begin, end, {.transform = Transform::image, .line = form.packed()}});
    next = begin + end;
  }
}

}  // namespace ssmz::codec
