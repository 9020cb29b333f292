// SPDX-License-Identifier: Apache-2.0
// Texts of the error codes.
#include "ssmz/status.hpp"

namespace ssmz {

const char* to_string(Code code) noexcept {
  switch (code) {
    case Code::ok: return "ok";
    case Code::not_a_frame: return "not ssmz data";
    case Code::unsupported_version: return "unsupported format version";
    case Code::header_damaged: return "damaged header";
    case Code::truncated: return "unexpected end of input";
    case Code::data_damaged: return "damaged data";
    case Code::vocabulary_missing: return "vocabulary not available";
    case Code::vocabulary_damaged: return "damaged vocabulary";
    case Code::memory_limit: return "memory limit too low";
    case Code::out_of_memory: return "out of memory";
    case Code::output_limit: return "output limit reached";
    case Code::bad_argument: return "bad argument";
    case Code::bad_state: return "call not allowed in this state";
    case Code::io_error: return "input or output error";
    case Code::cancelled: return "cancelled";
    case Code::size_mismatch: return "size differs from the size announced";
    case Code::prime_missing: return "prime not available";
  }
  return "unknown error";
}

const char* name_of(Code code) noexcept {
  switch (code) {
    case Code::ok: return "SSMZ_OK";
    case Code::not_a_frame: return "SSMZ_NOT_A_FRAME";
    case Code::unsupported_version: return "SSMZ_UNSUPPORTED_VERSION";
    case Code::header_damaged: return "SSMZ_HEADER_DAMAGED";
    case Code::truncated: return "SSMZ_TRUNCATED";
    case Code::data_damaged: return "SSMZ_DATA_DAMAGED";
    case Code::vocabulary_missing: return "SSMZ_VOCABULARY_MISSING";
    case Code::vocabulary_damaged: return "SSMZ_VOCABULARY_DAMAGED";
    case Code::memory_limit: return "SSMZ_MEMORY_LIMIT";
    case Code::out_of_memory: return "SSMZ_OUT_OF_MEMORY";
    case Code::output_limit: return "SSMZ_OUTPUT_LIMIT";
    case Code::bad_argument: return "SSMZ_BAD_ARGUMENT";
    case Code::bad_state: return "SSMZ_BAD_STATE";
    case Code::io_error: return "SSMZ_IO_ERROR";
    case Code::cancelled: return "SSMZ_CANCELLED";
    case Code::size_mismatch: return "SSMZ_SIZE_MISMATCH";
    case Code::prime_missing: return "SSMZ_PRIME_MISSING";
  }
  return "SSMZ_UNKNOWN";
}

}  // namespace ssmz
