// SPDX-License-Identifier: Apache-2.0
// Embeds first_values.bin of data/statistics.tar.xz (its path comes from CMake) as read-only data of the library.
#include "codec/base/embed.hpp"

SSMZ_EMBED(ssmz_builtin_first_values, SSMZ_BUILTIN_FIRST_VALUES);
