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

/// Writes an object's parts one behind the other.
class ObjectWriter {
 public:
  explicit ObjectWriter(const ObjectSample& sample)
      : is_(sample), order_{sample.big_endian}, word_(sample.wide ? 8 : 4) {}

  ObjectFile write() {
    add_symbol("", 0, 0, 0, 0);
    add_symbol("source.c", 4, 0xfff1, 0, 0);
    add_symbol("", 3, 1, 0, 0);
    locals_ = symbols_count_;
    std::mt19937 random(static_cast<unsigned>(is_.prefix.size()) + is_.functions);
    for (unsigned i = 0; i < is_.functions; ++i) add_function(i, random);
    for (unsigned i = 0; i < is_.functions; ++i)
      add_symbol("called_" + std::to_string(1000 + i), 0x10, 0, 0, 0);
    for (unsigned i = 0; i < 8; ++i) relocate(8 * i, 2, 1, of_data_);
    add_sections();
    put_header();
    put_contents();
    put_table();
    return std::move(file_);
  }

 private:
  struct Section {
    std::uint64_t name, type, flags;
    const Bytes* content;
    std::uint64_t link, info, align, entry;
  };

  void put(std::uint64_t value, unsigned size, Bytes& to) const {
    to.resize(to.size() + size);
    order_.put(value, size, to, to.size() - size);
  }

  void add_symbol(const std::string& name, unsigned info, unsigned section, std::uint64_t value,
                  std::uint64_t size) {
    put(name.empty() ? 0 : strings_.size(), 4, symbols_);
    if (!is_.wide) put(value, 4, symbols_), put(size, 4, symbols_);
    symbols_.push_back(static_cast<std::uint8_t>(info)), symbols_.push_back(0);
    put(section, 2, symbols_);
    if (is_.wide) put(value, 8, symbols_), put(size, 8, symbols_);
    if (!name.empty()) append_text(name, strings_);
    ++symbols_count_;
  }

  void relocate(std::uint64_t place, std::uint32_t symbol, unsigned kind, Bytes& to) const {
    put(place, word_, to);
    put(is_.wide ? std::uint64_t{symbol} << 32 | kind : symbol << 8 | kind, word_, to);
    if (is_.addends) put(~std::uint64_t{3}, word_, to);
  }

  /// Calls two that others define, and has a field of zeros that is not relocated.
  void add_function(unsigned i, std::mt19937& random) {
    const std::size_t begin = text_.size();
    for (unsigned call = 0; call < 2; ++call) {
      for (std::size_t k = 3 + random() % 4; k > 0; --k)
        text_.push_back(static_cast<std::uint8_t>(1 + random() % 255));
      if (call == 1) text_.resize(text_.size() + 4), text_.push_back(0x90);
      text_.push_back(0xe8);
      relocate(text_.size(), is_.functions + locals_ + i, 4, of_text_);
      text_.resize(text_.size() + 4);
      // A relocation where no zeros stand.
      if (i % 16 == 5) relocate(text_.size() - 6, locals_ + i, 2, of_text_);
    }
    file_.defined.push_back(is_.prefix + "_" + std::to_string(i * i));
    add_symbol(file_.defined.back(), i % 7 == 3 ? 0x22 : 0x12, 1, begin, text_.size() - begin);
  }

  std::uint64_t name(const std::string& text) {
    append_text(text, names_);
    return names_.size() - text.size() - 1;
  }

  void add_sections() {
    const std::string rel = is_.addends ? ".rela" : ".rel";
    const std::uint64_t symtab = name(".symtab"), strtab = name(".strtab"), shstrtab = name(".shstrtab");
    const std::uint64_t rel_text = name(rel + ".text"), rel_data = name(rel + ".data"), bss = name(".bss");
    const std::uint64_t kind = is_.addends ? 4 : 9, record = word_ * (is_.addends ? 3 : 2);
    sections_ = {{0, 0, 0, &none_, 0, 0, 0, 0},
                 {rel_text + rel.size(), 1, 6, &text_, 0, 0, 16, 0},
                 {rel_text, kind, 0x40, &of_text_, 6, 1, word_, record},
                 {rel_data + rel.size(), 1, 3, &data_, 0, 0, 32, 0},
                 {rel_data, kind, 0x40, &of_data_, 6, 3, word_, record},
                 {bss, 8, 3, &data_, 0, 0, 8, 0},
                 {symtab, 2, 0, &symbols_, 7, locals_, word_, is_.wide ? 24u : 16u},
                 {strtab, 3, 0, &strings_, 0, 0, 1, 0},
                 {shstrtab, 3, 0, &names_, 0, 0, 1, 0}};
    file_.sections = sections_.size();
  }

  void put_header() {
    Bytes& bytes = file_.bytes;
    bytes = {0x7f,
             'E',
             'L',
             'F',
             static_cast<std::uint8_t>(is_.wide ? 2 : 1),
             static_cast<std::uint8_t>(is_.big_endian ? 2 : 1),
             1};
    bytes.resize(16);
    put(1, 2, bytes), put(is_.machine, 2, bytes), put(1, 4, bytes);
    const std::size_t counts = is_.wide ? 52 : 40;
    bytes.resize(counts + 12);
    order_.put(counts + 12, 2, bytes, counts);
    order_.put(is_.wide ? 64 : 40, 2, bytes, counts + 6);
    order_.put(sections_.size(), 2, bytes, counts + 8);
    order_.put(sections_.size() - 1, 2, bytes, counts + 10);
  }

  /// In the order of assemblers.
  void put_contents() {
    Bytes& bytes = file_.bytes;
    places_.resize(sections_.size());
    for (const std::size_t i : {1u, 3u, 5u, 6u, 7u, 2u, 4u, 8u}) {
      const std::uint64_t align = sections_[i].align;
      places_[i] = (bytes.size() + align - 1) / align * align;
      if (sections_[i].type == 8) continue;
      bytes.resize(places_[i]);
      bytes.insert(bytes.end(), sections_[i].content->begin(), sections_[i].content->end());
    }
    bytes.resize((bytes.size() + 7) / 8 * 8);
  }

  void put_table() {
    Bytes& bytes = file_.bytes;
    file_.table = bytes.size();
    order_.put(file_.table, word_, bytes, is_.wide ? 40 : 32);
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Section& section = sections_[i];
      put(section.name, 4, bytes), put(section.type, 4, bytes), put(section.flags, word_, bytes);
      put(0, word_, bytes), put(places_[i], word_, bytes), put(section.content->size(), word_, bytes);
      put(section.link, 4, bytes), put(section.info, 4, bytes);
      put(section.align, word_, bytes), put(section.entry, word_, bytes);
    }
  }

  const ObjectSample& is_;
  codec::ByteOrder order_;
  unsigned word_;
  Bytes none_, text_, of_text_, of_data_, symbols_, data_ = Bytes(80, 0), strings_ = Bytes(1, 0),
                                                    names_ = Bytes(1, 0);
  std::uint32_t symbols_count_ = 0, locals_ = 0;
  std::vector<Section> sections_;
  std::vector<std::uint64_t> places_;
  ObjectFile file_;
};

inline ObjectFile object_file(const ObjectSample& sample) { return ObjectWriter(sample).write(); }

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
