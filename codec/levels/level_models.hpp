// SPDX-License-Identifier: Apache-2.0
// What the parameters in a frame's header mean for each model.
#pragma once

#include <cstdint>

#include "codec/bytes/byte_model.hpp"
#include "codec/levels/levels.hpp"
#include "codec/text/text_model.hpp"

namespace ssmz::codec {

/// Options of the text model; with `threads` of 2 or more its SSM trains on a worker.
[[nodiscard]] TextModelOptions text_options(const ModelParameters& parameters, unsigned threads);
[[nodiscard]] ByteModelOptions byte_options(const ModelParameters& parameters, unsigned threads);
/// Of drawings.
[[nodiscard]] ByteModelOptions drawing_options(const ModelParameters& parameters);
/// Bytes of the slot table that both models share.
[[nodiscard]] std::uint64_t table_bytes(const ModelParameters& parameters);
/// Bytes that the text model and the byte model take beside it: histories, followers, matches, SSM.
[[nodiscard]] std::uint64_t text_memory(const ModelParameters& parameters, std::size_t lexemes);
[[nodiscard]] std::uint64_t byte_memory(const ModelParameters& parameters, std::size_t lexemes);
[[nodiscard]] std::uint64_t drawing_memory(const ModelParameters& parameters, std::size_t lexemes);

}  // namespace ssmz::codec
