// Responses and objects for the tests of the cache's storage.
#pragma once

#include <initializer_list>
#include <list>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/cache/object.hpp"

namespace gatehouse::cache::test {

/// A response head with the text that it is a view of.
class Head {
 public:
  explicit Head(std::uint16_t status = 200) { response.status = status; }
  Head& with(std::string_view name, std::string_view value) {
    const std::string& line = lines_.emplace_back(std::string(name) + ": " + std::string(value) + "\r\n");
    http::Field field;
    field.line = line.data();
    field.name_size = static_cast<std::uint16_t>(name.size());
    field.value_offset = static_cast<std::uint16_t>(name.size() + 2);
    field.value_size = static_cast<std::uint32_t>(value.size());
    field.kind = http::field_kind(name);
    field.canonical = true;
    response.fields.push(field);
    return *this;
  }
  http::Response response;

 private:
  std::list<std::string> lines_;
};

inline BodyRef body_of(std::string_view content) {
  BodyRef body = Body::make(content.size());
  if (content.empty()) return body;
  body->append(content);
  body->finish();
  return body;
}

inline Key key_of(std::string_view url) { return make_key(Secret{1, 2}, {url}); }

/// An object of a URL with a few fields.
inline ObjectRef object_of(std::string_view url, BodyRef body, ObjectSpec spec = {}) {
  Head head;
  head.with("content-type", "text/css").with("etag", "\"abc\"").with("cache-control", "max-age=60");
  spec.key = key_of(url);
  spec.key_text = url;
  return Object::make(head.response, spec, std::move(body));
}

}  // namespace gatehouse::cache::test
