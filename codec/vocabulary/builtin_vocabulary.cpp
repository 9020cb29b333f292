// SPDX-License-Identifier: Apache-2.0
// Embeds data/builtin.vocab (its path comes from CMake) as read-only data of the library.
__asm__(
#ifdef __APPLE__
    ".const_data\n"
    ".globl _ssmz_builtin_vocabulary_begin\n"
    ".globl _ssmz_builtin_vocabulary_end\n"
    "_ssmz_builtin_vocabulary_begin:\n"
    ".incbin \"" SSMZ_BUILTIN_VOCABULARY
    "\"\n"
    "_ssmz_builtin_vocabulary_end:\n"
    ".byte 0\n"
#else
    ".pushsection .rodata\n"
    ".global ssmz_builtin_vocabulary_begin\n"
    ".global ssmz_builtin_vocabulary_end\n"
    "ssmz_builtin_vocabulary_begin:\n"
    ".incbin \"" SSMZ_BUILTIN_VOCABULARY
    "\"\n"
    "ssmz_builtin_vocabulary_end:\n"
    ".byte 0\n"
    ".popsection\n"
#endif
);
