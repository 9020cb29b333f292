// SPDX-License-Identifier: Apache-2.0
// Writing of weight files, and lookup.
#include "model/online/weight_file.hpp"

#include <bit>

#include "model/base/byte_order.hpp"

namespace ssmz::model {
namespace {

std::string quoted(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(1, '"');
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out += "\\u00";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string header_of(const WeightFile& file) {
  std::string out = "{\"__metadata__\":{";
  for (std::size_t i = 0; i < file.metadata.size(); ++i) {
    if (i > 0) out += ',';
    out += quoted(file.metadata[i].first) + ":" + quoted(file.metadata[i].second);
  }
  out += "}";
  std::size_t offset = 0;
  for (const Tensor& tensor : file.tensors) {
    out += ',';
    out += quoted(tensor.name) + ":{\"dtype\":\"" + (tensor.codes.empty() ? "F32" : "I8") + "\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      if (i > 0) out += ',';
      out += std::to_string(tensor.shape[i]);
    }
    const std::size_t end = offset + 4 * tensor.values.size() + tensor.codes.size();
    out += "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(end) + "]}";
    offset = end;
  }
  out += "}";
  while ((8 + out.size()) % 64 != 0) out += ' ';  // the numbers start aligned
  return out;
}

}  // namespace

const Tensor* WeightFile::find(const std::string& name, const std::vector<std::size_t>& shape) const {
  for (const Tensor& tensor : tensors) {
    if (tensor.name == name) return tensor.shape == shape ? &tensor : nullptr;
  }
  return nullptr;
}

std::string WeightFile::note(const std::string& key) const {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return "";
}

const TensorView* WeightIndex::find(const std::string& name) const {
  for (const TensorView& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

const TensorView* WeightIndex::find(const std::string& name, const std::vector<std::size_t>& shape) const {
  const TensorView* tensor = find(name);
  return tensor != nullptr && tensor->shape == shape ? tensor : nullptr;
}

std::string WeightIndex::note(const std::string& key) const {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return "";
}

std::vector<std::uint8_t> encode_weights(const WeightFile& file) {
  const std::string header = header_of(file);
  std::vector<std::uint8_t> bytes;
  append_little_endian(bytes, std::uint64_t{header.size()});
  bytes.insert(bytes.end(), header.begin(), header.end());
  for (const Tensor& tensor : file.tensors) {
    for (const float value : tensor.values) {
      append_little_endian(bytes, std::bit_cast<std::uint32_t>(value));
    }
    for (const std::int8_t code : tensor.codes) bytes.push_back(static_cast<std::uint8_t>(code));
  }
  return bytes;
}

}  // namespace ssmz::model
