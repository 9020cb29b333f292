// SPDX-License-Identifier: Apache-2.0
// Reading of weight files: a strict reader of the JSON that safetensors headers use.
#include <bit>
#include <optional>
#include <string_view>

#include "model/online/weight_file.hpp"

namespace ssmz::model {
namespace {

/// Where a tensor's numbers lie, in bytes from the end of the header.
struct Extent {
  std::uint64_t begin = 0, end = 0;
};

/// Reads the header. Every method returns false once something was wrong.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, WeightFile& file) : text_(text), file_(file) {}

  bool read() {
    const bool members =
        object([this](const std::string& key) { return key == "__metadata__" ? metadata() : tensor(key); });
    if (!members) return false;
    skip_space();
    return at_ == text_.size() || fail("text after the header");
  }
  [[nodiscard]] const std::vector<Extent>& extents() const { return extents_; }
  [[nodiscard]] Failure failure() const { return {message_, 8 + at_}; }

 private:
  bool fail(const char* message) {
    if (message_[0] == '\0') message_ = message;
    return false;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  /// Skips space and takes `c` if it is next.
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  template <class Member>
  bool object(Member member) {
    if (!take('{')) return fail("an object is missing");
    if (take('}')) return true;
    do {
      std::string key;
      if (!string(key)) return false;
      if (!take(':')) return fail("':' is missing");
      if (!member(key)) return false;
    } while (take(','));
    return take('}') || fail("'}' is missing");
  }

  bool string(std::string& out) {
    if (!take('"')) return fail("a string is missing");
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      if (c == '\\' && !escape(c)) return fail("an escape this reader does not know");
      out += c;
    }
    if (at_ == text_.size()) return fail("a string does not end");
    ++at_;
    return true;
  }

  bool escape(char& c) {
    if (at_ == text_.size()) return false;
    const char kind = text_[at_++];
    constexpr std::string_view kKinds = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    const std::size_t known = kKinds.find(kind);
    if (known != std::string_view::npos) {
      c = kMeant[known];
      return true;
    }
    if (kind != 'u' || text_.size() - at_ < 4) return false;
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      constexpr std::string_view kHex = "0123456789abcdef0123456789ABCDEF";
      const std::size_t digit = kHex.find(text_[at_++]);
      if (digit == std::string_view::npos) return false;
      code = code * 16 + static_cast<unsigned>(digit % 16);
    }
    c = static_cast<char>(code);
    return code < 0x80;
  }

  bool number(std::uint64_t& out) {
    skip_space();
    const std::size_t start = at_;
    out = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      out = out * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
      if (at_ - start >= 18) return fail("a number is too large");
    }
    return at_ > start || fail("a number is missing");
  }

  bool numbers(std::vector<std::uint64_t>& out) {
    if (!take('[')) return fail("a list is missing");
    if (take(']')) return true;
    do {
      out.emplace_back();
      if (!number(out.back())) return false;
    } while (take(','));
    return take(']') || fail("']' is missing");
  }

  bool metadata() {
    return object([this](const std::string& key) {
      std::string value;
      if (!string(value)) return false;
      file_.metadata.emplace_back(key, value);
      return true;
    });
  }

  bool tensor(const std::string& name) {
    std::string type;
    std::vector<std::uint64_t> shape, offsets;
    const bool members = object([&](const std::string& key) {
      if (key == "dtype") return string(type);
      if (key == "shape") return numbers(shape);
      if (key == "data_offsets") return numbers(offsets);
      return fail("an unknown member of a tensor");
    });
    if (!members) return false;
    if (type != "F32") return fail("a tensor is not of type F32");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) return fail("a tensor's offsets are wrong");
    std::uint64_t size = 4;
    for (const std::uint64_t n : shape) {
      if (n != 0 && size > (std::uint64_t{1} << 60) / n) return fail("a tensor is too large");
      size *= n;
    }
    if (size != offsets[1] - offsets[0]) return fail("a tensor's shape and offsets differ");
    file_.tensors.push_back({name, std::vector<std::size_t>(shape.begin(), shape.end()), {}});
    extents_.push_back({offsets[0], offsets[1]});
    return true;
  }

  std::string_view text_;
  WeightFile& file_;
  std::size_t at_ = 0;
  std::vector<Extent> extents_;
  const char* message_ = "";
};

}  // namespace

Expected<WeightFile> decode_weights(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 8) return Failure{"the header length is missing", bytes.size()};
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | bytes[i];
  if (length > bytes.size() - 8) return Failure{"the header is cut off", bytes.size()};
  const std::span<const std::uint8_t> data = bytes.subspan(8 + static_cast<std::size_t>(length));
  WeightFile file;
  HeaderReader reader({reinterpret_cast<const char*>(bytes.data()) + 8, static_cast<std::size_t>(length)},
                      file);
  if (!reader.read()) return reader.failure();
  std::uint64_t total = 0;  // tensors may not overlap, so this bounds the memory
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    const Extent& extent = reader.extents()[i];
    total += extent.end - extent.begin;
    if (extent.end > data.size() || total > data.size())
      return Failure{"the numbers are cut off", bytes.size()};
    for (std::uint64_t at = extent.begin; at < extent.end; at += 4) {
      std::uint32_t bits = 0;
      for (std::size_t j = 4; j-- > 0;) bits = bits << 8 | data[static_cast<std::size_t>(at) + j];
      file.tensors[i].values.push_back(std::bit_cast<float>(bits));
    }
  }
  return file;
}

}  // namespace ssmz::model
