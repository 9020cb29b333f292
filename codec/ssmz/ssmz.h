// SPDX-License-Identifier: Apache-2.0
/* The C interface of ssmz, over codec/ssmz/ssmz.hpp, which says more on each point.
 *
 * No function throws, prints or exits. Distinct handles may be used from distinct threads at the same time;
 * one handle must not be used from two threads at once. Structs begin with their size: ssmz_*_options_init()
 * sets it and the defaults, so a program keeps working with a later library whose structs are longer. */
#ifndef SSMZ_H
#define SSMZ_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SSMZ_VERSION_MAJOR 0
#define SSMZ_VERSION_MINOR 1
#define SSMZ_VERSION_PATCH 0

/* A content size that is not known. */
#define SSMZ_SIZE_UNKNOWN UINT64_MAX

/* The numbers of ssmz::Code (status.hpp says when each comes and what to do); they never change meaning. */
typedef enum ssmz_code {
  SSMZ_OK = 0,
  SSMZ_NOT_A_FRAME = 1,
  SSMZ_UNSUPPORTED_VERSION = 2,
  SSMZ_HEADER_DAMAGED = 3,
  SSMZ_TRUNCATED = 4,
  SSMZ_DATA_DAMAGED = 5,
  SSMZ_VOCABULARY_MISSING = 6,
  SSMZ_VOCABULARY_DAMAGED = 7,
  SSMZ_MEMORY_LIMIT = 8,
  SSMZ_OUT_OF_MEMORY = 9,
  SSMZ_OUTPUT_LIMIT = 10,
  SSMZ_BAD_ARGUMENT = 11,
  SSMZ_BAD_STATE = 12,
  SSMZ_IO_ERROR = 13,
  SSMZ_CANCELLED = 14,
  SSMZ_SIZE_MISMATCH = 15,
  SSMZ_PRIME_MISSING = 16
} ssmz_code;

/* Static one-line text of a code. */
const char* ssmz_code_text(ssmz_code code);
/* "major.minor.patch" of the library linked, and the frame format it writes. */
const char* ssmz_version(void);
unsigned ssmz_frame_format_version(void);

/* A vocabulary for text; immutable, may be shared between threads. */
typedef struct ssmz_vocabulary ssmz_vocabulary;
/* Parses the bytes of a vocabulary file, which are not needed afterwards. */
ssmz_code ssmz_vocabulary_parse(const uint8_t* bytes, size_t size, ssmz_vocabulary** vocabulary);
/* The one in the library, which is used if none is given. */
ssmz_code ssmz_vocabulary_builtin(ssmz_vocabulary** vocabulary);
uint64_t ssmz_vocabulary_hash(const ssmz_vocabulary* vocabulary);
/* Coders made with it keep what they need. NULL is allowed. */
void ssmz_vocabulary_free(ssmz_vocabulary* vocabulary);

/* Takes the next bytes of output. Returns 0 to go on; anything else stops the coder, which then returns
 * SSMZ_IO_ERROR. */
typedef int (*ssmz_sink)(void* context, const uint8_t* bytes, size_t size);
/* Content bytes done so far. Returns 0 to go on; anything else stops the coder with SSMZ_CANCELLED. */
typedef int (*ssmz_progress)(void* context, uint64_t content_done);

typedef struct ssmz_compress_options {
  size_t struct_size;
  int level;                         /* 1..9 */
  unsigned threads;                  /* 0: one per core */
  uint64_t memory_limit;             /* bytes; 0: the level's default */
  uint64_t frame_size;               /* content bytes a frame; 0: the level's default */
  uint64_t content_size;             /* SSMZ_SIZE_UNKNOWN if not known beforehand */
  int checksum;                      /* 0: none */
  const ssmz_vocabulary* vocabulary; /* NULL: the built-in one */
  ssmz_progress progress;            /* may be NULL */
  void* progress_context;
} ssmz_compress_options;

typedef struct ssmz_decompress_options {
  size_t struct_size;
  unsigned threads;                           /* 0: one per core */
  uint64_t memory_limit;                      /* bytes; 0: no limit */
  uint64_t output_limit;                      /* bytes of content */
  const ssmz_vocabulary* const* vocabularies; /* besides the built-in one */
  size_t vocabulary_count;
  ssmz_progress progress; /* may be NULL */
  void* progress_context;
} ssmz_decompress_options;

/* Sets the defaults. Wherever options are taken NULL stands for the defaults. */
void ssmz_compress_options_init(ssmz_compress_options* options);
void ssmz_decompress_options_init(ssmz_decompress_options* options);

/* Most bytes that ssmz_compress gives; frame_size 0 stands for every level's default. */
uint64_t ssmz_compress_bound(uint64_t size, uint64_t frame_size);
/* Bytes of memory a frame's model takes at a level; content_size may be SSMZ_SIZE_UNKNOWN. */
ssmz_code ssmz_memory_needed(int level, uint64_t content_size, uint64_t memory_limit, uint64_t* bytes);

/* One call. *output_size: room at output on the way in, bytes written on the way out. SSMZ_OUTPUT_LIMIT if
 * the room is too small; what is at output is then undefined. */
ssmz_code ssmz_compress(const uint8_t* content, size_t content_size, uint8_t* output, size_t* output_size,
                        const ssmz_compress_options* options);
ssmz_code ssmz_decompress(const uint8_t* frames, size_t frames_size, uint8_t* output, size_t* output_size,
                          const ssmz_decompress_options* options);

/* Streams. The first error is final: later calls return it again. */
typedef struct ssmz_encoder ssmz_encoder;
ssmz_code ssmz_encoder_create(const ssmz_compress_options* options, ssmz_encoder** encoder);
ssmz_code ssmz_encoder_update(ssmz_encoder* encoder, const uint8_t* content, size_t size, ssmz_sink sink,
                              void* context);
ssmz_code ssmz_encoder_finish(ssmz_encoder* encoder, ssmz_sink sink, void* context);
/* What the last error was about, a static text, and where in the input. */
const char* ssmz_encoder_detail(const ssmz_encoder* encoder);
void ssmz_encoder_free(ssmz_encoder* encoder);

typedef struct ssmz_decoder ssmz_decoder;
ssmz_code ssmz_decoder_create(const ssmz_decompress_options* options, ssmz_decoder** decoder);
ssmz_code ssmz_decoder_update(ssmz_decoder* decoder, const uint8_t* frames, size_t size, ssmz_sink sink,
                              void* context);
ssmz_code ssmz_decoder_finish(ssmz_decoder* decoder, ssmz_sink sink, void* context);
const char* ssmz_decoder_detail(const ssmz_decoder* decoder);
uint64_t ssmz_decoder_error_offset(const ssmz_decoder* decoder);
/* After SSMZ_MEMORY_LIMIT: bytes needed. After SSMZ_VOCABULARY_MISSING: the hash of the one needed. */
uint64_t ssmz_decoder_memory_needed(const ssmz_decoder* decoder);
uint64_t ssmz_decoder_vocabulary_needed(const ssmz_decoder* decoder);
void ssmz_decoder_free(ssmz_decoder* decoder);

typedef struct ssmz_frame_info {
  size_t struct_size;     /* set by the caller to sizeof(ssmz_frame_info) */
  int level;              /* 0: nothing is modelled */
  uint64_t content_size;  /* SSMZ_SIZE_UNKNOWN if the header has none */
  uint64_t memory_needed; /* bytes to decode it */
  uint64_t vocabulary;    /* hash; 0 if the frame needs none */
  int has_checksum;
} ssmz_frame_info;

/* Bytes that are always enough for ssmz_peek. */
#define SSMZ_PEEK_SIZE 576
/* Nonzero if `start` begins with a frame; 4 bytes are enough. */
int ssmz_is_frame(const uint8_t* start, size_t size);
/* Reads the header of the frame that `start` begins with. */
ssmz_code ssmz_peek(const uint8_t* start, size_t size, ssmz_frame_info* info);

#ifdef __cplusplus
}
#endif

#endif
