// HTML character references the way ModSecurity v2 reads them: &#N; and &#xH; (the low byte counts), and the names
// quot, amp, lt, gt, nbsp in any letter case; the semicolon may be missing. Others stay. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::text {

/// Room: in.size().
std::size_t html_decode(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::text
