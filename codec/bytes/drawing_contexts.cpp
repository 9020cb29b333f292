// SPDX-License-Identifier: Apache-2.0
// Neighbours, as wholes and by their shade: what is drawn repeats itself exactly, and palettes are often
// sorted by light.
#include "codec/bytes/drawing_contexts.hpp"

#include <algorithm>
#include <cassert>

#include "codec/predict/context_lister.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t salt = 23000;  // apart from the other models' contexts in the common table

}  // namespace

// The first seven are -1's, ten -2's, 16 -3's and so on. Their order was chosen by taking, one after the
// other, the one that gained most in the mean of ten pictures (logos, screens, photographs in a palette;
// 20,000 bytes each at -3). Twelve such, 40,000 bytes each, before (the nearest two, four and six pixels
// first) and so: -1 91,955 -> 84,590, -3 80,965 -> 78,569, -5 78,551 -> 77,566. Another seven at -9: +2 %.
void set_drawing_contexts(const DrawnPixels& pixels, const ExpectedSymbol& match, ContextBank& bank) {
  using P = DrawnPixels;
  ContextLister list(bank, salt);
  const auto pixel = [&](P::Neighbour k) { return pixels.pixel(k); };
  const auto sample = [&](P::Neighbour k) { return pixels.sample(k); };
  const std::uint64_t here = pixels.here(), channel = pixels.channel();
  const std::uint32_t w = pixel(P::w), n = pixel(P::n), nw = pixel(P::nw), ne = pixel(P::ne),
                      ww = pixel(P::ww), nn = pixel(P::nn);
  const unsigned sw = sample(P::w), sn = sample(P::n), snw = sample(P::nw), sne = sample(P::ne),
                 sww = sample(P::ww), snn = sample(P::nn);
  list.add(match.id, std::min(match.length, 15u));
  list.add(here, n);
  list.add(here, w);
  list.add(channel, (sw + sn - snw) & 0xffu, (sn + sne) / 8);
  list.add(here, w, n, pixel(P::nee), ne);
  list.add(here, w, ww);
  list.add(here, w, ne);
  list.add(here, w, n, nw, ne, ww, nn);
  list.add(here, (sw + sn + sne - snw) / 4, (sn + sne - sample(P::nne)) / 8);
  list.add(here);
  if (list.full()) return;
  list.add(channel, (sw + sne) / 2, sn / 4);
  list.add(here, nw, ne);
  list.add(here, (sw + sn - snw) & 0xffu, sw);
  list.add(channel, sw / 8, sn / 8, snw / 8, sne / 8, sww / 8, snn / 8);
  list.add(here, w, n, nw, ne, ww, nn, pixel(P::nne), pixel(P::nnw));
  list.add(here, n, nn);
  list.add(here, w, n, nn, pixel(P::nnn));
  list.add(channel, (2 * sw - sww) & 0xffu, sn / 4);
  list.add(channel, (2 * sn - snn) & 0xffu, sw / 4);
  list.add(here, n, pixels.column());
  list.add(here, w, ww, pixel(P::www), n);
  if (list.full()) return;
  list.add(channel, sw, sn);
  list.add(here & 0xffu, channel, sn, snw);
  list.add(channel, sw / 4, sn / 4, snw / 4, sne / 4);
  list.add(channel, sw / 16, sn / 16, snw / 16, sne / 16, sww / 16, snn / 16, sample(P::nee) / 16,
           sample(P::nww) / 16);
  list.add(here, w, ww, pixel(P::www), pixel(P::wwww));
  list.add(here, w, ww, pixel(P::www), pixel(P::wwww), n, ne, pixel(P::nee));
  list.add(here, w, n, nw, ne, ww, nn, pixel(P::nne), pixel(P::nnw), pixel(P::nee), pixel(P::nww),
           pixel(P::www));
  list.add(channel, (sw + sn) / 2, pixels.alike());
  list.add(here, ww, nn);
  list.add(here, nw, w);
  list.add(here, w, n);
  assert(list.count() == drawing_context_count);
}

}  // namespace ssmz::codec
