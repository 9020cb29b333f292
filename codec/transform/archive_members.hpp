// SPDX-License-Identifier: Apache-2.0
// Members of archives of objects, as ar of System V and GNU writes them (ar(5)), and the table of the symbols
// that they define.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// FORMAT. Bytes of an archive's signature, and of a member's header.
inline constexpr std::size_t archive_signature = 8, member_header = 60;

/// Whether `content` begins with an archive's signature.
[[nodiscard]] bool begins_archive(std::span<const std::uint8_t> content);

/// A member, which stands behind its header.
struct Member {
  std::size_t at = 0, size = 0;

  /// Where the next one's header stands.
  [[nodiscard]] std::size_t next() const { return at + size + size % 2; }
};

/// The member whose header stands at `at`; nothing if there is none, or it is not whole.
[[nodiscard]] std::optional<Member> member_at(std::span<const std::uint8_t> content, std::size_t at);

/// Calls each(member) for the members of `content` from `at` on, as long as there are whole ones. Returns
/// where the last one ends, with the byte that makes its size even if there is one.
template <class Each>
std::size_t each_member(std::span<const std::uint8_t> content, std::size_t at, Each each) {
  std::size_t end = at;
  while (const std::optional<Member> member = member_at(content, at)) {
    each(*member);
    at = member->next();
    end = at < content.size() ? at : content.size();
  }
  return end;
}

/// Bytes of a place in the table of symbols that the archive's first member is, by its name; 0: it is none.
[[nodiscard]] unsigned symbol_table_width(std::span<const std::uint8_t> archive);

/// FORMAT. That table of `size` bytes, for the members that stand in `content` from `at` on and in the
/// archive `shift` bytes behind; nothing if it takes more. Linear.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> symbol_table(std::span<const std::uint8_t> content,
                                                                    std::size_t at, std::size_t shift,
                                                                    unsigned width, std::size_t size);

}  // namespace ssmz::codec
