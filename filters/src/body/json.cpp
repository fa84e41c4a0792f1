#include "body/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <string>
#include <vector>

namespace gatehouse::filters {

namespace {

namespace json = boost::json;

// The parser keeps a few hundred bytes of stack for each level.
constexpr std::uint32_t depth_safe = 4096;

}  // namespace

/// Boost.JSON's event parser and the handler that it calls. path_ is the name that the next value will have.
class JsonParser::Reader {
 public:
  Reader(BodySink& sink, const BodyLimits& limits)
      : parser_(options(limits), Events{sink, limits, {}, {}, {}, {}, 0, BodyError::none}) {}

  /// The first error that feeding `piece` met.
  BodyError feed(std::string_view piece, bool more) {
    if (piece.find_first_not_of(" \t\r\n") != std::string_view::npos) seen_ = true;
    json::error_code code;
    const std::size_t used = parser_.write_some(more, piece.data(), piece.size(), code);
    if (!code && used < piece.size()) return BodyError::malformed;  // something after the document
    if (!code) return BodyError::none;
    if (parser_.handler().error != BodyError::none) return parser_.handler().error;
    if (code == json::error::too_deep) return BodyError::too_deep;
    return code == json::error::incomplete ? BodyError::truncated : BodyError::malformed;
  }
  bool seen() const noexcept { return seen_; }

 private:
  struct Level {
    std::size_t path_size;      // of the name outside
    std::size_t segment_start;  // of the last segment of the name outside
  };

  struct Events {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    BodySink& sink;
    BodyLimits limits;
    std::string path;
    std::string text;  // a string, key or number that came in parts
    std::vector<Level> levels;
    std::vector<std::size_t> bases;  // for each open object: where its members' names begin
    std::size_t segment{0};
    BodyError error{BodyError::none};
    std::uint32_t arguments{0};

    bool stop(BodyError why, json::error_code& code) {
      error = why;
      code = json::error::syntax;
      return false;
    }
    bool value(std::string_view is, json::error_code& code) {
      if (++arguments > limits.arguments_max) return stop(BodyError::too_many_arguments, code);
      sink.argument(levels.empty() ? std::string_view("json") : path, is);
      return true;
    }
    bool part(std::string_view piece, json::error_code& code) {
      if (text.size() + piece.size() > limits.value_bytes_max) return stop(BodyError::too_large, code);
      text.append(piece);
      return true;
    }
    /// The last piece of a text; a text of one piece is not copied.
    bool last(std::string_view piece, json::error_code& code) {
      if (text.empty()) return piece.size() > limits.value_bytes_max ? stop(BodyError::too_large, code) : value(piece, code);
      const bool good = part(piece, code) && value(text, code);
      text.clear();
      return good;
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
      if (!levels.empty()) path += '.';
      bases.push_back(path.size());
      levels.push_back({path.size() - (levels.empty() ? 0 : 1), segment});
      return true;
    }
    bool on_object_end(std::size_t, json::error_code&) { return bases.pop_back(), leave(); }
    bool on_array_begin(json::error_code& code) {
      const Level outside{path.size(), segment};
      if (levels.empty()) path = "array";
      const std::size_t segment_size = path.size() - segment;
      if (path.size() + 1 + segment_size > limits.name_bytes_max) return stop(BodyError::too_large, code);
      path += '.';
      path.append(path, segment, segment_size);
      segment = path.size() - segment_size;
      levels.push_back(outside);
      return true;
    }
    bool on_array_end(std::size_t, json::error_code&) { return leave(); }
    bool leave() {
      path.resize(levels.back().path_size);
      segment = levels.back().segment_start;
      levels.pop_back();
      return true;
    }
    bool on_key_part(std::string_view piece, std::size_t, json::error_code& code) { return part(piece, code); }
    bool on_key(std::string_view piece, std::size_t, json::error_code& code) {
      if (!part(piece, code)) return false;
      path.resize(bases.back());
      segment = path.size();
      if (path.size() + text.size() > limits.name_bytes_max) return stop(BodyError::too_large, code);
      path += text;
      text.clear();
      return true;
    }
    bool on_string_part(std::string_view piece, std::size_t, json::error_code& code) { return part(piece, code); }
    bool on_string(std::string_view piece, std::size_t, json::error_code& code) { return last(piece, code); }
    bool on_number_part(std::string_view piece, json::error_code& code) { return part(piece, code); }
    bool on_int64(std::int64_t, std::string_view piece, json::error_code& code) { return last(piece, code); }
    bool on_uint64(std::uint64_t, std::string_view piece, json::error_code& code) { return last(piece, code); }
    bool on_double(double, std::string_view piece, json::error_code& code) { return last(piece, code); }
    bool on_bool(bool is, json::error_code& code) { return value(is ? "true" : "false", code); }
    bool on_null(json::error_code& code) { return value("", code); }
    bool on_comment_part(std::string_view, json::error_code&) { return true; }
    bool on_comment(std::string_view, json::error_code&) { return true; }
  };

  static json::parse_options options(const BodyLimits& limits) {
    json::parse_options chosen;
    chosen.max_depth = std::min(limits.depth_max, depth_safe);
    return chosen;
  }

  json::basic_parser<Events> parser_;
  bool seen_{false};
};

JsonParser::JsonParser(BodySink& sink, const BodyLimits& limits) : reader_(std::make_unique<Reader>(sink, limits)) {}

JsonParser::~JsonParser() = default;

bool JsonParser::feed(std::string_view piece) {
  if (error() != BodyError::none) return false;
  if (piece.empty()) return true;
  const BodyError met = reader_->feed(piece, true);
  return met == BodyError::none || fail(met);
}

bool JsonParser::finish() {
  if (error() != BodyError::none) return false;
  // An empty body is no document, but nothing an origin could misread either: no error, as in ModSecurity v2.
  if (!reader_->seen()) return true;
  const BodyError met = reader_->feed({}, false);
  return met == BodyError::none || fail(met);
}

}  // namespace gatehouse::filters
