// Several ranges of one stored response: the content of a 206 multipart/byteranges (RFC 9110 14.6, 15.3.7.2), of which the parts
// lie in the store and the texts around them in the exchange's scratch.
#pragma once

#include <memory>

#include "gateway/cache/object.hpp"
#include "gateway/http/ranges.hpp"
#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/stored_fetch.hpp"

namespace gatehouse::proxy {

/// Makes `head`, the stored response's, that of the 206, and gives its content. Null, and the head as it was, where the whole is
/// the better answer: for many tiny parts, and while what comes later than others in the content is asked for before them and has
/// not arrived.
std::unique_ptr<GatheredFetch> make_multipart(Passage& passage, const cache::Object& object, const http::ByteRanges& ranges,
                                              http::Response& head);

}  // namespace gatehouse::proxy
