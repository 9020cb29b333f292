// SPDX-License-Identifier: Apache-2.0
/* Marks what the shared library exports; everything else in it is hidden. */
#ifndef SSMZ_EXPORT_H
#define SSMZ_EXPORT_H

#if defined(__GNUC__)
#define SSMZ_API __attribute__((visibility("default")))
#define SSMZ_LOCAL __attribute__((visibility("hidden")))
#else
#define SSMZ_API
#define SSMZ_LOCAL
#endif

#endif
