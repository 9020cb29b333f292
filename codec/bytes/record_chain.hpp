// SPDX-License-Identifier: Apache-2.0
// Finds records that begin with a header of type and length, one after the other, and says which earlier
// record the present one is like.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Follows chains of headers (type, length) as in BIFF, EMF, RIFF or pcap; which
/// of a few header layouts the data has is found from chains that hold for several
/// records of repeated types and differing lengths. Positions are counted in bytes
/// from the first push(). Cost: about ten instructions a layout and byte. FORMAT.
class RecordChain {
 public:
  /// Records longer than this end the chain.
  static constexpr unsigned max_record = 1u << 14;

  RecordChain();

  /// Bytes that a chain takes beside itself.
  [[nodiscard]] static std::uint64_t memory() noexcept;
  /// Takes the next byte. `ring` holds the last ring.size() bytes (a power of two, 32 or more), byte i at i
  /// mod ring.size(), the new one included; `position` counts it.
  void push(const std::vector<std::uint8_t>& ring, std::uint64_t position);

  /// Follows no chain until one is found again; after bytes that were not pushed.
  void leave();

  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Of the coming byte within its record, 0: first byte of the header.
  [[nodiscard]] unsigned offset() const noexcept { return offset_; }
  /// Type and length of the record if they are known already, else what is known of them; never 0.
  [[nodiscard]] std::uint32_t type() const noexcept { return type_; }
  /// Types of the last four records whose header is complete, 8 bits each, newest lowest.
  [[nodiscard]] std::uint32_t earlier_types() const noexcept { return earlier_types_; }
  /// 1 + the first (k = 0) or second 16-bit word behind the record's header; 0 as long as it is not known.
  [[nodiscard]] std::uint32_t word(unsigned k) const noexcept { return words_[k]; }

  /// Position of the byte at offset() of a record like this one, 0 if there is none: (0, 1) the last one with
  /// the same first, second word, and before that word is known the one behind the last record with the
  /// predecessor's word; (2) the predecessor; (3) the last one of this type, before it is known the
  /// predecessor; (4) the one before (1).
  [[nodiscard]] std::uint64_t like(unsigned k) const noexcept { return like_[k] ? like_[k] + offset_ : 0; }
  static constexpr unsigned like_count = 5;

 private:
  struct Link {
    std::uint64_t at = 0;     // position of an expected header
    std::uint32_t score = 0;  // of the chain that leads there
    std::uint32_t types = 0;  // of the last four headers of different type, 8 bits each, newest lowest
    unsigned size = 0;        // of the record before it
    bool varied = false;      // records of the chain differ in size
  };
  struct Seen {
    std::uint64_t at = 0;      // start of the last record with a key
    std::uint64_t before = 0;  // start of the one before that
    std::uint64_t after = 0;   // start of the record that followed the one at `at`
  };

  void look(const std::vector<std::uint8_t>& ring, std::uint64_t position, unsigned layout);
  void begin_record(std::uint64_t start);
  void end_header(const std::vector<std::uint8_t>& ring);
  void advance(const std::vector<std::uint8_t>& ring, std::uint64_t position);
  void learn_word(unsigned k, std::uint32_t word);

  model::Zeroed<Link> links_;  // [layout][position mod max_record]
  model::Zeroed<Seen> seen_;   // [word 2][hash of the word]
  std::array<std::uint64_t, 256> last_of_type_{};
  std::array<Seen*, 2> found_{};             // entries of the record's words, once known
  std::array<std::uint64_t, 2> followed_{};  // what followed the last records with these words
  bool active_ = false;
  unsigned layout_ = 0;
  unsigned offset_ = 0;
  unsigned doubts_ = 0;      // rises with types not seen lately
  std::uint64_t types_ = 0;  // the last eight different types, 8 bits each, newest lowest
  std::uint64_t start_ = 0;
  std::uint64_t next_ = 0;  // start of the next record, 0 before the header is complete
  std::uint32_t type_ = 1;
  std::uint32_t earlier_types_ = 0;
  std::array<std::uint32_t, 2> words_{};
  std::array<std::uint64_t, like_count> like_{};
};

}  // namespace ssmz::codec
