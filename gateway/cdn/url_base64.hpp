// Base64 as CloudFront's URLs and cookies have it (aws-cloudfront 15): RFC 4648 4 with `-`, `_` and `~` where that has `+`,
// `=` and `/`. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::cdn {

std::string url_base64(std::string_view bytes);

/// Appends the bytes that a text stands for. False, and `out` is of no use, when it is not exactly what url_base64() makes.
bool from_url_base64(std::string_view text, std::string& out);

}  // namespace gatehouse::cdn
