// Requests and responses made of lines such as `Cache-Control: no-store`, for tests of pure functions. Behind the colon stands
// one space. The text lives as long as the message.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/date.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::testing {

using Lines = std::vector<std::string>;

template <class Message>
class Made {
 public:
  explicit Made(Lines lines) : lines_(std::move(lines)), message_(std::make_unique<Message>()) {
    for (std::string& line : lines_) {
      line += "\r\n";
      http::Field field;
      field.line = line.data();
      field.name_size = static_cast<std::uint16_t>(line.find(':'));
      field.value_offset = static_cast<std::uint16_t>(field.name_size + 2);
      field.value_size = static_cast<std::uint32_t>(line.size() - field.value_offset - 2);
      field.kind = http::field_kind(field.name());
      message_->fields.push(field);
    }
  }
  Message& operator*() const { return *message_; }
  Message* operator->() const { return message_.get(); }

 private:
  Lines lines_;
  std::unique_ptr<Message> message_;
};

/// A GET of `/dir/page?q=1` with these fields.
inline Made<http::Request> request(Lines lines = {}) {
  Made<http::Request> made(std::move(lines));
  made->method = http::Method::get;
  made->method_text = "GET";
  made->path = "/dir/page";
  made->query = "q=1";
  made->has_query = true;
  return made;
}

inline Made<http::Request> request(http::Method method, std::string_view text, Lines lines = {}) {
  Made<http::Request> made = request(std::move(lines));
  made->method = method;
  made->method_text = text;
  return made;
}

inline Made<http::Response> response(Lines lines = {}, std::uint16_t status = 200) {
  Made<http::Response> made(std::move(lines));
  made->status = status;
  made->body = {http::BodyKind::chunked, 0};
  return made;
}

inline constexpr std::int64_t now_s = 1790000000;  // September 2026
inline constexpr std::int64_t now_ms = now_s * 1000;

/// IMF-fixdate of now and so many seconds.
inline std::string date(std::int64_t seconds = 0) {
  std::array<char, http::date_size> text;
  http::write_date(now_s + seconds, text);
  return {text.data(), text.size()};
}

inline std::vector<std::string> kept(const http::FieldList& fields) {
  std::vector<std::string> out;
  for (const http::Field& field : fields.all()) {
    if (!field.dropped) out.push_back(std::string(field.name()) + ": " + std::string(field.value()));
  }
  return out;
}

}  // namespace gatehouse::testing
