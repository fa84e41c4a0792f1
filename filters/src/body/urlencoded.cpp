#include "body/urlencoded.hpp"

#include "text/url.hpp"

namespace gatehouse::filters {

bool UrlencodedParser::feed(std::string_view piece) {
  if (error() != BodyError::none) return false;
  while (!piece.empty()) {
    const std::size_t end = piece.find(separator_);
    if (end == std::string_view::npos) {
      if (pending_.size() + piece.size() > limits_.value_bytes_max) return fail(BodyError::too_large);
      pending_.append(piece);
      return true;
    }
    // A pair that lies in one piece is read where it is.
    if (pending_.empty()) {
      if (!take(piece.substr(0, end))) return false;
    } else {
      pending_.append(piece.substr(0, end));
      if (!take_pending()) return false;
    }
    piece.remove_prefix(end + 1);
  }
  return true;
}

bool UrlencodedParser::finish() {
  if (error() != BodyError::none) return false;
  return pending_.empty() || take_pending();
}

bool UrlencodedParser::take_pending() {
  const bool taken = take(pending_);
  pending_.clear();
  return taken;
}

bool UrlencodedParser::take(std::string_view pair) {
  if (pair.size() > limits_.value_bytes_max) return fail(BodyError::too_large);
  if (++arguments_ > limits_.arguments_max) return fail(BodyError::too_many_arguments);
  const std::size_t equals = pair.find('=');
  const std::string_view name = pair.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  if (pair.find_first_of("%+") == std::string_view::npos) {
    sink_.argument(name, value);
    return true;
  }
  decoded_.resize(pair.size());
  const std::size_t name_size = text::url_decode(name, decoded_.data(), &bad_escape_);
  const std::size_t value_size = text::url_decode(value, decoded_.data() + name_size, &bad_escape_);
  const std::string_view decoded = decoded_;
  sink_.argument(decoded.substr(0, name_size), decoded.substr(name_size, value_size));
  return true;
}

BodyError parse_urlencoded(std::string_view text, BodySink& sink, const BodyLimits& limits, char separator) {
  UrlencodedParser parser(sink, limits, separator);
  if (parser.feed(text)) parser.finish();
  return parser.error();
}

}  // namespace gatehouse::filters
