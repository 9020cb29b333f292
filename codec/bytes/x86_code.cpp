// SPDX-License-Identifier: Apache-2.0
// The lengths of x86 instructions (Intel SDM volume 2,
// appendix A), and how much the last ones look like code.
#include "codec/bytes/x86_code.hpp"

#include <algorithm>

#include "codec/base/hash.hpp"
#include "codec/bytes/address_bytes.hpp"

namespace ssmz::codec {
namespace {

constexpr int likeness_shift = 6;  // of the average over instructions
constexpr int enter = 36000;       // likeness at which code begins, and at which it ends
constexpr int leave = 22000;
constexpr int wide_share = 6000;  // of REX.W prefixes that mean 64-bit code
constexpr unsigned distance_bytes = 4;
constexpr int blank_shift = 4;
constexpr int blank_share = 32768;  // of distances left blank that mean an object file

bool has_mod_rm(unsigned map, unsigned op) {
  if (map >= 2) return true;
  if (map == 1) {
    if (op >= 0x80 && op <= 0x8f) return false;
    if (op >= 0xc8 && op <= 0xcf) return false;
    if (op >= 0x30 && op <= 0x37) return false;
    return !(op == 0x05 || op == 0x06 || op == 0x08 || op == 0x09 || op == 0x0b || op == 0x77 || op == 0xa0 ||
             op == 0xa1 || op == 0xa2 || op == 0xa8 || op == 0xa9 || op == 0xaa);
  }
  if (op < 0x40) return (op & 7) < 4;
  if (op == 0x62 || op == 0x63 || op == 0x69 || op == 0x6b) return true;
  if (op >= 0x80 && op <= 0x8f) return true;
  if (op == 0xc0 || op == 0xc1 || op == 0xc4 || op == 0xc5 || op == 0xc6 || op == 0xc7) return true;
  return (op >= 0xd0 && op <= 0xd3) || (op >= 0xd8 && op <= 0xdf) || op == 0xf6 || op == 0xf7 || op >= 0xfe;
}

// Bytes of the immediate with an operand size of 4 bytes; `extension`: bits 3..5 of the mod_rm byte.
unsigned immediate_of(unsigned map, unsigned op, unsigned extension) {
  if (map == 3) return 1;
  if (map == 2) return 0;
  if (map == 1) {
    if (op >= 0x80 && op <= 0x8f) return 4;
    return (op >= 0x70 && op <= 0x73) || op == 0xa4 || op == 0xac || op == 0xba || op == 0xc2 ||
                   (op >= 0xc4 && op <= 0xc6)
               ? 1
               : 0;
  }
  if (op < 0x40) return (op & 7) == 4 ? 1 : (op & 7) == 5 ? 4 : 0;
  if (op == 0x68 || op == 0x69 || op == 0x81 || op == 0xa9 || op == 0xc7 || op == 0xe8 || op == 0xe9)
    return 4;
  if (op >= 0xb8 && op <= 0xbf) return 4;
  if (op == 0x6a || op == 0x6b || op == 0x80 || op == 0x82 || op == 0x83 || op == 0xa8 || op == 0xc0 ||
      op == 0xc1 || op == 0xc6 || op == 0xcd || op == 0xeb)
    return 1;
  if ((op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) || (op >= 0xe0 && op <= 0xe7)) return 1;
  if (op == 0xf6) return extension < 2 ? 1 : 0;
  if (op == 0xf7) return extension < 2 ? 4 : 0;
  return op == 0xc2 || op == 0xca ? 2 : op == 0xc8 ? 3 : 0;
}

/// How much an instruction speaks for code: what compilers write often and text and tables seldom have.
int weight_of(unsigned map, unsigned op) {
  if (map == 1) {
    const bool moves = op == 0x10 || op == 0x11 || op == 0x28 || op == 0x29 || op == 0xb6 || op == 0xb7;
    return moves || op == 0x1f || op == 0xaf || (op >= 0x80 && op <= 0x9f) ? 65535 : 32768;
  }
  if (map > 1) return 0;
  switch (op) {
    case 0x01:
    case 0x29:
    case 0x31:
    case 0x39:
    case 0x3b:
    case 0x63:
    case 0x81:
    case 0x83:
    case 0x84:
    case 0x85:
    case 0x88:
    case 0x89:
    case 0x8b:
    case 0x8d:
    case 0xc3:
    case 0xc7:
    case 0xe8:
    case 0xe9:
    case 0xeb:
    case 0xff:
    case 0xf7:
    case 0xc1:
    case 0x90: return 65535;
    default: break;
  }
  // Also letters: a text of capitals must not pass for code.
  if ((op >= 0x50 && op <= 0x5f) || (op >= 0x70 && op <= 0x7f) || (op >= 0xb8 && op <= 0xbf)) return 40000;
  return 0;
}

}  // namespace

void X86Code::push(std::uint8_t byte) {
  ++position_;
  ++since_end_;
  so_far_ = hash_mix(so_far_, byte);
  if (part_ >= displacement) {
    take_field(byte);
  } else if (part_ == at_mod_rm) {
    mod_rm_byte_ = byte;
    after_mod_rm();
  } else if (part_ == sib) {
    const unsigned mod = mod_rm_byte_ >> 6;
    begin_displacement(mod == 1 ? 1 : mod == 2 || (byte & 7) == 5 ? 4 : 0);
  } else if (part_ == at_vex) {
    take_vex(byte);
  } else {
    take_opcode(byte);
  }
  find_fields();
  find_to_address();
}

void X86Code::take_field(std::uint8_t byte) {
  if (field_at_ < 4) field_ |= std::uint32_t{byte} << (8 * field_at_);
  if (++field_at_ < field_size_) {
    part_ = static_cast<Part>(part_ + 1);
    return;
  }
  keep_field();
  if (distance_) end_distance();
  if (part_ < immediate && immediate_size_) {
    begin_immediate();
  } else {
    end();
  }
}

void X86Code::begin() {
  part_ = at_opcode;
  operation_ = map_ = mod_rm_byte_ = prefixes_ = vex_at_ = 0;
  field_size_ = field_at_ = immediate_size_ = 0;
  field_ = 0;
  distance_ = false;
  so_far_ = 0;
}

bool X86Code::take_prefix(std::uint8_t byte) {
  if ((byte & 0xf0) == 0x40 && is_64_bit()) {
    prefixes_ |= 8u | (byte & 8u ? 16u : 0u) | (byte & 7u) << 5;
    return true;
  }
  if (byte == 0x66) prefixes_ |= 1u;
  if (byte == 0xf2) prefixes_ |= 2u;
  if (byte == 0xf3) prefixes_ |= 4u;
  return byte == 0x66 || byte == 0xf2 || byte == 0xf3 || byte == 0xf0 || byte == 0x2e || byte == 0x64 ||
         byte == 0x65;
}

void X86Code::take_opcode(std::uint8_t byte) {
  if (part_ == at_opcode) {
    if (take_prefix(byte)) return;
    if (byte == 0xc4 || byte == 0xc5 || byte == 0x62) {
      // In 32-bit code these are instructions of their own, but with two registers, which LES, LDS and BOUND
      // do not have.
      part_ = at_vex;
      vex_size_ = byte == 0xc5 ? 1 : byte == 0xc4 ? 2 : 3;
      return;
    }
    if (byte == 0x0f) {
      part_ = at_opcode_0f;
      map_ = 1;
      return;
    }
  } else if (part_ == at_opcode_0f && (byte == 0x38 || byte == 0x3a)) {
    part_ = at_opcode_38;
    map_ = byte == 0x38 ? 2 : 3;
    return;
  }
  operation_ = map_ << 8 | byte;
  if (has_mod_rm(map_, byte)) {
    part_ = at_mod_rm;
  } else {
    after_opcode();
  }
}

// What a VEX or EVEX prefix says, as prefixes of old say it: the first byte the map (of two bytes it is
// always 0F), the next one, or the only one, 66, F2 and F3.
void X86Code::take_vex(std::uint8_t byte) {
  if (vex_at_ == 0 && !is_64_bit() && byte < 0xc0) {
    operation_ = vex_size_ == 1 ? 0xc5 : vex_size_ == 2 ? 0xc4 : 0x62;
    mod_rm_byte_ = byte;
    return after_mod_rm();
  }
  if (vex_at_ == 0) map_ = vex_size_ == 1 ? 1 : std::max(1u, byte & 3u);
  if (vex_at_ + 1 == std::min(vex_size_, 2u)) {
    constexpr std::uint8_t as_prefixes[] = {0, 1, 4, 2};
    prefixes_ |= as_prefixes[byte & 3u];
  }
  if (++vex_at_ == vex_size_) part_ = map_ == 1 ? at_opcode_0f : at_opcode_38;
}

bool X86Code::is_64_bit() const noexcept { return wide_ > wide_share; }

void X86Code::after_opcode() {
  immediate_size_ = immediate_of(map_, operation_ & 0xffu, mod_rm_byte_ >> 3 & 7u);
  if (map_ == 0) {
    const unsigned op = operation_;
    if (immediate_size_ == 4) {
      if (op >= 0xb8 && op <= 0xbf && (prefixes_ & 16u)) immediate_size_ = 8;
      if ((prefixes_ & 1u) && op != 0xe8 && op != 0xe9) immediate_size_ = 2;
    }
    // An address, whatever the size of what stands there.
    if ((op & 0xfcu) == 0xa0) immediate_size_ = is_64_bit() ? 8 : 4;
  }
  if (part_ == at_opcode || part_ == at_opcode_0f || part_ == at_opcode_38) {
    if (immediate_size_) {
      begin_immediate();
    } else {
      end();
    }
  }
}

void X86Code::after_mod_rm() {
  after_opcode();
  const unsigned mod = mod_rm_byte_ >> 6;
  const unsigned base = mod_rm_byte_ & 7u;
  if (mod == 3) return begin_displacement(0);
  if (base == 4) {
    part_ = sib;
    return;
  }
  distance_ = mod == 0 && base == 5;
  begin_displacement(mod == 1 ? 1 : mod == 2 || distance_ ? 4 : 0);
  distance_ = distance_ && is_64_bit();
}

void X86Code::begin_displacement(unsigned size) {
  distance_ = distance_ && size == 4;
  if (size == 0) {
    if (immediate_size_) {
      begin_immediate();
    } else {
      end();
    }
    return;
  }
  part_ = displacement;
  field_size_ = size;
  field_at_ = 0;
  field_ = 0;
}

// Object files have 0 (or -4) where the linker will write the distance: there addresses would only hide that.
void X86Code::end_distance() {
  const std::uint32_t rest = part_ < immediate ? immediate_size_ : 0u;
  last_address_ = field_;
  const std::uint32_t raw = field_ - (addresses_ ? position_ + rest : 0u);
  const bool blank = raw == 0 || raw + 8 < 9u;
  blank_ += ((blank ? 65535 : 0) - blank_) >> blank_shift;
}

void X86Code::begin_immediate() {
  part_ = immediate;
  field_size_ = immediate_size_;
  field_at_ = 0;
  field_ = 0;
  distance_ = operation_ == 0xe8 || operation_ == 0xe9;
}

void X86Code::end() {
  const std::uint32_t instruction = operation_ << 16 | mod_rm_byte_ << 8 | prefixes_;
  // In 64-bit code a lone REX prefix, in 32-bit code an increment: the mode follows from what is frequent.
  const bool lone = map_ == 0 && (operation_ & 0xf0u) == 0x40;
  if (lone) {
    after_dec_ = (operation_ & 8u) != 0;
  } else {
    wide_ += (((prefixes_ & 16u) || after_dec_ ? 65535 : 0) - wide_) >> likeness_shift;
    after_dec_ = false;
  }
  // The same over and over is filling, not code.
  const int weight = instruction == before_[0] ? 0 : weight_of(map_, operation_ & 0xffu);
  if (!lone) likeness_ += (weight - likeness_) >> likeness_shift;
  active_ = likeness_ > (active_ ? leave : enter);
  std::copy_backward(before_.begin(), before_.end() - 1, before_.end());
  before_[0] = instruction;
  registers_ = registers_ << 8 | (has_mod_rm(map_, operation_ & 0xffu) ? mod_rm_byte_ : operation_ & 7u);
  if (operation_ == 0xc3 || operation_ == 0xe9 || operation_ == 0xeb) since_end_ = 0;
  begin();
}

// What is known of a field before its first byte comes.
void X86Code::find_fields() {
  if (part_ < displacement || field_at_ > 0) return;
  const bool is_immediate = part_ >= immediate;
  same_at_ = static_cast<unsigned>(
      hash_words(operation_, mod_rm_byte_, prefixes_ >> 3, std::uint64_t{is_immediate}) %
      same_fields_.size());
  same_field_ = same_fields_[same_at_];
  slot_at_ = (mod_rm_byte_ & 7u) | (mod_rm_byte_ >> 6) << 3 | (prefixes_ & 32u);
  slot_ = is_immediate ? std::array<std::uint32_t, 2>{} : slots_[slot_at_];
}

void X86Code::keep_field() {
  if (field_size_ == 4) wide_field_ = field_;
  same_fields_[same_at_] = field_;
  if (part_ >= immediate) return;
  slots_[slot_at_][1] = slots_[slot_at_][0];
  slots_[slot_at_][0] = field_;
}

// Distances count from behind the instruction.
void X86Code::find_to_address() {
  to_address_ = 0;
  if (!distance_ || part_ < displacement) return;
  if (field_at_ == 0) addresses_ = active_ && blank_ < blank_share;
  if (!addresses_) return;
  const std::uint32_t rest = part_ < immediate ? immediate_size_ : 0u;
  const std::uint32_t behind = position_ - field_at_ + distance_bytes + rest;
  to_address_ = to_address_byte(field_, field_at_, behind);
}

}  // namespace ssmz::codec
