// UrlencodedParser: application/x-www-form-urlencoded bodies. Names and values are decoded (+ and %XX; a broken %
// sequence stays as it is). `a` alone is a name with an empty value, `=v` has an empty name, and so has an empty piece
// before a separator, as in ModSecurity v2; nothing after the last separator is nothing.
#pragma once

#include <string>

#include "body/sink.hpp"

namespace gatehouse::filters {

class UrlencodedParser final : public BodyParser {
 public:
  UrlencodedParser(BodySink& sink, const BodyLimits& limits, char separator = '&')
      : sink_(sink), limits_(limits), separator_(separator) {}
  bool feed(std::string_view piece) override;
  bool finish() override;
  /// True if a % sequence was broken; ModSecurity's URLENCODED_ERROR.
  bool bad_escape() const noexcept { return bad_escape_; }

 private:
  bool take(std::string_view pair);
  bool take_pending();

  BodySink& sink_;
  BodyLimits limits_;
  char separator_;
  bool bad_escape_{false};
  std::uint32_t arguments_{0};
  std::string pending_;  // the start of a pair that goes on in the next piece
  std::string decoded_;
};

/// The same for text that is there as a whole, such as a query string: what feed() and finish() would leave in error().
BodyError parse_urlencoded(std::string_view text, BodySink& sink, const BodyLimits& limits, char separator = '&');

}  // namespace gatehouse::filters
