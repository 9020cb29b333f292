// SPDX-License-Identifier: Apache-2.0
// Sizes as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssmz::cli {

/// Bytes for "4096", "64k", "64KiB": whole numbers with K, M, G or T (powers of 1024; "iB" or "B" may
/// follow), or "30%" of `whole` (0: percentages are not allowed). nullopt if it is none of these or
/// overflows.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t whole = 0);

/// "734 B", "12.3 KiB", "1.07 GiB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// "0:07", "12:34", "3:05:12".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace ssmz::cli
