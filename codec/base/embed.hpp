// SPDX-License-Identifier: Apache-2.0
// Embeds a file as read-only data of the library, between two symbols of the assembler.
#pragma once

/// At namespace scope of a source file of its own; `path` is a string literal, which CMake gives together
/// with the object's dependency on the file. The symbols, hidden from users of a shared library, are
/// `name`_begin and `name`_end, unmangled: declare them as extern "C" const std::uint8_t[].
#ifdef __APPLE__
#define SSMZ_EMBED(name, path)  \
  __asm__(                      \
      ".const_data\n"           \
      ".balign 64\n"            \
      ".globl _" #name          \
      "_begin\n"                \
      ".globl _" #name          \
      "_end\n"                  \
      ".private_extern _" #name \
      "_begin\n"                \
      ".private_extern _" #name \
      "_end\n"                  \
      "_" #name                 \
      "_begin:\n"               \
      ".incbin \"" path         \
      "\"\n"                    \
      "_" #name                 \
      "_end:\n"                 \
      ".byte 0\n")
#else
#define SSMZ_EMBED(name, path)        \
  __asm__(                            \
      ".pushsection .rodata\n"        \
      ".balign 64\n"                  \
      ".global " #name                \
      "_begin\n"                      \
      ".global " #name                \
      "_end\n"                        \
      ".hidden " #name                \
      "_begin\n"                      \
      ".hidden " #name "_end\n" #name \
      "_begin:\n"                     \
      ".incbin \"" path "\"\n" #name  \
      "_end:\n"                       \
      ".byte 0\n"                     \
      ".popsection\n")
#endif
