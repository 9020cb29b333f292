// SPDX-License-Identifier: Apache-2.0
// Columns of what is told of members and rows: reading and writing go the same way.
#include "codec/transform/zip_directory.hpp"

#include <algorithm>

#include "codec/base/little_endian.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT. What is told of a member: what differs from the one before it.
constexpr unsigned other_form = 1, other_time = 2, other_parameters = 4, has_corrections = 8,
                   other_extra = 16, descriptor_at = 5, is_odd = 128;
// FORMAT. Of one that is odd.
constexpr unsigned is_kept = 1, is_told = 2, sizes_at = 2, odd_flags = 16;
// FORMAT. Of a row.
constexpr unsigned other_attributes = 1, has_comment = 2, row_extra_at = 2, row_flags = 16;
constexpr std::uint8_t name_end = '\n';

class Writer {
 public:
  static constexpr bool reads = false;
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  template <class Number>
  void number(Number& value) {
    append_varint(value, out_);
  }
  void little_endian(std::uint32_t& value) { append_little_endian(value, 4, out_); }
  void byte(std::uint8_t& value) { out_.push_back(value); }
  void bytes(std::span<std::uint8_t> all) { out_.insert(out_.end(), all.begin(), all.end()); }
  void name(Bytes& is) {
    out_.insert(out_.end(), is.begin(), is.end());
    out_.push_back(name_end);
  }
  void sized(Bytes& is) {
    append_varint(is.size(), out_);
    out_.insert(out_.end(), is.begin(), is.end());
  }
  [[nodiscard]] static bool good() { return true; }

 private:
  std::vector<std::uint8_t>& out_;
};

class Reader {
 public:
  static constexpr bool reads = true;
  explicit Reader(Bytes in) : in_(in), reader_(in) {}

  template <class Number>
  void number(Number& value) {
    value = static_cast<Number>(reader_.varint());
  }
  void little_endian(std::uint32_t& value) { value = static_cast<std::uint32_t>(reader_.little_endian(4)); }
  void byte(std::uint8_t& value) { value = static_cast<std::uint8_t>(reader_.little_endian(1)); }
  void bytes(std::span<std::uint8_t> all) {
    const Bytes from = reader_.bytes(all.size());
    std::copy(from.begin(), from.end(), all.begin());
  }
  void name(Bytes& is) {
    const Bytes rest = in_.subspan(reader_.position());
    const auto end = std::find(rest.begin(), rest.end(), name_end);
    is = reader_.bytes(static_cast<std::size_t>(end - rest.begin()));
    good_ = good_ && is.size() <= 0xFFFF;
    (void)reader_.little_endian(1);
  }
  void sized(Bytes& is) {
    const std::uint64_t size = reader_.varint();
    good_ = good_ && size <= 0xFFFF;
    is = good_ ? reader_.bytes(static_cast<std::size_t>(size)) : Bytes();
  }
  [[nodiscard]] bool good() const { return good_ && reader_.state() == ByteReader::State::good; }
  [[nodiscard]] bool at_end() const { return reader_.position() == in_.size(); }

 private:
  Bytes in_;
  ByteReader reader_;
  bool good_ = true;
};

unsigned flags_of(const ZipMember& is, const ZipMember& before) {
  const bool odd = is.kept || is.told || is.sizes != ZipSizes::usual;
  return (is.form != before.form ? other_form : 0) | (is.time != before.time ? other_time : 0) |
         (is.parameters != before.parameters ? other_parameters : 0) |
         (is.corrections != 0 ? has_corrections : 0) |
         (std::ranges::equal(is.extra, before.extra) ? 0 : other_extra) |
         static_cast<unsigned>(is.descriptor) << descriptor_at | (odd ? is_odd : 0);
}

unsigned odd_of(const ZipMember& is) {
  return (is.kept ? is_kept : 0) | (is.told ? is_told : 0) | static_cast<unsigned>(is.sizes) << sizes_at;
}

/// Columns of members: the flags of all, then each thing of all those that have it.
template <class Io>
bool exchange_members(Io& io, std::vector<ZipMember>& members) {
  std::vector<std::uint8_t> flags(members.size());
  const auto each = [&](unsigned flag, auto&& exchange) {
    for (std::size_t i = 0; i < members.size() && io.good(); ++i)
      exchange(members[i], i == 0 ? ZipMember() : members[i - 1], (flags[i] & flag) != 0);
  };
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!Io::reads)
      flags[i] = static_cast<std::uint8_t>(flags_of(members[i], i == 0 ? ZipMember() : members[i - 1]));
    io.byte(flags[i]);
    const unsigned descriptor = flags[i] >> descriptor_at & 3u;
    if (descriptor == 3) return false;
    members[i].descriptor = static_cast<ZipDescriptor>(descriptor);
  }
  bool good = true;
  each(is_odd, [&](ZipMember& is, const ZipMember&, bool has) {
    auto odd = static_cast<std::uint8_t>(odd_of(is));
    if (has) io.byte(odd);
    good = good && odd < odd_flags && odd >> sizes_at <= 2;
    is.kept = (odd & is_kept) != 0;
    is.told = (odd & is_told) != 0;
    is.sizes = static_cast<ZipSizes>(odd >> sizes_at);
  });
  if (!good) return false;
  each(other_form, [&](ZipMember& is, const ZipMember& before, bool has) {
    if (has)
      io.bytes(is.form);
    else
      is.form = before.form;
  });
  each(other_time, [&](ZipMember& is, const ZipMember& before, bool has) {
    if (has)
      io.bytes(is.time);
    else
      is.time = before.time;
  });
  each(other_parameters, [&](ZipMember& is, const ZipMember& before, bool has) {
    if (has)
      io.number(is.parameters);
    else
      is.parameters = before.parameters;
  });
  each(has_corrections, [&](ZipMember& is, const ZipMember&, bool has) {
    if (has) io.number(is.corrections);
  });
  each(0, [&](ZipMember& is, const ZipMember&, bool) { io.number(is.content); });
  each(is_odd, [&](ZipMember& is, const ZipMember&, bool) {
    if (!is.told) return;
    io.little_endian(is.crc);
    io.little_endian(is.size);
  });
  each(0, [&](ZipMember& is, const ZipMember&, bool) { io.name(is.name); });
  each(other_extra, [&](ZipMember& is, const ZipMember& before, bool has) {
    if (has)
      io.sized(is.extra);
    else
      is.extra = before.extra;
  });
  return io.good();
}

template <class Io>
bool exchange_rows(Io& io, std::vector<ZipRow>& rows) {
  std::vector<std::uint8_t> flags(rows.size());
  const auto before = [&](std::size_t i) { return i == 0 ? ZipRow() : rows[i - 1]; };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!Io::reads)
      flags[i] = static_cast<std::uint8_t>(
          (rows[i].attributes != before(i).attributes ? other_attributes : 0) |
          (rows[i].comment.empty() ? 0 : has_comment) | static_cast<unsigned>(rows[i].extra) << row_extra_at);
    io.byte(flags[i]);
    if (flags[i] >= row_flags) return false;
    rows[i].extra = static_cast<ZipExtra>(flags[i] >> row_extra_at);
  }
  for (std::size_t i = 0; i < rows.size() && io.good(); ++i) {
    if ((flags[i] & other_attributes) != 0)
      io.bytes(rows[i].attributes);
    else
      rows[i].attributes = before(i).attributes;
  }
  for (ZipRow& row : rows)
    if (row.extra == ZipExtra::told && io.good()) io.sized(row.told_extra);
  for (std::size_t i = 0; i < rows.size() && io.good(); ++i)
    if ((flags[i] & has_comment) != 0) io.sized(rows[i].comment);
  return io.good();
}

template <class Io>
bool exchange(Io& io, ZipDirectory& directory) {
  std::size_t count = directory.members.size();
  auto has_rows = static_cast<std::uint8_t>(directory.has_rows);
  io.number(count);
  io.byte(has_rows);
  if (!io.good() || count > most_zip_members || has_rows > 1) return false;
  directory.members.resize(count);
  directory.has_rows = has_rows != 0;
  if (!exchange_members(io, directory.members)) return false;
  if (!directory.has_rows) return true;
  directory.rows.resize(count);
  io.number(directory.gap);
  io.number(directory.base);
  io.sized(directory.comment);
  return exchange_rows(io, directory.rows) && directory.base >> 32 == 0;
}

}  // namespace

void append_zip_directory(ZipDirectory directory, std::vector<std::uint8_t>& out) {
  Writer writer(out);
  (void)exchange(writer, directory);
}

std::optional<ZipDirectory> read_zip_directory(Bytes in) {
  Reader reader(in);
  ZipDirectory directory;
  if (!exchange(reader, directory) || !reader.at_end()) return std::nullopt;
  return directory;
}

}  // namespace ssmz::codec
