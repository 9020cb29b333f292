// SPDX-License-Identifier: Apache-2.0
// Any bytes to what follows content byte by byte (typeset text, glyphs' rounding, rows, markup, records,
// machine code): what it says of them stays within what its readers are promised, and says the same to who
// reads it again.
#include <array>
#include <memory>
#include <string_view>

#include "codec/bytes/byte_state.hpp"
#include "codec/text/markup_state.hpp"
#include "codec/text/row_state.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::fuzz::Input;
using ssmz::fuzz::require;
using Data = std::span<const std::uint8_t>;

/// Beginnings that states wait for, so that short inputs get beyond them.
constexpr std::string_view openings[] = {
    "",
    "[(A)83(w)-333(b)28(k)28(e)]TJ\n[(A)83(w)-333(b)28(k)28(e)]TJ\n[(A)83(w)-333(b)28(k)28(e)]TJ\n",
    "a,1,2020-01-01,0x10\nb,2,2020-01-02,0x11\na,3,2020-01-03,0x12\nb,4,2020-01-04,0x13\n",
    "<a href=\"b\">{{c|d}} [[e|f]]\n| g || h\n",
    "\x79\x71\x06\xf4\x2a\x84\x13\x05\x04\x01\xef\x10\x20\x30\x03\x35\x84\x02\x82\x80",
    "\x70\xb5\x04\x46\x7d\x44\xd0\xf8\x04\x30\x01\xf0\x02\xf8\x08\xbf\x10\xb1\x70\xbd",
    "\x55\x48\x89\xe5\x48\x83\xec\x10\xe8\x10\x20\x30\x40\x48\x8b\x45\xf8\xc9\xc3",
};

/// Calls `push` with an opening and then the data, several times over: structures are found by repetition.
template <class Push>
void feed(Input& input, const Push& push) {
  const std::string_view opening = openings[input.choice() % std::size(openings)];
  for (unsigned times = 1 + input.choice() % 6; times > 0; --times) {
    for (const char c : opening) push(static_cast<std::uint8_t>(c));
    for (const std::uint8_t byte : input.rest()) push(byte);
  }
}

void check(const ssmz::codec::GlyphRounding& glyphs) {
  using Glyphs = ssmz::codec::GlyphRounding;
  require(glyphs.drift() < Glyphs::drifts, "drift");
  require(glyphs.forecast() < Glyphs::forecasts, "forecast");
  require(glyphs.space_fraction() < 8, "fraction of a space");
  require(glyphs.space() > -(1 << 22) && glyphs.space() < 1 << 22, "a space beyond any number");
}

void check(const ssmz::codec::TypesetState& state) {
  require(state.place() < ssmz::codec::TypesetState::places, "place");
  require(state.length() <= 255, "length");
  require(state.letters(2) == (state.letters(8) & 0xffff), "letters");
  const unsigned expected = state.expected();
  require(expected == 0 || (!state.in_string() && expected >> 16 == 1 && (expected & 255) < 8),
          "expected byte");
  check(state.glyphs());
}

void typeset(Input& input) {
  ssmz::codec::TypesetState state;
  feed(input, [&](std::uint8_t byte) {
    state.push(byte);
    check(state);
  });
  state.leave();
  require(!state.active() && state.letters(8) == 0, "left");
}

// Numbers of any size that the state is promised, letters, lines.
void glyphs(Input& input) {
  ssmz::codec::GlyphRounding state;
  std::int32_t number = 0;
  feed(input, [&](std::uint8_t byte) {
    number = (number * 37 + byte) % (1 << 20);
    switch (byte % 5) {
      case 0: state.number(byte & 16 ? number : -number); break;
      case 1: state.number((byte >> 3) - 16); break;
      case 2: byte < 20 ? state.begin_line() : state.letter(byte); break;
      default: state.letter(static_cast<std::uint8_t>('a' + byte % 7)); break;
    }
    check(state);
  });
}

void rows(Input& input) {
  using Rows = ssmz::codec::RowState;
  Rows state;
  feed(input, [&](std::uint8_t byte) {
    state.push(byte);
    require(state.field_number() < Rows::most_fields, "field");
    require(state.agreement() < Rows::agreements, "agreement");
    for (const unsigned k : {0u, 1u}) require(state.expected(k) >> 33 == 0, "expected bytes");
    require(state.step() == state.step(), "step");
  });
}

void markup(Input& input) {
  ssmz::codec::MarkupState state;
  feed(input, [&](std::uint8_t byte) {
    state.push(byte);
    require(state.bracket() <= 6 && state.bars() <= 3 && state.cell() < 32, "level or cell");
    require(state.summary() >> 15 == 0, "summary");
    require(state.cell_above() == state.cell_above(), "cell above");
  });
}

void check(const ssmz::codec::FloatForecast& floats, unsigned value, unsigned depth) {
  require(floats.place() < 64 && floats.part() < 4, "place of a float");
  std::array<float, ssmz::codec::FloatForecast::inputs> inputs{};
  floats.predict(value, depth, inputs.data());
  for (const float input : inputs) require(input > -16.0f && input < 16.0f, "input of a float");
}

// Records, machine code, typeset text and floats over one ring; some bytes are passed as those of long
// repeats are.
void bytes(Input& input) {
  constexpr unsigned ring_log2 = 12;
  const auto state = std::make_unique<ssmz::codec::ByteState>(ring_log2, true, true);
  const unsigned passed = input.choice();
  if (passed % 4 == 1)
    state->begin_block(static_cast<ssmz::codec::Processor>(passed / 4 % ssmz::codec::processors));
  std::uint64_t count = 0;
  feed(input, [&](std::uint8_t byte) {
    passed&& count / 64 % 8 == passed % 8 ? state->pass(byte) : state->push(byte);
    require(state->position() == ++count && state->back(1) == byte, "position");
    require(state->back(count + 1) == 0 && state->back(ring_log2 << 20) == 0, "beyond the ring");
    for (const unsigned k : {0u, 1u})
      require(state->records().length(k) <= ssmz::codec::RecordFinder::max_length, "record");
    require(state->column() < std::max(state->records().length(0), 4u), "column");
    const ssmz::codec::RecordChain& chain = state->chain();
    require(chain.offset() <= ssmz::codec::RecordChain::max_record, "offset");
    for (unsigned k = 0; k < ssmz::codec::RecordChain::like_count; ++k)
      require(state->at(chain.like(k)) < 256, "like");
    const ssmz::codec::X86Code& code = state->code();
    require(code.part() < ssmz::codec::X86Code::immediate + 8, "part");
    require(code.operation() < 1024 && code.mod_rm() < 256, "operation");
    const ssmz::codec::M68kCode& m68k = state->m68k();
    require(m68k.base() < 16 && static_cast<unsigned>(m68k.field()) < ssmz::codec::M68kCode::fields, "field");
    require(state->word_code().place() < 1024 && state->word_code().like() == state->word_code().like(),
            "word");
    const ssmz::codec::HalfwordCode& halfwords = state->halfwords();
    require(halfwords.known() < 4 && halfwords.place() < 1024 && halfwords.part() < 16, "halfwords");
    require(halfwords.target(0) < 32 && halfwords.like() == halfwords.like(), "instruction");
    const ssmz::codec::VaxCode& vax = state->vax();
    require(vax.part() < ssmz::codec::VaxCode::parts && vax.operation() < 256 && vax.operand() < 7,
            "operand");
    for (const unsigned c : {0u, 1u, 2u, 3u}) require(state->since(c) <= count, "since");
    check(state->typeset());
    if (state->floats())
      check(*state->floats(), 1u << count % 8 | (byte & ((1u << count % 8) - 1)), count % 8);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  constexpr void (*all[])(Input&) = {typeset, glyphs, rows, markup, bytes};
  all[input.choice() % std::size(all)](input);
  return 0;
}
