// SPDX-License-Identifier: Apache-2.0
// Makes calls fail in the program that holds fault_inject.c.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// From now on the `first`-th call of `kind` ("allocation", "mapping", "thread" and others, see
/// fault_inject.c) fails, and with `all_later` those after it; 0: none does, they are counted.
void fault_arm(const char* kind, long first, int all_later);

/// Calls work again. The number of calls since fault_arm().
long fault_disarm(void);

#ifdef __cplusplus
}
#endif
