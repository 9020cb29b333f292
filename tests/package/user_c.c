// SPDX-License-Identifier: Apache-2.0
// Uses the installed C interface.
#include <ssmz/ssmz.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  uint8_t content[500];
  uint8_t frames[1000];
  uint8_t back[500];
  size_t frames_size = sizeof(frames);
  size_t back_size = sizeof(back);
  ssmz_compress_options options;
  memset(content, 'x', sizeof(content));
  ssmz_compress_options_init(&options, sizeof(options));
  options.level = 1;
  if (ssmz_compress(content, sizeof(content), frames, &frames_size, &options) != SSMZ_OK) return 1;
  if (ssmz_decompress(frames, frames_size, back, &back_size, NULL) != SSMZ_OK) return 1;
  if (back_size != sizeof(content) || memcmp(back, content, sizeof(content)) != 0) return 1;
  printf("ssmz %s from C: %zu -> %zu\n", ssmz_version(), sizeof(content), frames_size);
  return 0;
}
