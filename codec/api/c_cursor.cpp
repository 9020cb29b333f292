// SPDX-License-Identifier: Apache-2.0
// The C interface to streams by cursors.
#include "codec/api/c_handles.hpp"
#include "ssmz/cursor.hpp"

static_assert(static_cast<int>(ssmz::Operation::finish) == SSMZ_FINISH &&
              static_cast<int>(ssmz::StreamState::done) == SSMZ_DONE);

struct ssmz_compressor {
  ssmz::CursorCompressor stream;
  ssmz::Status last = {};
};

struct ssmz_decompressor {
  ssmz::CursorDecompressor stream;
  ssmz::Status last = {};
};

namespace {

using ssmz::Result;
using ssmz::Status;
using ssmz::c_interface::code_of;
using ssmz::c_interface::created_with;
using ssmz::c_interface::make;
using ssmz::c_interface::readable;

template <class Handle>
ssmz_code advance(Handle* handle, ssmz_input* in, ssmz_output* out, ssmz_operation operation,
                  ssmz_stream_state* state) {
  if (handle == nullptr || in == nullptr || out == nullptr || state == nullptr ||
      !readable(in->bytes, in->size) || !readable(out->bytes, out->size) || in->position > in->size ||
      out->position > out->size || operation < SSMZ_RUN || operation > SSMZ_FINISH)
    return SSMZ_BAD_ARGUMENT;
  auto input = std::span(in->bytes, in->size).subspan(in->position);
  auto room = std::span(out->bytes, out->size).subspan(out->position);
  const Result<ssmz::StreamState> result =
      handle->stream.advance(input, room, static_cast<ssmz::Operation>(operation));
  in->position = in->size - input.size();
  out->position = out->size - room.size();
  handle->last = result.status();
  if (result.ok()) *state = static_cast<ssmz_stream_state>(result.value());
  return code_of(handle->last);
}

template <class Handle>
ssmz_code reset(Handle* handle) {
  if (handle == nullptr) return SSMZ_BAD_ARGUMENT;
  handle->last = handle->stream.reset();
  return code_of(handle->last);
}

}  // namespace

extern "C" {

ssmz_code ssmz_compressor_create(const ssmz_compress_options* options, ssmz_compressor** compressor) {
  return make(compressor, [&] { return created_with<ssmz::CursorCompressor>(options); });
}

ssmz_code ssmz_compressor_advance(ssmz_compressor* compressor, ssmz_input* in, ssmz_output* out,
                                  ssmz_operation operation, ssmz_stream_state* state) {
  return advance(compressor, in, out, operation, state);
}

ssmz_code ssmz_compressor_reset(ssmz_compressor* compressor) { return reset(compressor); }

void ssmz_compressor_cancel(ssmz_compressor* compressor) {
  if (compressor != nullptr) compressor->stream.cancel();
}

const char* ssmz_compressor_detail(const ssmz_compressor* compressor) {
  return compressor != nullptr ? compressor->last.detail : "";
}

void ssmz_compressor_free(ssmz_compressor* compressor) { delete compressor; }

ssmz_code ssmz_decompressor_create(const ssmz_decompress_options* options, ssmz_decompressor** decompressor) {
  return make(decompressor, [&] { return created_with<ssmz::CursorDecompressor>(options); });
}

ssmz_code ssmz_decompressor_advance(ssmz_decompressor* decompressor, ssmz_input* in, ssmz_output* out,
                                    ssmz_operation operation, ssmz_stream_state* state) {
  return advance(decompressor, in, out, operation, state);
}

ssmz_code ssmz_decompressor_reset(ssmz_decompressor* decompressor) { return reset(decompressor); }

void ssmz_decompressor_cancel(ssmz_decompressor* decompressor) {
  if (decompressor != nullptr) decompressor->stream.cancel();
}

const char* ssmz_decompressor_detail(const ssmz_decompressor* decompressor) {
  return decompressor != nullptr ? decompressor->last.detail : "";
}

void ssmz_decompressor_free(ssmz_decompressor* decompressor) { delete decompressor; }

}  // extern "C"
