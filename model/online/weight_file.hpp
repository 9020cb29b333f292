// SPDX-License-Identifier: Apache-2.0
// Named float arrays as bytes in the safetensors format (huggingface.co/docs/safetensors): an 8-byte
// little-endian header length, a JSON header of names, shapes and offsets, then the numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/base/expected.hpp"

namespace ssmz::model {

/// One array, row-major.
struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

/// What a file holds.
struct WeightFile {
  std::vector<Tensor> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;

  /// The tensor of that name with that shape, or nullptr.
  [[nodiscard]] const Tensor* find(const std::string& name, const std::vector<std::size_t>& shape) const;
  /// The metadata of that key, or "".
  [[nodiscard]] std::string note(const std::string& key) const;
};

/// The bytes of a file; numbers keep their bits. Sizes of values must match the shapes.
[[nodiscard]] std::vector<std::uint8_t> encode_weights(const WeightFile& file);

/// Reads such bytes, from any writer, if all arrays are F32. Anything else is a failure with the offset in
/// bytes; memory used is a small multiple of the input's size whatever it says.
[[nodiscard]] Expected<WeightFile> decode_weights(std::span<const std::uint8_t> bytes);

}  // namespace ssmz::model
