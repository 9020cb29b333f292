// SPDX-License-Identifier: Apache-2.0
// Objects as assemblers write them, and archives as ar does.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "codec/base/ordered_numbers.hpp"
#include "tests/test_data.hpp"

namespace ssmz::test {

/// What an object is to be like.
struct ObjectSample {
  bool wide = true, big_endian = false;
  bool addends = true;  ///< In relocations, else in what is relocated.
  std::uint32_t machine = 62;
  std::string prefix = "f";  ///< Of the names of its functions.
  unsigned functions = 40;
};

/// Its bytes, and the names of symbols that it defines for others.
struct ObjectFile {
  Bytes bytes;
  std::vector<std::string> defined;
  std::size_t sections = 0, table = 0;  ///< Their number, and where they are told.
};

inline void append_text(const std::string& text, Bytes& to, bool ends = true) {
  to.insert(to.end(), text.begin(), text.end());
  if (ends) to.push_back(0);
}

/// Each function calls two that others define, and has a field of zeros that is not relocated.
inline ObjectFile object_file(const ObjectSample& is) {
  const codec::ByteOrder order{is.big_endian};
  const unsigned word = is.wide ? 8 : 4;
  const auto put = [&](std::uint64_t value, unsigned size, Bytes& to) {
    to.resize(to.size() + size);
    order.put(value, size, to, to.size() - size);
  };
  std::mt19937 random(static_cast<unsigned>(is.prefix.size()) + is.functions);
  Bytes text, symbols, undefined, strings(1, 0), of_text, of_data, data(80, 0);
  ObjectFile file;
  std::uint32_t index = 0;
  const auto add_symbol = [&](const std::string& name, unsigned info, unsigned section, std::uint64_t value,
                              std::uint64_t size, Bytes& to) {
    put(name.empty() ? 0 : strings.size(), 4, to);
    if (!is.wide) put(value, 4, to), put(size, 4, to);
    to.push_back(static_cast<std::uint8_t>(info)), to.push_back(0);
    put(section, 2, to);
    if (is.wide) put(value, 8, to), put(size, 8, to);
    if (!name.empty()) append_text(name, strings);
    return index++;
  };
  const auto relocate = [&](std::uint64_t place, std::uint32_t symbol, unsigned kind, Bytes& to) {
    put(place, word, to);
    put(is.wide ? std::uint64_t{symbol} << 32 | kind : symbol << 8 | kind, word, to);
    if (is.addends) put(~std::uint64_t{3}, word, to);
  };
  add_symbol("", 0, 0, 0, 0, symbols);
  add_symbol("source.c", 4, 0xfff1, 0, 0, symbols);
  add_symbol("", 3, 1, 0, 0, symbols);
  const std::uint32_t locals = index;
  for (unsigned i = 0; i < is.functions; ++i) {
    const std::size_t begin = text.size();
    for (unsigned call = 0; call < 2; ++call) {
      for (unsigned k = 0; k < 4 + random() % 5 * 4; ++k)
        text.push_back(static_cast<std::uint8_t>(1 + random() % 255));
      if (call == 1) text.resize(text.size() + 4), text.push_back(0x90);
      text.push_back(0xe8);
      relocate(text.size(), is.functions + locals + i, 4, of_text);
      text.resize(text.size() + 4);
      // A relocation where no zeros stand.
      if (i % 16 == 5) relocate(text.size() - 6, locals + i, 2, of_text);
    }
    file.defined.push_back(is.prefix + "_" + std::to_string(i * i));
    add_symbol(file.defined.back(), i % 7 == 3 ? 0x22 : 0x12, 1, begin, text.size() - begin, symbols);
  }
  for (unsigned i = 0; i < is.functions; ++i)
    add_symbol("called_" + std::to_string(1000 + i), 0x10, 0, 0, 0, symbols);
  for (unsigned i = 0; i < 8; ++i) relocate(8 * i, 2, 1, of_data);
  const std::string rel = is.addends ? ".rela" : ".rel";
  Bytes names(1, 0);
  const auto name = [&](const std::string& text_of) {
    append_text(text_of, names);
    return names.size() - text_of.size() - 1;
  };
  struct Section {
    std::uint64_t name, type, flags;
    const Bytes* content;
    std::uint64_t link, info, align, entry;
  };
  const std::uint64_t symtab = name(".symtab"), strtab = name(".strtab"), shstrtab = name(".shstrtab");
  const std::uint64_t rel_text = name(rel + ".text"), rel_data = name(rel + ".data"), bss = name(".bss");
  const std::uint64_t kind = is.addends ? 4 : 9, record = word * (is.addends ? 3 : 2);
  const Bytes none;
  const std::vector<Section> sections = {
      {0, 0, 0, &none, 0, 0, 0, 0},
      {rel_text + rel.size(), 1, 6, &text, 0, 0, 16, 0},
      {rel_text, kind, 0x40, &of_text, 6, 1, word, record},
      {rel_data + rel.size(), 1, 3, &data, 0, 0, 32, 0},
      {rel_data, kind, 0x40, &of_data, 6, 3, word, record},
      {bss, 8, 3, &data, 0, 0, 8, 0},
      {symtab, 2, 0, &symbols, 7, locals, word, is.wide ? 24u : 16u},
      {strtab, 3, 0, &strings, 0, 0, 1, 0},
      {shstrtab, 3, 0, &names, 0, 0, 1, 0},
  };
  Bytes& bytes = file.bytes;
  bytes = {0x7f,
           'E',
           'L',
           'F',
           static_cast<std::uint8_t>(is.wide ? 2 : 1),
           static_cast<std::uint8_t>(is.big_endian ? 2 : 1),
           1};
  bytes.resize(16);
  put(1, 2, bytes), put(is.machine, 2, bytes), put(1, 4, bytes);
  bytes.resize(is.wide ? 64 : 52);
  std::vector<std::uint64_t> places(sections.size());
  for (const std::size_t i : {1u, 3u, 5u, 6u, 7u, 2u, 4u, 8u}) {
    const std::uint64_t align = sections[i].align;
    places[i] = (bytes.size() + align - 1) / align * align;
    if (sections[i].type == 8) continue;
    bytes.resize(places[i]);
    bytes.insert(bytes.end(), sections[i].content->begin(), sections[i].content->end());
  }
  bytes.resize((bytes.size() + 7) / 8 * 8);
  file.table = bytes.size(), file.sections = sections.size();
  const std::size_t counts = is.wide ? 52 : 40;
  order.put(file.table, word, bytes, is.wide ? 40 : 32);
  order.put(counts + 12, 2, bytes, counts);
  order.put(is.wide ? 64 : 40, 2, bytes, counts + 6);
  order.put(sections.size(), 2, bytes, counts + 8);
  order.put(sections.size() - 1, 2, bytes, counts + 10);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Section& section = sections[i];
    put(section.name, 4, bytes), put(section.type, 4, bytes), put(section.flags, word, bytes);
    put(0, word, bytes), put(places[i], word, bytes), put(section.content->size(), word, bytes);
    put(section.link, 4, bytes), put(section.info, 4, bytes);
    put(section.align, word, bytes), put(section.entry, word, bytes);
  }
  return file;
}

inline std::string padded(std::string text, std::size_t size) {
  text.resize(size, ' ');
  return text;
}

inline void append_member(const std::string& name, const Bytes& content, Bytes& archive) {
  append_text(padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8) +
                  padded(std::to_string(content.size()), 10) + "`\n",
              archive, false);
  archive.insert(archive.end(), content.begin(), content.end());
  if (content.size() % 2 != 0) archive.push_back('\n');
}

/// With a table of symbols whose places are of `width` bytes; 0: without one.
inline Bytes archive_of(const std::vector<ObjectFile>& members, unsigned width = 4) {
  const codec::ByteOrder order{.big_endian = true};
  Bytes archive, table, names;
  std::size_t count = 0;
  for (const ObjectFile& member : members) count += member.defined.size();
  for (const ObjectFile& member : members)
    for (const std::string& name : member.defined) append_text(name, names);
  std::size_t size = width * (count + 1) + names.size();
  size += size % 2;
  append_text("!<arch>\n", archive, false);
  std::size_t at = 8 + (width != 0 ? 60 + size : 0);
  if (width != 0) {
    table.resize(width);
    order.put(count, width, table, 0);
    for (const ObjectFile& member : members) {
      for (std::size_t i = 0; i < member.defined.size(); ++i) {
        table.resize(table.size() + width);
        order.put(at, width, table, table.size() - width);
      }
      at += 60 + (member.bytes.size() + 1) / 2 * 2;
    }
    table.insert(table.end(), names.begin(), names.end());
    table.resize(size);
    append_member(width == 4 ? "/" : "/SYM64/", table, archive);
  }
  for (const ObjectFile& member : members) append_member("member.o/", member.bytes, archive);
  return archive;
}

/// A program, where its sections' names and their table stand, and their number.
struct Program {
  Bytes bytes;
  std::size_t names = 0, table = 0, sections = 0;
};

/// Of notes that are loaded; if it is not stripped, with symbols.
inline Program program(bool wide, bool big_endian, bool stripped, unsigned notes = 20) {
  const codec::ByteOrder order{big_endian};
  const unsigned word = wide ? 8 : 4;
  Program is;
  Bytes& bytes = is.bytes;
  bytes = {0x7f,
           'E',
           'L',
           'F',
           static_cast<std::uint8_t>(wide ? 2 : 1),
           static_cast<std::uint8_t>(big_endian ? 2 : 1),
           1};
  bytes.resize(wide ? 64 : 52);
  Bytes names(1, 0), table(wide ? 64 : 40, 0);
  std::uint64_t address = 0x400000 + bytes.size();
  const auto put = [&](std::uint64_t value, unsigned size) {
    table.resize(table.size() + size);
    order.put(value, size, table, table.size() - size);
  };
  const auto add = [&](std::uint64_t name, std::uint64_t type, std::uint64_t flags, std::uint64_t size,
                       std::uint64_t align) {
    if ((flags & 2) != 0) {
      address = (address + align - 1) / align * align;
      bytes.resize(bytes.size() + (address - bytes.size()) % 4096);
    } else {
      bytes.resize((bytes.size() + align - 1) / align * align);
    }
    put(name, 4), put(type, 4), put(flags, word), put((flags & 2) != 0 ? address : 0, word);
    put(bytes.size(), word), put(size, word), put(0, 4), put(0, 4), put(align, word), put(0, word);
    if ((flags & 2) != 0) address += size;
    bytes.resize(bytes.size() + size, 0x55);
    ++is.sections;
  };
  const auto name = [&](const std::string& text) {
    append_text(text, names);
    return names.size() - text.size() - 1;
  };
  if (!stripped) name(".symtab"), name(".strtab");
  const std::uint64_t own = name(".shstrtab");
  for (unsigned i = 0; i < notes; ++i) add(name(".note." + std::to_string(i)), 7, 2, 4 + 12 * i, 4);
  if (!stripped) add(1, 2, 0, 480, word), add(9, 3, 0, 77, 1);
  is.names = bytes.size();
  const std::size_t size = names.size();
  add(own, 3, 0, size, 1);
  std::copy(names.begin(), names.end(), bytes.end() - static_cast<std::ptrdiff_t>(size));
  bytes.resize((bytes.size() + 7) / 8 * 8);
  is.table = bytes.size(), ++is.sections;
  order.put(2, 2, bytes, 16);
  order.put(is.table, word, bytes, wide ? 40 : 32);
  const std::size_t counts = wide ? 58 : 46;
  order.put(wide ? 64 : 40, 2, bytes, counts);
  order.put(is.sections, 2, bytes, counts + 2), order.put(is.sections - 1, 2, bytes, counts + 4);
  bytes.insert(bytes.end(), table.begin(), table.end());
  return is;
}

}  // namespace ssmz::test
