// SPDX-License-Identifier: Apache-2.0
/* The C interface of ssmz, over codec/ssmz/ssmz.hpp, which says more on each point.
 *
 * No function throws, prints or exits. Distinct handles may be used from distinct threads at the same time;
 * one handle must not be used from two threads at once.
 *
 * Structs begin with their size. ssmz_*_options_init(&options, sizeof(options)) sets it and the defaults and
 * writes no further than the caller's struct goes, so a program works with a later library whose structs are
 * longer; with an earlier one it works as long as it leaves what that does not know at zero.
 *
 * A null pointer is allowed where it says so, as data of no bytes, and by the ssmz_*_free functions.
 * Elsewhere functions return SSMZ_BAD_ARGUMENT, those that return numbers 0, those that return texts "". */
#ifndef SSMZ_H
#define SSMZ_H

#include <stddef.h>
#include <stdint.h>

#include "ssmz/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SSMZ_VERSION_MAJOR 0
#define SSMZ_VERSION_MINOR 1
#define SSMZ_VERSION_PATCH 0

/* major * 10000 + minor * 100 + patch, of this header. */
#define SSMZ_VERSION_NUMBER (SSMZ_VERSION_MAJOR * 10000 + SSMZ_VERSION_MINOR * 100 + SSMZ_VERSION_PATCH)

/* From fastest to smallest, and the default. */
#define SSMZ_LEVEL_MIN 1
#define SSMZ_LEVEL_MAX 9
#define SSMZ_LEVEL_DEFAULT 5

/* As a memory limit: none. */
#define SSMZ_NO_LIMIT UINT64_MAX

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
SSMZ_API const char* ssmz_code_text(ssmz_code code);
/* The code's name as above, for example "SSMZ_TRUNCATED". */
SSMZ_API const char* ssmz_code_name(ssmz_code code);
/* "major.minor.patch" and SSMZ_VERSION_NUMBER of the library linked, and the frame format it writes. */
SSMZ_API const char* ssmz_version(void);
SSMZ_API unsigned ssmz_version_number(void);
SSMZ_API unsigned ssmz_frame_format_version(void);

/* A vocabulary for text; immutable, may be shared between threads. */
typedef struct ssmz_vocabulary ssmz_vocabulary;
/* Parses the bytes of a vocabulary file, which are not needed afterwards. */
SSMZ_API ssmz_code ssmz_vocabulary_parse(const uint8_t* bytes, size_t size, ssmz_vocabulary** vocabulary);
/* The one in the library, which is used if none is given. */
SSMZ_API ssmz_code ssmz_vocabulary_builtin(ssmz_vocabulary** vocabulary);
SSMZ_API uint64_t ssmz_vocabulary_hash(const ssmz_vocabulary* vocabulary);
/* Coders made with it keep what they need. */
SSMZ_API void ssmz_vocabulary_free(ssmz_vocabulary* vocabulary);

/* Content known to both sides beforehand: models read it before each frame as if it stood there. Immutable,
 * may be shared between threads. */
typedef struct ssmz_prime ssmz_prime;
/* Copies the content. Frames hold the first 255 bytes of `name` (may be NULL), for messages.
 * SSMZ_BAD_ARGUMENT if there are no bytes or more than `limit` (0: 16 MiB): the first frame takes
 * as long as compressing the prime too, others start from an image of what was learned, in milliseconds. */
SSMZ_API ssmz_code ssmz_prime_create(const uint8_t* content, size_t size, const char* name, uint64_t limit,
                                     ssmz_prime** prime);
/* XXH3-64 of the content. */
SSMZ_API uint64_t ssmz_prime_hash(const ssmz_prime* prime);
/* Bytes held at the moment: the content, and at most so many of images. */
SSMZ_API uint64_t ssmz_prime_memory(const ssmz_prime* prime);
/* Coders made with it keep what they need. */
SSMZ_API void ssmz_prime_free(ssmz_prime* prime);

/* Chooses, of many small samples that stand one behind the other, content for a prime that serves what is
 * like them: *prime_size is the room at prime (256 bytes or more) on the way in and what was written on the
 * way out, 0 after an error. The same samples give the same bytes. Some 0.1 s a megabyte of samples. */
SSMZ_API ssmz_code ssmz_train_prime(const uint8_t* samples, const size_t* sizes, size_t count, uint8_t* prime,
                                    size_t* prime_size);

/* Takes the next bytes of output. Returns 0 to go on; anything else stops the coder, which then returns
 * SSMZ_IO_ERROR. */
typedef int (*ssmz_sink)(void* context, const uint8_t* bytes, size_t size);
/* Trains a vocabulary of up to `lexemes` (512..2^20) on texts that stand one behind the other, and gives the
 * bytes of its file, which ssmz_vocabulary_parse takes, to the sink. weights (1..255) say how much each
 * counts; NULL: 1. Takes some seconds and some 20 MB a megabyte of text. */
SSMZ_API ssmz_code ssmz_train_vocabulary(const uint8_t* texts, const size_t* sizes, const unsigned* weights,
                                         size_t count, size_t lexemes, ssmz_sink sink, void* context);

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
  const ssmz_prime* prime; /* NULL: none. Whoever decompresses needs the same */
  const char* ssm;         /* layers of the network, as "mamba3:n32 | swa:w64"; NULL: the level's own */
  unsigned ssm_width;      /* their width, a multiple of 16 up to 1024; 0: 64, or without ssm the level's */
} ssmz_compress_options;

typedef struct ssmz_decompress_options {
  size_t struct_size;
  unsigned threads;                           /* 0: one per core */
  uint64_t memory_limit;                      /* bytes; 0: a frame may take what level 9 needs */
  uint64_t output_limit;                      /* bytes of content */
  const ssmz_vocabulary* const* vocabularies; /* besides the built-in one */
  size_t vocabulary_count;
  ssmz_progress progress; /* may be NULL */
  void* progress_context;
  const ssmz_prime* const* primes; /* to choose from by hash and length */
  size_t prime_count;
  int part_of_stream;  /* nonzero: frames may be missing before, between and behind those given */
  int ignore_checksum; /* nonzero: contents are not compared with the frames' checksums */
} ssmz_decompress_options;

/* Sets the defaults in a struct of `size` bytes: pass sizeof. Wherever options are taken NULL stands for the
 * defaults, and SSMZ_BAD_ARGUMENT says that the struct's size is none, or that behind what the library knows
 * something is not zero. */
SSMZ_API void ssmz_compress_options_init(ssmz_compress_options* options, size_t size);
SSMZ_API void ssmz_decompress_options_init(ssmz_decompress_options* options, size_t size);

/* Most bytes that ssmz_compress gives; frame_size 0 stands for every level's default. UINT64_MAX if that is
 * too large a number. */
SSMZ_API uint64_t ssmz_compress_bound(uint64_t size, uint64_t frame_size);
/* Writes why options with this level, ssm and ssm_width would be refused, or "", cut to `size` bytes with the
 * zero at its end. SSMZ_OK if they would not be. */
SSMZ_API ssmz_code ssmz_ssm_problem(int level, const char* ssm, unsigned ssm_width, char* text, size_t size);
/* Bytes of memory a frame's model takes at a level; content_size may be SSMZ_SIZE_UNKNOWN. */
SSMZ_API ssmz_code ssmz_memory_needed(int level, uint64_t content_size, uint64_t memory_limit,
                                      uint64_t* bytes);
/* Most bytes that a compressor with these options holds: models and frames of all its threads. */
SSMZ_API ssmz_code ssmz_compress_memory(const ssmz_compress_options* options, uint64_t* bytes);

/* One call. *output_size: room at output on the way in, bytes written on the way out, 0 after any error (what
 * is at output is then undefined). SSMZ_OUTPUT_LIMIT if the room is too small. */
SSMZ_API ssmz_code ssmz_compress(const uint8_t* content, size_t content_size, uint8_t* output,
                                 size_t* output_size, const ssmz_compress_options* options);
SSMZ_API ssmz_code ssmz_decompress(const uint8_t* frames, size_t frames_size, uint8_t* output,
                                   size_t* output_size, const ssmz_decompress_options* options);

/* Streams. The first error is final: later calls return it again. */
typedef struct ssmz_encoder ssmz_encoder;
SSMZ_API ssmz_code ssmz_encoder_create(const ssmz_compress_options* options, ssmz_encoder** encoder);
SSMZ_API ssmz_code ssmz_encoder_update(ssmz_encoder* encoder, const uint8_t* content, size_t size,
                                       ssmz_sink sink, void* context);
/* Ends the frame here if it has content: all given so far is then in complete frames. */
SSMZ_API ssmz_code ssmz_encoder_end_frame(ssmz_encoder* encoder, ssmz_sink sink, void* context);
/* The same, and gives out all frames so far. */
SSMZ_API ssmz_code ssmz_encoder_flush(ssmz_encoder* encoder, ssmz_sink sink, void* context);
SSMZ_API ssmz_code ssmz_encoder_finish(ssmz_encoder* encoder, ssmz_sink sink, void* context);
/* Bytes of content that the output given so far stands for; 0 if encoder is NULL. May be called by the sink.
 */
SSMZ_API uint64_t ssmz_encoder_content_given(const ssmz_encoder* encoder);
/* What the last error was about, a static text, and where in the input. */
SSMZ_API const char* ssmz_encoder_detail(const ssmz_encoder* encoder);
SSMZ_API void ssmz_encoder_free(ssmz_encoder* encoder);

typedef struct ssmz_decoder ssmz_decoder;
SSMZ_API ssmz_code ssmz_decoder_create(const ssmz_decompress_options* options, ssmz_decoder** decoder);
SSMZ_API ssmz_code ssmz_decoder_update(ssmz_decoder* decoder, const uint8_t* frames, size_t size,
                                       ssmz_sink sink, void* context);
SSMZ_API ssmz_code ssmz_decoder_finish(ssmz_decoder* decoder, ssmz_sink sink, void* context);
SSMZ_API const char* ssmz_decoder_detail(const ssmz_decoder* decoder);
SSMZ_API uint64_t ssmz_decoder_error_offset(const ssmz_decoder* decoder);
/* After SSMZ_MEMORY_LIMIT: bytes needed. After SSMZ_VOCABULARY_MISSING: the hash of the one needed. */
SSMZ_API uint64_t ssmz_decoder_memory_needed(const ssmz_decoder* decoder);
SSMZ_API uint64_t ssmz_decoder_vocabulary_needed(const ssmz_decoder* decoder);
/* After SSMZ_PRIME_MISSING: the prime's hash, length and name (valid as long as the decoder; any of the
 * pointers may be NULL). Returns 0 and sets nothing if that was not the error. */
SSMZ_API int ssmz_decoder_prime_needed(ssmz_decoder* decoder, uint64_t* hash, uint64_t* length,
                                       const char** name);
SSMZ_API void ssmz_decoder_free(ssmz_decoder* decoder);

/* Streams by cursors (cursor.hpp). A call takes input from `position` on and writes output from `position`
 * on, moves both and never writes behind `size`. Coding runs on a thread of the stream's own: progress
 * callbacks are called there. */
typedef struct ssmz_input {
  const uint8_t* bytes; /* may be NULL if size is 0 */
  size_t size;
  size_t position; /* bytes used so far: what stands behind a stream begins here */
} ssmz_input;
typedef struct ssmz_output {
  uint8_t* bytes;
  size_t size;
  size_t position;
} ssmz_output;
typedef enum ssmz_operation {
  SSMZ_RUN = 0,       /* go on */
  SSMZ_FLUSH = 1,     /* end the frame and give out all of it */
  SSMZ_END_FRAME = 2, /* end the frame */
  SSMZ_FINISH = 3     /* there is no more input */
} ssmz_operation;
typedef enum ssmz_stream_state {
  SSMZ_NEED_INPUT = 0,  /* the input is used up */
  SSMZ_NEED_OUTPUT = 1, /* the room is full and there is more */
  SSMZ_FRAME_END = 2,   /* flush or end of frame is done; decompressing on one thread: a frame has ended */
  SSMZ_DONE = 3         /* the stream has ended; what is left of the input stands behind it */
} ssmz_stream_state;

typedef struct ssmz_compressor ssmz_compressor;
SSMZ_API ssmz_code ssmz_compressor_create(const ssmz_compress_options* options, ssmz_compressor** compressor);
/* Repeat an operation other than SSMZ_RUN until SSMZ_FRAME_END or SSMZ_DONE answers it. */
SSMZ_API ssmz_code ssmz_compressor_advance(ssmz_compressor* compressor, ssmz_input* in, ssmz_output* out,
                                           ssmz_operation operation, ssmz_stream_state* state);
/* Begins a new stream with the same options, also after an error. */
SSMZ_API ssmz_code ssmz_compressor_reset(ssmz_compressor* compressor);
/* From any thread: the present call and later ones return SSMZ_CANCELLED, until the reset. */
SSMZ_API void ssmz_compressor_cancel(ssmz_compressor* compressor);
SSMZ_API const char* ssmz_compressor_detail(const ssmz_compressor* compressor);
SSMZ_API void ssmz_compressor_free(ssmz_compressor* compressor);

/* Decompresses one stream; a skippable frame before it (a seek table that the last one left, say) counts as
 * one without content. Operations are SSMZ_RUN and SSMZ_FINISH. */
typedef struct ssmz_decompressor ssmz_decompressor;
SSMZ_API ssmz_code ssmz_decompressor_create(const ssmz_decompress_options* options,
                                            ssmz_decompressor** decompressor);
SSMZ_API ssmz_code ssmz_decompressor_advance(ssmz_decompressor* decompressor, ssmz_input* in,
                                             ssmz_output* out, ssmz_operation operation,
                                             ssmz_stream_state* state);
SSMZ_API ssmz_code ssmz_decompressor_reset(ssmz_decompressor* decompressor);
SSMZ_API void ssmz_decompressor_cancel(ssmz_decompressor* decompressor);
SSMZ_API const char* ssmz_decompressor_detail(const ssmz_decompressor* decompressor);
SSMZ_API void ssmz_decompressor_free(ssmz_decompressor* decompressor);

typedef struct ssmz_frame_info {
  size_t struct_size;     /* set by the caller to sizeof(ssmz_frame_info) */
  int level;              /* 0: nothing is modelled */
  uint64_t content_size;  /* SSMZ_SIZE_UNKNOWN if the header has none */
  uint64_t memory_needed; /* bytes to decode it */
  uint64_t vocabulary;    /* hash; 0 if the frame needs none */
  int has_checksum;
  uint64_t number;       /* frames of the same stream before it */
  uint64_t prime;        /* hash of the prime it needs */
  uint64_t prime_length; /* 0: it needs none */
  uint64_t frame_size;   /* bytes of the frame; 0 from ssmz_peek */
  int frame_follows;     /* another frame of the stream comes next; 0 from ssmz_peek */
} ssmz_frame_info;

/* Bytes that are always enough for ssmz_peek. */
#define SSMZ_PEEK_SIZE 576
/* Nonzero if `start` begins with a frame; 4 bytes are enough. */
SSMZ_API int ssmz_is_frame(const uint8_t* start, size_t size);
/* Reads the header of the frame that `start` begins with. */
SSMZ_API ssmz_code ssmz_peek(const uint8_t* start, size_t size, ssmz_frame_info* info);
/* The same of a frame that is there to its end, of which `start` may hold more: also its size, and the
 * content size in any case. Does not decode. SSMZ_TRUNCATED if more bytes are needed. */
SSMZ_API ssmz_code ssmz_frame_measure(const uint8_t* start, size_t size, ssmz_frame_info* info);

/* Fills `out` with `size` bytes of an archive from `offset` on. Returns 0, or anything else to fail. */
typedef int (*ssmz_read_at)(void* context, uint64_t offset, uint8_t* out, size_t size);

typedef struct ssmz_index_frame {
  uint64_t offset;         /* of its first byte in the archive */
  uint64_t size;           /* its bytes */
  uint64_t content_offset; /* of its content in the archive's content */
  uint64_t content_size;
} ssmz_index_frame;

/* Where the frames of an archive of `size` bytes lie: from its seek table, or by walking over the frames. */
typedef struct ssmz_index ssmz_index;
SSMZ_API ssmz_code ssmz_index_read(uint64_t size, ssmz_read_at read, void* context, ssmz_index** index);
SSMZ_API uint64_t ssmz_index_content_size(const ssmz_index* index);
SSMZ_API size_t ssmz_index_frame_count(const ssmz_index* index);
SSMZ_API ssmz_code ssmz_index_frame_at(const ssmz_index* index, size_t number, ssmz_index_frame* frame);
SSMZ_API void ssmz_index_free(ssmz_index* index);
/* Decodes `length` bytes of content from `offset` on, fewer where the content ends, reading only the frames
 * that hold them. Use what the sink got only once SSMZ_OK is returned. */
SSMZ_API ssmz_code ssmz_decompress_range(const ssmz_index* index, ssmz_read_at read, void* read_context,
                                         uint64_t offset, uint64_t length, ssmz_sink sink, void* sink_context,
                                         const ssmz_decompress_options* options);

/* Makes one stream of several complete ones, given one directly after the other, without coding them anew. */
typedef struct ssmz_joiner ssmz_joiner;
SSMZ_API ssmz_code ssmz_joiner_create(ssmz_joiner** joiner);
SSMZ_API ssmz_code ssmz_joiner_update(ssmz_joiner* joiner, const uint8_t* streams, size_t size,
                                      ssmz_sink sink, void* context);
SSMZ_API ssmz_code ssmz_joiner_finish(ssmz_joiner* joiner, ssmz_sink sink, void* context);
SSMZ_API void ssmz_joiner_free(ssmz_joiner* joiner);

/* Writes the 8 bytes that make the `size` bytes behind them a skippable frame, which decoders pass over. */
#define SSMZ_SKIPPABLE_HEADER_SIZE 8
/* The payload must not begin with D3 53 4D 49, which marks seek tables. */
SSMZ_API ssmz_code ssmz_skippable_header(uint32_t size, uint8_t* header);

#ifdef __cplusplus
}
#endif

#endif
