// SPDX-License-Identifier: Apache-2.0
// Embeds builtin.vocab, as the build unpacked it (CMake gives its path), as read-only data of the library.
#include "codec/base/embed.hpp"

SSMZ_EMBED(ssmz_builtin_vocabulary, SSMZ_BUILTIN_VOCABULARY);
