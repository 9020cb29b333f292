// SPDX-License-Identifier: Apache-2.0
// Any bytes as blocks of JPEG come back, in any pieces; coded ones that were changed give an error or as many
// bytes as were asked for.
#include "codec/block/block_coder.hpp"
#include "codec/jpeg/jpeg_content.hpp"
#include "tests/fuzz/fuzz_tiny.hpp"

namespace {

using ssmz::codec::BlockCoder;
using ssmz::codec::BlockKind;
using ssmz::codec::BlockType;
using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;

std::unique_ptr<BlockCoder> make_coder() {
  const ssmz::codec::ModelParameters parameters{.level = 1, .table_log2 = 18};
  auto coder = BlockCoder::create(parameters, ssmz::fuzz::tiny_vocabulary().held());
  require(coder.ok(), "no coder");
  return std::move(coder).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const std::size_t piece = std::size_t{input.choice()} * 31;
  const bool edits = input.choice() % 2 != 0;
  Bytes content(input.rest().begin(), input.rest().end());
  // The end says what is changed: a scan's last bytes matter least.
  const std::size_t choices = std::min<std::size_t>(size, 60);
  ssmz::fuzz::Input tail(data + (size - choices), choices);
  if (edits) ssmz::fuzz::edit(tail, content);
  if (content.empty()) return 0;
  const auto encoder = make_coder(), decoder = make_coder(), reader = make_coder();
  std::uint64_t layout = 0;
  ssmz::fuzz::in_pieces(content, piece, [&](std::span<const std::uint8_t> raw) {
    const BlockType type(BlockKind::jpeg, layout);
    layout = ssmz::codec::jpeg_goes_on;
    Bytes coded, back;
    require(encoder->encode(type, raw, coded, {}).ok(), "not encoded");
    require(decoder->decode(type, coded, raw.size(), back, {}).ok(), "not decoded");
    require(std::ranges::equal(back, raw), "other bytes");
    if (!ssmz::fuzz::edit(tail, coded)) return true;
    back.clear();
    const ssmz::Status status = reader->decode(type, coded, raw.size(), back, {});
    require(back.size() <= raw.size(), "more bytes than asked for");
    require(!status.ok() || back.size() == raw.size(), "fewer bytes than asked for");
    return true;
  });
  return 0;
}
