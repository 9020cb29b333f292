// SPDX-License-Identifier: Apache-2.0
// Embeds first_values.bin, as the build unpacked it (CMake gives its path), as read-only data of the library.
#include "codec/base/embed.hpp"

SSMZ_EMBED(ssmz_builtin_first_values, SSMZ_BUILTIN_FIRST_VALUES);
