// SPDX-License-Identifier: Apache-2.0
// Embeds the built-in vocabulary's tables, made by cmake/builtin_tables_main.cpp, as read-only data.
#include "codec/base/embed.hpp"

SSMZ_EMBED(ssmz_builtin_tables, SSMZ_BUILTIN_TABLES);
