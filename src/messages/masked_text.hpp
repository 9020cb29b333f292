// SPDX-License-Identifier: Apache-2.0
// Names as they may be shown: nothing in them moves a terminal's cursor or breaks a line of a table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ssmz::cli {

/// Control characters (C0, DEL, C1) and what is no UTF-8 become '?'.
[[nodiscard]] std::string masked(std::string_view text);

/// The same made readable back: \\, \t, \n and \xHH, for lines of programs.
[[nodiscard]] std::string escaped(std::string_view text);

/// For a string of JSON, without its quotes; what is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_escaped(std::string_view text);

/// Columns that a masked text takes on a terminal: 2 for wide characters, 0 for combining marks.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// `text`, masked, shortened in the middle ("the first...last") to at most `columns`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

}  // namespace ssmz::cli
