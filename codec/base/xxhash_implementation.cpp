// SPDX-License-Identifier: Apache-2.0
// Compiles xxHash from its header, under our own symbol prefix (XXH_NAMESPACE in CMakeLists.txt): no library
// to link, none to find when building for another machine.
#define XXH_STATIC_LINKING_ONLY
#define XXH_IMPLEMENTATION
#include <xxhash.h>
