// SPDX-License-Identifier: Apache-2.0
// Reading of weight files: a strict reader of the JSON that safetensors headers use.
#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include "model/base/byte_order.hpp"
#include "model/online/weight_file.hpp"

namespace ssmz::model {
namespace {

/// Where a tensor's numbers lie, in bytes from the end of the header.
struct Extent {
  std::uint64_t begin = 0, end = 0;
};

/// The float a half precision number is, exactly.
float from_half(std::uint32_t half) noexcept {
  const std::uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 31u, fraction = half & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float small = static_cast<float>(fraction) * 0x1p-24f;
  return sign != 0 ? -small : small;
}

/// Reads the header. Every method returns false once something was wrong.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, WeightIndex& file) : text_(text), file_(file) {}

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
    TensorView view{name, std::vector<std::size_t>(shape.begin(), shape.end())};
    if (type == "F16") {
      view.type = NumberType::f16;
    } else if (type == "BF16") {
      view.type = NumberType::bf16;
    } else if (type == "I8") {
      view.type = NumberType::i8;
    } else if (type != "F32") {
      return fail("a tensor is not of type F32, F16, BF16 or I8");
    }
    if (offsets.size() != 2 || offsets[0] > offsets[1]) return fail("a tensor's offsets are wrong");
    std::uint64_t size = size_of(view.type);
    for (const std::uint64_t n : shape) {
      if (n != 0 && size > (std::uint64_t{1} << 60) / n) return fail("a tensor is too large");
      size *= n;
    }
    if (size != offsets[1] - offsets[0]) return fail("a tensor's shape and offsets differ");
    file_.tensors.push_back(std::move(view));
    extents_.push_back({offsets[0], offsets[1]});
    return true;
  }

  std::string_view text_;
  WeightIndex& file_;
  std::size_t at_ = 0;
  std::vector<Extent> extents_;
  const char* message_ = "";
};

}  // namespace

Expected<WeightIndex> index_weights(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 8) return Failure{"the header length is missing", bytes.size()};
  const auto length = read_little_endian<std::uint64_t>(bytes, 0);
  if (length > bytes.size() - 8) return Failure{"the header is cut off", bytes.size()};
  const std::span<const std::uint8_t> data = bytes.subspan(8 + static_cast<std::size_t>(length));
  WeightIndex file;
  HeaderReader reader({reinterpret_cast<const char*>(bytes.data()) + 8, static_cast<std::size_t>(length)},
                      file);
  if (!reader.read()) return reader.failure();
  std::uint64_t total = 0;  // tensors may not overlap, so this bounds what a reader copies
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    const Extent& extent = reader.extents()[i];
    total += extent.end - extent.begin;
    if (extent.end > data.size() || total > data.size())
      return Failure{"the numbers are cut off", bytes.size()};
    const auto begin = static_cast<std::size_t>(extent.begin);
    file.tensors[i].bytes = data.subspan(begin, static_cast<std::size_t>(extent.end) - begin);
    file.tensors[i].room = data.size() - begin;
  }
  return file;
}

void read_numbers(const TensorView& tensor, float* out) noexcept {
  for (std::size_t i = 0; i < tensor.count(); ++i) {
    if (tensor.type == NumberType::f32) {
      out[i] = std::bit_cast<float>(read_little_endian<std::uint32_t>(tensor.bytes, 4 * i));
    } else if (tensor.type == NumberType::i8) {
      out[i] = static_cast<std::int8_t>(tensor.bytes[i]);
    } else {
      const std::uint32_t half = read_little_endian<std::uint16_t>(tensor.bytes, 2 * i);
      out[i] = tensor.type == NumberType::f16 ? from_half(half) : std::bit_cast<float>(half << 16);
    }
  }
}

Expected<WeightFile> decode_weights(std::span<const std::uint8_t> bytes) {
  auto index = index_weights(bytes);
  if (!index.ok()) return index.failure();
  WeightFile file;
  file.metadata = std::move(index.value().metadata);
  for (TensorView& view : index.value().tensors) {
    if (view.type == NumberType::i8) return Failure{view.name + " is in 8 bits"};
    std::vector<float> values(view.count());
    read_numbers(view, values.data());
    file.tensors.push_back({std::move(view.name), std::move(view.shape), std::move(values)});
  }
  return file;
}

}  // namespace ssmz::model
