// gatehouse cache: what a running gateway has stored. `cache explain URL` says what there is for a URL, until when and why, and
// with -H what a request with such fields gets of it;
// `cache status` how full it is.
#include <boost/json.hpp>
#include <cmath>
#include <iostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/admin_options.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;

struct ExplainOptions : AdminOptions {
  std::string url;
  std::vector<std::string> headers;
};

std::string encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::int64_t number(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return 0;
  json::error_code error;
  return value->to_number<std::int64_t>(error);
}

std::string words(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  const bool some = value != nullptr && value->is_string() && !value->get_string().empty();
  return some ? cell(std::string_view(value->get_string())) : std::string();
}

std::string seconds_text(std::int64_t seconds) {
  return seconds < 0 ? "-" + duration_text(static_cast<std::uint64_t>(-seconds)) : duration_text(static_cast<std::uint64_t>(seconds));
}

/// How long it may be used, in one line.
std::string use_of(const json::object& object) {
  const std::int64_t ttl = number(object, "ttl");
  const std::string state = words(object, "state");
  const std::string from = words(object, "lifetime_from");
  std::string out = state;
  if (state == "fresh") out += " for " + seconds_text(ttl);
  if (state == "stale") out += " since " + seconds_text(-ttl);
  out += " (age " + seconds_text(number(object, "age")) + " of " + seconds_text(number(object, "lifetime")) + ", " +
         (from == "heuristic" ? "guessed from Last-Modified" : from == "explicit" ? "as the origin said" : from == "policy" ? "as the policy says" : "no lifetime") + ")";
  return out;
}

/// What responses are told apart by beside their URL, a line each.
void print_key(const json::object& object, std::ostream& out) {
  const json::value* const key = object.if_contains("key");
  if (key == nullptr || !key->is_array()) return;
  for (const json::value& entry : key->get_array()) {
    const json::object& part = entry.as_object();
    const std::string name = words(part, "name");
    out << "    key      " << words(part, "kind") << (name.empty() ? "" : " " + name);
    out << (part.at("value").is_null() ? ": none" : ": " + words(part, "value")) << '\n';
  }
}

/// What a request gets, and why.
void print_request(const json::object& request, std::ostream& out) {
  out << "  such a request at " << words(request, "listener") << ", behavior " << words(request, "behavior") << ", policy "
      << words(request, "cache_policy") << '\n';
  print_key(request, out);
  out << "    gets     " << words(request, "result");
  if (!request.at("object").is_null()) out << ", object " << number(request, "object") + 1;
  out << ": " << words(request, "why") << '\n';
}

void print_object(const json::object& object, std::ostream& out) {
  out << "  " << words(object, "listener") << ": status " << number(object, "status") << ", " << number(object, "length") << " bytes"
      << (object.contains("complete") && object.at("complete").as_bool() ? "" : " so far, being filled") << '\n';
  out << "    use      " << use_of(object) << '\n';
  out << "    stored   " << time_text(static_cast<std::uint64_t>(number(object, "stored_at"))) << '\n';
  if (const std::int64_t window = number(object, "stale_while_revalidate")) {
    out << "    stale    for " << seconds_text(window) << " more while it is fetched anew\n";
  }
  if (const std::int64_t window = number(object, "stale_if_error")) {
    out << "    stale    for " << seconds_text(window) << " more when the origin fails\n";
  }
  if (object.contains("must_revalidate") && object.at("must_revalidate").as_bool()) {
    out << "    stale    never used\n";
  }
  if (!words(object, "vary").empty()) out << "    varies   by " << words(object, "vary") << ": " << words(object, "selector") << '\n';
  print_key(object, out);
  if (const std::int64_t tags = number(object, "tags")) out << "    tags     " << tags << '\n';
}

void print_explanation(const json::object& document, std::ostream& out) {
  out << words(document, "url") << '\n';
  const json::value* const objects = document.if_contains("objects");
  const json::value* const refusals = document.if_contains("not_stored");
  const bool none = objects == nullptr || !objects->is_array() || objects->get_array().empty();
  if (none) out << "  nothing is stored\n";
  if (!none) {
    for (const json::value& object : objects->get_array()) print_object(object.as_object(), out);
  }
  if (refusals != nullptr && refusals->is_array()) {
    for (const json::value& refusal : refusals->get_array()) {
      out << "  the last response was not stored; " << cell(std::string_view(refusal.as_string())) << '\n';
    }
  }
  const json::value* const requests = document.if_contains("requests");
  if (requests == nullptr || !requests->is_array()) return;
  for (const json::value& request : requests->get_array()) print_request(request.as_object(), out);
}

/// Asks, and shows what came as text by `show`, or as the document it is. With `body` it is a POST.
int ask(const AdminOptions& options, std::string target, std::string body, Output output, void (*show)(const json::object&, std::ostream&)) {
  AdminRequest request;
  request.admin = options.admin;
  request.method = body.empty() ? "GET" : "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  const auto reply = ask_admin(request);
  if (!reply) return fail(reply.error(), output);
  if (!reply->ok()) return fail(*reply, options, output);
  json::error_code error;
  const json::value document = json::parse(reply->body, error);
  if (error || !document.is_object()) return fail(*reply, options, output);
  if (wants_json(options)) {
    output.out << reply->body;
  } else {
    show(document.get_object(), output.out);
  }
  return 0;
}

void print_numbers(const json::object& document, std::ostream& out) {
  const auto lookups = static_cast<double>(number(document, "hits") + number(document, "misses"));
  const double share = lookups == 0 ? 0 : 100 * static_cast<double>(number(document, "hits")) / lookups;
  out << number(document, "objects") << " objects, " << number(document, "bytes") << " of " << number(document, "bytes_max") << " bytes\n"
      << number_text(std::round(share * 10) / 10) << " % of lookups found one; " << number(document, "inserted") << " stored, "
      << number(document, "evicted") << " evicted, " << number(document, "refused") << " too large\n";
}

void add_explain(Verb above) {
  auto options = std::make_shared<ExplainOptions>();
  Verb verb = above.verb("explain", "What is stored for a URL, until when, and why; or why it is not");
  verb.option("URL", options->url, "An absolute URL").required();
  verb.option("-H,--header", options->headers, "A field of a request, such as 'Accept-Language: en': says which stored response it gets").one_value_each();
  add_admin_options(verb, *options);
  verb.does([options] {
    const Output output{std::cout, std::cerr};
    if (options->headers.empty()) return ask(*options, "/v1/cache/objects/" + encode(options->url), {}, output, &print_explanation);
    json::object question;
    question["url"] = options->url;
    question["headers"] = json::array(options->headers.begin(), options->headers.end());
    return ask(*options, "/v1/cache/explain", json::serialize(question), output, &print_explanation);
  });
}

void add_numbers(Verb above) {
  auto options = std::make_shared<AdminOptions>();
  Verb verb = above.verb("status", "How full the cache is, and how often it has what is asked for");
  add_admin_options(verb, *options);
  verb.does([options] { return ask(*options, "/v1/cache", {}, Output{std::cout, std::cerr}, &print_numbers); });
}

}  // namespace

void add_cache(Verb above) {
  Verb verb = above.verb("cache", "What a running gateway has stored");
  verb.needs_verb();
  add_explain(verb);
  add_numbers(verb);
}

}  // namespace gatehouse::cli
