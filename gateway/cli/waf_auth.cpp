#include "gateway/cli/waf_auth.hpp"

#include <algorithm>
#include <array>

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::cli {
namespace {

// In the order of preference. X-Original-URL (ingress-nginx) is a whole URL.
constexpr std::array<std::string_view, 2> method_fields{"x-forwarded-method", "x-original-method"};
constexpr std::array<std::string_view, 3> target_fields{"x-forwarded-uri", "x-original-uri", "x-original-url"};
constexpr std::array<std::string_view, 1> host_fields{"x-forwarded-host"};
constexpr std::array<std::string_view, 2> client_fields{"x-real-ip", "x-forwarded-for"};
constexpr std::array<std::string_view, 3> other_fields{"x-forwarded-proto", "x-forwarded-port", "x-forwarded-server"};

template <class Names>
std::string first_of(const WafRequest& call, const Names& names) {
  for (const std::string_view name : names) {
    const std::string* const value = call.find(name);
    if (value != nullptr && !value->empty()) return *value;
  }
  return {};
}

template <class Names>
void drop(WafRequest& call, const Names& names) {
  std::erase_if(call.fields, [&](const auto& field) {
    return std::ranges::any_of(names, [&](std::string_view name) { return filters::same_letters(field.first, name); });
  });
}

/// The target of a whole URL; a target stays as it is.
std::string target_of(std::string text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos || text.starts_with('/')) return text;
  const std::size_t path = text.find('/', scheme + 3);
  return path == std::string::npos ? "/" : text.substr(path);
}

/// The last address of a list is the one that the proxy that calls has seen itself.
std::string last_of(const std::string& list) {
  const std::size_t comma = list.rfind(',');
  std::string out = comma == std::string::npos ? list : list.substr(comma + 1);
  std::erase(out, ' ');
  return out;
}

}  // namespace

WafRequest described_request(WafRequest call, std::string_view path_prefix) {
  const std::string method = first_of(call, method_fields);
  const std::string target = first_of(call, target_fields);
  const std::string host = first_of(call, host_fields);
  const std::string client = last_of(first_of(call, client_fields));
  if (!method.empty()) call.method = method;
  if (!target.empty()) {
    call.target = target_of(target);
  } else if (!path_prefix.empty() && std::string_view(call.target).starts_with(path_prefix)) {
    call.target.erase(0, path_prefix.size());
    if (!call.target.starts_with('/')) call.target.insert(0, 1, '/');
  }
  if (filters::parse_address(client)) call.client = client;
  drop(call, method_fields);
  drop(call, target_fields);
  drop(call, host_fields);
  drop(call, client_fields);
  drop(call, other_fields);
  if (!host.empty()) {
    drop(call, std::array<std::string_view, 1>{"host"});
    call.fields.insert(call.fields.begin(), {"Host", host});
  }
  // A call without the content it is about has no length either; rules would take that for an attack.
  const bool content_method = call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
  if (call.body.empty() && content_method) {
    drop(call, std::array<std::string_view, 2>{"content-length", "transfer-encoding"});
    call.fields.emplace_back("Content-Length", "0");
  }
  call.label = call.method + " " + call.target;
  return call;
}

}  // namespace gatehouse::cli
