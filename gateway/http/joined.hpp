// Joined: texts one after the other with a separator between them, in room of the caller that is large enough for all. Pure.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace gatehouse::http {

class Joined {
 public:
  Joined(std::span<char> room, std::string_view separator) noexcept : begin_(room.data()), at_(begin_), separator_(separator) {}
  void add(std::string_view text) noexcept {
    if (at_ != begin_) at_ = std::copy(separator_.begin(), separator_.end(), at_);
    at_ = std::copy(text.begin(), text.end(), at_);
  }
  std::string_view text() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

 private:
  char* begin_;
  char* at_;
  std::string_view separator_;
};

}  // namespace gatehouse::http
