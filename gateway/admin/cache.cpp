// /v1/cache: how full it is; /v1/cache/objects/{url}: what is stored for a URL and why; POST /v1/cache/explain: also which of it
// a request with certain fields gets; POST /v1/cache/purge: makes URLs,
// prefixes, hosts, tags, paths or everything go at once. A purge costs the same for any number of objects, and when the answer
// comes nobody gets what was purged.
#include <algorithm>
#include <boost/json.hpp>

#include "gateway/admin/body.hpp"
#include "gateway/admin/resources.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/cache_view.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t purges_max = 1000;  // in one call

Answer no_cache() {
  return problem(409, "there is no cache: give a listener `behaviors` and the configuration a `cache.policies` entry");
}

/// The text of one purge in its normal form; empty when it is none.
std::string normal(std::string_view kind, const std::string& text) {
  if (kind == "tag" || text.empty()) return text;
  if (kind == "host") {
    std::string host = text;
    for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return host.find('/') == std::string::npos ? host : std::string();
  }
  return proxy::normalised_url(text).value_or(std::string());
}

struct Member {
  std::string_view name;
  std::string_view kind;
  std::string_view form;
};
constexpr Member members[]{{"urls", "url", "an absolute URL such as \"https://shop.example/a?b=1\""},
                           {"prefixes", "prefix", "an absolute URL whose path begins those to purge, such as \"https://shop.example/img/\""},
                           {"hosts", "host", "a host name, with its port when that is not the scheme's own"},
                           {"tags", "tag", "a tag of Surrogate-Key or Cache-Tag"}};

void read_list(const json::object& body, const Member& member, std::vector<CachePurge>& out, BodyErrors& errors) {
  const json::value* const list = body.if_contains(member.name);
  if (list == nullptr) return;
  if (!list->is_array()) return errors.add(member.name, std::string(member.name) + " must be a list of texts");
  for (const json::value& item : list->get_array()) {
    const std::string text = item.is_string() ? normal(member.kind, std::string(item.get_string())) : std::string();
    if (text.empty()) return errors.add(member.name, "each of " + std::string(member.name) + " must be " + std::string(member.form));
    out.push_back({std::string(member.kind), text});
  }
}

/// Items of a CloudFront invalidation (aws-cloudfront 14): a path, one that ends with *, or a tag behind a #.
void read_paths(const json::object& body, std::vector<CachePurge>& out, BodyErrors& errors) {
  constexpr std::size_t path_max = 4000;
  constexpr std::string_view form = "each of paths must be a path such as \"/img/logo.svg\" or \"/img/*\", or a tag such as \"#product-4711\"";
  const json::value* const list = body.if_contains("paths");
  if (list == nullptr) return;
  if (!list->is_array()) return errors.add("paths", "paths must be a list of texts");
  for (const json::value& item : list->get_array()) {
    const std::string text = item.is_string() ? std::string(item.get_string()) : std::string();
    const std::size_t star = text.find('*');
    if (text.size() > 1 && text.front() == '#') {
      out.push_back({"tag", text.substr(1)});
    } else if (!text.starts_with('/') || text.size() > path_max || (star != std::string::npos && star + 1 != text.size())) {
      return errors.add("paths", std::string(form));
    } else if (star == std::string::npos) {
      out.push_back({"path", text});
    } else {
      out.push_back({"path_start", text.substr(0, star)});
    }
  }
}

bool read_flag(const json::object& body, std::string_view name, BodyErrors& errors) {
  const json::value* const flag = body.if_contains(name);
  if (flag == nullptr) return false;
  if (!flag->is_bool()) errors.add(name, std::string(name) + " must be true or false");
  return flag->is_bool() && flag->get_bool();
}

}  // namespace

void get_cache(const Call& call) {
  const auto view = call.control.cache();
  if (!view) return call.done(no_cache());
  json::object document;
  document["objects"] = view->objects;
  document["bytes"] = view->bytes;
  document["bytes_max"] = view->bytes_max;
  document["hits"] = view->hits;
  document["misses"] = view->misses;
  document["inserted"] = view->inserted;
  document["evicted"] = view->evicted;
  document["refused"] = view->refused;
  call.done(json_answer(document));
}

namespace {

void explain(const Call& call, const std::string& url, const std::vector<std::string>* fields) {
  if (!call.control.cache()) return call.done(no_cache());
  auto explanation = call.control.explain_cache(url, fields);
  if (!explanation) {
    return call.done(problem(422, "\"" + url + "\" is no absolute URL: write it with scheme and host, percent-encoded"));
  }
  Answer answer;
  answer.body = std::move(*explanation) + "\n";
  call.done(std::move(answer));
}

/// Whether a text is a field as it may stand in a request.
bool is_field(std::string_view text) noexcept {
  constexpr std::size_t field_max = 8192;
  const std::size_t colon = text.find(':');
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
  return colon != 0 && colon != std::string_view::npos && text.size() <= field_max && http::is_token(text.substr(0, colon)) &&
         std::ranges::none_of(text, control);
}

}  // namespace

void get_cached_url(const Call& call) { explain(call, call.path[0], nullptr); }

void post_explain(const Call& call) {
  constexpr std::size_t fields_max = 100;
  const auto body = read_object(call.request, {"url", "headers"});
  if (!body) return call.done(body.error());
  BodyErrors errors;
  std::vector<std::string> fields;
  const json::value* const url = body->if_contains("url");
  if (url == nullptr || !url->is_string()) errors.add("url", "url must be an absolute URL");
  if (const json::value* const headers = body->if_contains("headers")) {
    const bool list = headers->is_array() && headers->get_array().size() <= fields_max;
    if (!list) errors.add("headers", "headers must be a list of at most " + std::to_string(fields_max) + " texts such as \"Accept-Language: en\"");
    for (const json::value& item : list ? headers->get_array() : json::array()) {
      if (item.is_string() && is_field(std::string_view(item.get_string()))) {
        fields.emplace_back(item.get_string());
      } else {
        errors.add("headers", "each of headers must be a field such as \"Accept-Language: en\"");
      }
    }
  }
  if (!errors.empty()) return call.done(errors.answer());
  explain(call, std::string(url->get_string()), &fields);
}

void post_purge(const Call& call) {
  const auto body = read_object(call.request, {"urls", "prefixes", "hosts", "tags", "paths", "all", "soft"});
  if (!body) return call.done(body.error());
  BodyErrors errors;
  std::vector<CachePurge> purges;
  for (const Member& member : members) read_list(*body, member, purges, errors);
  read_paths(*body, purges, errors);
  if (read_flag(*body, "all", errors)) purges.push_back({"all", {}});
  const bool soft = read_flag(*body, "soft", errors);
  if (errors.empty() && purges.empty()) errors.add("", "nothing to purge: give urls, prefixes, hosts, tags, paths, or \"all\": true");
  if (purges.size() > purges_max) errors.add("", "at most " + std::to_string(purges_max) + " purges in one call");
  if (!errors.empty()) return call.done(errors.answer());
  // By value: the call is gone when the disk takes its time.
  call.control.purge(purges, soft, [done = call.done, count = purges.size(), soft](bool purged) {
    if (!purged) return done(no_cache());
    json::object document;
    document["purged"] = count;
    document["mode"] = soft ? "soft" : "hard";
    done(json_answer(document));
  });
}

}  // namespace gatehouse::admin
