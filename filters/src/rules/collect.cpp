// Run: what a request's head and body put into the fields.
#include "body/urlencoded.hpp"
#include "core/ascii.hpp"
#include "rules/run.hpp"
#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

/// Receives the arguments of a query string.
class QuerySink final : public BodySink {
 public:
  using Add = void (*)(void* context, std::string_view name, std::string_view value);
  QuerySink(Add add, void* context) noexcept : add_(add), context_(context) {}
  void argument(std::string_view name, std::string_view value) override { add_(context_, name, value); }

 private:
  Add add_;
  void* context_;
};

/// A request target without scheme and authority (RFC 9112 3.2.2 allows them).
std::string_view without_authority(std::string_view target) noexcept {
  if (target.empty() || target.front() == '/') return target;
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return target;
  const std::size_t path = target.find_first_of("/?#", colon + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

/// A path with its %XX undone, once, the way ModSecurity 2 finds it in its server. Anything else stays.
std::string_view decoded_path(std::string_view path, Arena& arena) {
  if (path.find('%') == std::string_view::npos) return path;
  char* text = arena.room(path.size());
  char* end = text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? text::hex_value(path[i + 1]) : -1;
    const int low = high < 0 ? -1 : text::hex_value(path[i + 2]);
    *end++ = low < 0 ? path[i] : static_cast<char>(high * 16 + low);
    i += low < 0 ? 0 : 2;
  }
  return {text, static_cast<std::size_t>(end - text)};
}

}  // namespace

void Run::add(Field field, std::string_view key, std::string_view text) {
  if (holds(program_->wanted, field)) values_.add(field, key, text);
}

std::string_view Run::number_text(std::uint64_t number) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return arena_.copy({text, static_cast<std::size_t>(end - text)});
}

void Run::add_number(Field field, std::string_view key, std::uint64_t number) {
  if (holds(program_->wanted, field)) values_.add(field, key, number_text(number));
}

void Run::add_target(std::string_view target) {
  add(Field::request_uri_raw, {}, target);
  const std::string_view uri = without_authority(target);
  add(Field::request_uri, {}, uri);
  const std::string_view resource = uri.substr(0, uri.find('#'));
  const std::size_t mark = resource.find('?');
  const std::string_view path = decoded_path(resource.substr(0, mark), arena_);
  add(Field::request_filename, {}, path);
  // A backslash separates too, as it does for servers on Windows.
  const std::size_t slash = path.find_last_of("/\\");
  add(Field::request_basename, {}, slash == std::string_view::npos ? path : path.substr(slash + 1));
  const std::string_view query = mark == std::string_view::npos ? std::string_view() : resource.substr(mark + 1);
  add(Field::query_string, {}, query);
  add_query(query);
}

void Run::add_query(std::string_view query) {
  if (query.empty()) return;
  QuerySink sink(
      [](void* context, std::string_view name, std::string_view value) {
        Run& run = *static_cast<Run*>(context);
        const std::string_view kept = run.arena_.copy(name);
        run.add(Field::args_get, kept, run.arena_.copy(value));
        run.add(Field::args_get_names, kept, kept);
      },
      this);
  BodyLimits limits;
  limits.arguments_max = program_->settings.arguments_limit;
  parse_urlencoded(query, sink, limits, program_->settings.argument_separator);
}

void Run::add_cookies(std::string_view header) {
  // Version-0 cookies: pairs split at semicolons, nothing is decoded or unquoted.
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trimmed(header.substr(0, end));
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view name = trimmed(pair.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : trimmed(pair.substr(equals + 1));
    add(Field::request_cookies, name, value);
    add(Field::request_cookies_names, name, name);
  }
}

void Run::add_request(const RequestView& request) {
  std::string_view target = request.target;
  if (target.empty()) {
    target = request.path;
    if (!request.query.empty()) {
      char* text = arena_.room(request.path.size() + 1 + request.query.size());
      char* end = std::copy(request.path.begin(), request.path.end(), text);
      *end++ = '?';
      end = std::copy(request.query.begin(), request.query.end(), end);
      target = {text, static_cast<std::size_t>(end - text)};
    }
  }
  add(Field::request_method, {}, request.method);
  // RFC 1945 4.1: a request line without a version is that of HTTP/0.9.
  add(Field::request_protocol, {}, request.version.empty() ? std::string_view("HTTP/0.9") : request.version);
  if (!request.line.empty()) {
    add(Field::request_line, {}, request.line);
  } else if (holds(program_->wanted, Field::request_line)) {
    const std::size_t tail = request.version.empty() ? 0 : 1 + request.version.size();
    const std::size_t size = request.method.size() + 1 + target.size() + tail;
    char* text = arena_.room(size);
    char* end = std::copy(request.method.begin(), request.method.end(), text);
    *end++ = ' ';
    end = std::copy(target.begin(), target.end(), end);
    if (tail != 0) *end++ = ' ';
    std::copy(request.version.begin(), request.version.end(), end);
    add(Field::request_line, {}, {text, size});
  }
  add_target(target);
  request.fields.each([this](const FieldView& field) {
    add(Field::request_headers, field.name, field.value);
    add(Field::request_headers_names, field.name, field.name);
    if (same_letters(field.name, "cookie")) add_cookies(field.value);
    if (content_type_.data() == nullptr && same_letters(field.name, "content-type")) content_type_ = field.value;
    if (same_letters(field.name, "content-encoding")) codings_.add(field.value);
  });
  add(Field::server_name, {}, request.host);
  add(Field::remote_addr, {},
      request.client_text.empty() ? arena_.copy(to_string(request.client)) : request.client_text);
}

void Run::add_response(const ResponseView& response) {
  const EngineSettings& settings = program_->settings;
  add_number(Field::response_status, {}, response.status);
  add(Field::response_protocol, {}, response.protocol);
  std::string_view type;
  Codings codings;
  response.fields.each([&](const FieldView& field) {
    if (same_letters(field.name, "content-type")) type = field.value;
    if (same_letters(field.name, "content-encoding")) codings.add(field.value);
    if (same_letters(field.name, "content-length")) add(Field::response_content_length, {}, field.value);
  });
  type = trimmed(type.substr(0, type.find(';')));
  add(Field::response_content_type, {}, type);
  const auto& types = settings.response_mime_types;
  response_type_listed_ = std::any_of(types.begin(), types.end(), [&](const std::string& each) { return same_letters(each, type); });
  const bool decodes = settings.response_decompression.on && response_access_ && response_type_listed_ && codings.known() && !codings.none();
  if (decodes) response_text_.decode(codings, settings.response_decompression);
  response.fields.each([&](const FieldView& field) {
    // Rules that leave coded content alone shall see that this is not coded any more.
    if (decodes && same_letters(field.name, "content-encoding")) return;
    add(Field::response_headers, field.name, field.value);
    add(Field::response_headers_names, field.name, field.name);
  });
}

void Run::choose_body_format(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (same_letters(type, "application/x-www-form-urlencoded")) body_.choose(BodyFormat::urlencoded, content_type);
  if (same_letters(type, "multipart/form-data")) body_.choose(BodyFormat::multipart, content_type);
}

void Run::add_multipart_flags() {
  const MultipartFlags* flags = body_.multipart_flags();
  const MultipartFlags none;
  const MultipartFlags& f = flags == nullptr ? none : *flags;
  const auto put = [this](std::string_view key, bool on) { add(Field::multipart_flags, key, on ? "1" : "0"); };
  put("strict_error", f.strict_error() || (flags != nullptr && body_.failed()));
  put("unmatched_boundary", f.unmatched_boundary);
  put("boundary_quoted", f.boundary_quoted);
  put("boundary_whitespace", f.boundary_whitespace);
  put("data_before", f.data_before);
  put("data_after", f.data_after);
  put("header_folding", f.header_folding);
  put("lf_line", f.lf_line);
  put("crlf_lf_lines", f.crlf_lf_lines);
  put("missing_semicolon", f.missing_semicolon);
  put("semicolon_missing", f.missing_semicolon);
  put("invalid_quoting", f.invalid_quoting);
  put("invalid_part", f.invalid_part);
  put("invalid_header_folding", f.invalid_header_folding);
  put("file_limit_exceeded", f.file_limit_exceeded);
}

void Run::add_body() {
  for (const auto& argument : body_.arguments()) {
    add(Field::args_post, argument.name, argument.value);
    add(Field::args_post_names, argument.name, argument.name);
  }
  for (const auto& header : body_.part_headers()) add(Field::multipart_part_headers, header.name, header.value);
  std::uint64_t file_bytes = 0;
  for (const auto& file : body_.files()) {
    add(Field::files, file.field, file.name);
    add(Field::files_names, file.field, file.field);
    add_number(Field::files_sizes, file.field, file.bytes);
    file_bytes += file.bytes;
  }
  add_number(Field::files_combined_size, {}, file_bytes);
  if (body_.has_xml()) add(Field::xml_text, {}, body_.xml_text());
  for (const auto& attribute : body_.xml_attributes()) add(Field::xml_attributes, attribute.name, attribute.value);
  if (holds(program_->wanted, Field::multipart_flags)) add_multipart_flags();

  std::uint64_t arguments = 0;
  for (const Field field : {Field::args_get, Field::args_post}) {
    for (const Value* each = values_.first(field); each != nullptr; each = values_.next(*each)) {
      arguments += each->key.size() + each->text.size();
    }
  }
  add_number(Field::args_combined_size, {}, arguments);
  add_number(Field::request_body_length, {}, body_.bytes());
  add(Field::reqbody_error, {}, body_.failed() ? "1" : "0");
  add(Field::reqbody_error_msg, {}, body_.failed() ? body_.error_text() : std::string_view());
  add(Field::urlencoded_error, {}, body_.bad_escape() ? "1" : "0");
  // ModSecurity 2 has the raw body only when it parsed a form, or was told to.
  const bool raw = body_.format() == BodyFormat::urlencoded || force_request_variable_;
  if (raw && body_.bytes() != 0) add(Field::request_body, {}, body_.raw());
}

}  // namespace gatehouse::filters
