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
  std::vector<std::int8_t> codes = {};  ///< Instead of values: the tensor is written as I8.
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

/// How a file holds numbers.
enum class NumberType : std::uint8_t { f32, f16, bf16, i8 };

/// Bytes of a number.
constexpr std::size_t size_of(NumberType type) noexcept {
  return type == NumberType::f32 ? 4 : type == NumberType::i8 ? 1 : 2;
}

/// One array where it lies in a file.
struct TensorView {
  std::string name;
  std::vector<std::size_t> shape;
  NumberType type = NumberType::f32;
  std::span<const std::uint8_t> bytes = {};
  std::size_t room = 0;  ///< Bytes from the array's first to the file's last.

  /// Numbers, the product of the shape.
  [[nodiscard]] std::size_t count() const noexcept { return bytes.size() / size_of(type); }
};

/// What a file holds, its numbers left where they are.
struct WeightIndex {
  std::vector<TensorView> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;

  [[nodiscard]] const TensorView* find(const std::string& name) const;
  /// nullptr also if the shape is another.
  [[nodiscard]] const TensorView* find(const std::string& name, const std::vector<std::size_t>& shape) const;
  [[nodiscard]] std::string note(const std::string& key) const;
};

/// Reads the header, from any writer, if all arrays are F32, F16, BF16 or I8. Anything else is a failure with
/// the offset in bytes. Arrays do not reach beyond the bytes, and have no more numbers together than those
/// hold; the views last as long as the bytes. Memory used is a small multiple of the header's size.
[[nodiscard]] Expected<WeightIndex> index_weights(std::span<const std::uint8_t> bytes);

/// Writes the tensor's numbers as floats, exactly: out [count()]. I8: whole numbers.
void read_numbers(const TensorView& tensor, float* out) noexcept;

/// The bytes of a file; numbers keep their bits and start at a multiple of 64 bytes. Sizes of values must
/// match the shapes.
[[nodiscard]] std::vector<std::uint8_t> encode_weights(const WeightFile& file);

/// The same with all numbers read; memory used is a small multiple of the input's size whatever it says. I8
/// is refused: nothing that trains goes on from weights of 8 bits.
[[nodiscard]] Expected<WeightFile> decode_weights(std::span<const std::uint8_t> bytes);

}  // namespace ssmz::model
