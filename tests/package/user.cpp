// SPDX-License-Identifier: Apache-2.0
// Uses the installed C++ interface.
#include <cstdio>
#include <ssmz/ssmz.hpp>
#include <vector>

int main() {
  const std::vector<std::uint8_t> content(1000, 'a');
  ssmz::CompressOptions options;
  options.level = 1;
  const auto frames = ssmz::compress(content, options);
  if (!frames.ok()) return 1;
  const auto back = ssmz::decompress(frames.value());
  if (!back.ok() || back.value() != content) return 1;
  std::printf("ssmz %s: %zu -> %zu\n", ssmz::version_string(), content.size(), frames.value().size());
  return 0;
}
