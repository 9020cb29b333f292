// SPDX-License-Identifier: Apache-2.0
// The cipher, where charstrings stand, and where encrypted parts begin and end.
#include "codec/transform/eexec.hpp"

#include <algorithm>
#include <string_view>

#include "codec/base/ascii.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t part_key = 55665, charstring_key = 4330;

/// FORMAT. The key stream, which the encrypted bytes drive.
class Cipher {
 public:
  explicit Cipher(std::uint16_t key) : state_(key) {}
  std::uint8_t decrypt(std::uint8_t byte) {
    const auto plain = static_cast<std::uint8_t>(byte ^ state_ >> 8);
    follow(byte);
    return plain;
  }
  std::uint8_t encrypt(std::uint8_t plain) {
    const auto byte = static_cast<std::uint8_t>(plain ^ state_ >> 8);
    follow(byte);
    return byte;
  }

 private:
  void follow(std::uint8_t byte) {
    state_ = static_cast<std::uint16_t>((byte + std::uint32_t{state_}) * 52845u + 22719u);
  }
  std::uint16_t state_;
};

void decrypt(std::span<std::uint8_t> bytes, std::uint16_t key) {
  Cipher cipher(key);
  for (std::uint8_t& byte : bytes) byte = cipher.decrypt(byte);
}

void encrypt(std::span<std::uint8_t> bytes, std::uint16_t key) {
  Cipher cipher(key);
  for (std::uint8_t& byte : bytes) byte = cipher.encrypt(byte);
}

/// FORMAT. Bytes of the charstring behind `before`, which has what stands between the last one and it:
/// `n RD ` or `n -| ` at its end; 0 if it has neither.
std::size_t charstring_behind(Bytes before, std::size_t left) {
  constexpr std::size_t operator_size = 4, most_digits = 5;
  if (before.size() <= operator_size || before.back() != ' ') return 0;
  const Bytes name = before.last(operator_size);
  const bool reads = (name[1] == 'R' && name[2] == 'D') || (name[1] == '-' && name[2] == '|');
  if (name[0] != ' ' || !reads) return 0;
  const Bytes number = before.first(before.size() - operator_size);
  std::size_t size = 0, place = 1;
  for (std::size_t i = 1; i <= std::min(most_digits, number.size()) && is_digit(number[number.size() - i]);
       ++i) {
    size += place * static_cast<std::size_t>(number[number.size() - i] - '0');
    place *= 10;
  }
  return std::min(size, left);
}

/// Calls change(charstring) for each. What was changed is not read again: both ways see the same.
template <class Change>
void each_charstring(std::span<std::uint8_t> font, Change change) {
  std::size_t behind_last = 0;
  for (std::size_t at = 0; at < font.size(); ++at) {
    const std::size_t size = charstring_behind(font.subspan(behind_last, at - behind_last), font.size() - at);
    if (size == 0) continue;
    change(font.subspan(at, size));
    at += size - 1;
    behind_last = at + 1;
  }
}

// The operator that ends the part, behind which one line end belongs to it.
constexpr std::string_view part_end = "closefile";
// A font has its private dictionary at once, behind four random bytes. Nothing else is taken for one.
constexpr std::string_view private_dictionary = "/Private";
constexpr std::size_t near = 96;
// Of a part that does not end in the content.
constexpr std::size_t longest_cut = std::size_t{1} << 20;

/// The plain bytes of the part that `content` begins with, charstrings as they are, and its end among them.
class Part {
 public:
  explicit Part(Bytes content) : content_(content) { read(near); }
  [[nodiscard]] bool is_font() const { return contains(plain_, private_dictionary); }
  /// Bytes of the part, 0 if it has no end.
  std::size_t find_end() {
    for (std::size_t from = 0;;) {
      const auto end = std::search(plain_.begin() + static_cast<std::ptrdiff_t>(from), plain_.end(),
                                   part_end.begin(), part_end.end());
      if (end != plain_.end())
        return with_line_end(static_cast<std::size_t>(end - plain_.begin()) + part_end.size());
      if (content_.empty()) return plain_.size() <= longest_cut ? plain_.size() : 0;
      from = plain_.size() - std::min(plain_.size(), part_end.size());
      read(4096);
    }
  }
  [[nodiscard]] Bytes plain() const { return plain_; }

 private:
  void read(std::size_t size) {
    const Bytes piece = content_.first(std::min(size, content_.size()));
    for (const std::uint8_t byte : piece) plain_.push_back(cipher_.decrypt(byte));
    content_ = content_.subspan(piece.size());
  }
  std::size_t with_line_end(std::size_t end) {
    read(2);
    for (const char c : {'\r', '\n'}) end += end < plain_.size() && plain_[end] == c;
    return end;
  }

  Bytes content_;  // what is not read
  Cipher cipher_{part_key};
  std::vector<std::uint8_t> plain_;
};

bool is_space(std::uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

/// What may be the part behind an operator eexec that ends where `rest` begins.
Bytes behind_operator(Bytes rest) {
  // The encrypted bytes begin with no white space.
  while (!rest.empty() && is_space(rest.front())) rest = rest.subspan(1);
  // A segment of a PFB file says its size.
  constexpr std::size_t header = 6;
  if (rest.size() < header || rest[0] != 0x80 || rest[1] != 2) return rest;
  const std::size_t size = rest[2] | rest[3] << 8 | rest[4] << 16;
  return rest.subspan(header, std::min(size, rest.size() - header));
}

}  // namespace

bool valid_eexec_layout(const TransformLayout& layout) noexcept { return !layout.crlf && layout.line <= 1; }

std::vector<std::uint8_t> from_eexec(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  decrypt(plain, part_key);
  if (layout.line != 0)
    each_charstring(plain, [](std::span<std::uint8_t> charstring) { decrypt(charstring, charstring_key); });
  return plain;
}

void append_eexec(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  const std::span<std::uint8_t> part = std::span(raw).subspan(start);
  if (layout.line != 0)
    each_charstring(part, [](std::span<std::uint8_t> charstring) { encrypt(charstring, charstring_key); });
  encrypt(part, part_key);
}

void find_eexec(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr std::string_view word = "eexec";
  const std::size_t most_waste = most_wasted(content.size());
  std::size_t wasted = 0;
  // Returns where to go on.
  const auto add = [&](Bytes rest) {
    WrittenPart part{
        static_cast<std::size_t>(rest.data() - content.data()), 0, {.transform = Transform::eexec}};
    Part is(rest);
    if (is.is_font()) part.size = is.find_end();
    if (part.size == 0) wasted += is.plain().size();
    // Where it is said to be -1 charstrings have no random bytes and no cipher.
    part.layout.line = contains(is.plain().first(part.size), "/lenIV -1") ? 0 : 1;
    if (part.size >= least_written_part) parts.push_back(part);
    return part.at + part.size;
  };
  for (std::size_t from = add(content); wasted < most_waste;) {
    const Bytes rest = content.subspan(from);
    const auto found = std::search(rest.begin(), rest.end(), word.begin(), word.end());
    if (found == rest.end()) return;
    from = add(behind_operator(rest.subspan(static_cast<std::size_t>(found - rest.begin()) + word.size())));
  }
}

}  // namespace ssmz::codec
