// SPDX-License-Identifier: Apache-2.0
// Code charts of double-byte character sets, as their standards print them: in UTF-8, one line a row.
#pragma once

namespace ssmz::codec {

// FORMAT. A line holds the row's lead byte in hexadecimal, a space, and the row's characters by their trail
// bytes, rising from A1 to FE; of Big5 from 40 to 7E, then from A1 to FE, of GBK/5 from 40 to 7E, then from
// 80 to A0. `.` stands where there is none, and none is behind a line's last. No character stands twice: of
// those that a standard has twice, the first.
extern const char gb2312_chart[];
extern const char gbk_5_chart[];
extern const char jis_x_0208_chart[];
extern const char big5_chart[];
extern const char ks_x_1001_chart[];
inline constexpr char no_character = '.';

}  // namespace ssmz::codec
