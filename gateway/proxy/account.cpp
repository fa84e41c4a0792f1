// Step 8, account: the exchange becomes counts and a line of the access log. Both are made from the decision trail and
// the account the earlier steps kept; nothing here waits, locks or allocates.
#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

std::string_view protocol(const http::Request& request) noexcept {
  if (request.method_text.empty()) return {};
  return request.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string_view value_of(const http::Request& request, http::FieldKind kind) noexcept {
  const http::Field* const field = request.fields.first(kind);
  return field == nullptr ? std::string_view() : field->value();
}

void describe_request(const Passage& passage, observe::AccessRecord& record) {
  const http::Request& request = passage.x.request;
  const exchange::Connection& connection = *passage.x.connection;
  record.method = request.method_text;
  record.host = request.authority;
  record.path = passage.asked_path.empty() ? request.path : passage.asked_path;
  // As it came: policies may have taken parameters away.
  const std::size_t query = request.target.find('?');
  record.has_query = query != std::string_view::npos;
  record.query = record.has_query ? request.target.substr(query + 1) : std::string_view();
  record.protocol = protocol(request);
  record.user_agent = value_of(request, http::FieldKind::user_agent);
  record.referer = value_of(request, http::FieldKind::referer);
  record.tls_version = connection.tls_version;
  record.tls_cipher = connection.tls_cipher;
  record.server_name = connection.server_name;
}

void count(const Caching& caching, std::uint64_t bytes_out, observe::RouteSeries& route) {
  route.cache[static_cast<unsigned>(caching.result)].add();
  const bool from_cache = caching.result == CacheResult::hit || caching.result == CacheResult::stale ||
                          caching.result == CacheResult::collapsed || caching.result == CacheResult::revalidated;
  if (from_cache) route.bytes_cached.add(bytes_out);
}

}  // namespace

void Proxy::account(Passage& passage) {
  Exchange& x = passage.x;
  const exchange::Account& account = x.account;
  const std::uint64_t now = worker_.clock().steady_ns();
  const std::uint64_t duration = now - x.trail.began_ns();
  x.trail.note(now, Decision::finished, account.bytes_out);
  const observe::SeriesId series = passage.refused ? passage.listener.refused_series : passage.route->series;
  observe::RouteSeries& route = metrics_.route(series);
  route.finished(account.status, duration, account.bytes_in, account.bytes_out);
  if (passage.caching) count(*passage.caching, account.bytes_out, route);
  if (account.reason != Errc::none) {
    route.fault(static_cast<unsigned>(account.reason_side), static_cast<unsigned>(account.reason));
  }
  if (passage.snapshot.access_log) log(passage, duration);
}

void Proxy::log(const Passage& passage, std::uint64_t duration_ns) {
  const Exchange& x = passage.x;
  observe::AccessRecord record;
  record.wall_ns = worker_.clock().wall_ns() - duration_ns;
  record.request_id = passage.request_id;
  char room[net::Address::text_max];
  record.client = passage.client().write(room);
  record.listener = passage.listener.config->name;
  record.status = x.account.status;
  record.bytes_in = x.account.bytes_in;
  record.bytes_out = x.account.bytes_out;
  record.retries = x.account.retries;
  record.duration_ns = duration_ns;
  if (!passage.refused) record.route = passage.route->name;
  if (passage.group != nullptr) record.target_group = passage.group->group.name();
  if (passage.endpoint != nullptr) {
    record.endpoint = passage.endpoint->address_text();
    record.region = passage.endpoint->region();
  } else if (passage.group != nullptr && passage.group->site && x.account.origin_head_ns != 0) {
    record.endpoint = "static";
  }
  if (x.account.origin_head_ns != 0) record.origin_ns = x.account.origin_head_ns - x.account.origin_sent_ns;
  if (x.account.reason != Errc::none) {
    record.reason = passage.reason.empty() ? exchange::fault_name(x.account.reason) : passage.reason;
  }
  record.waf_action = passage.waf_action;
  if (passage.caching) record.cache = cache_result_name(passage.caching->result);
  describe_request(passage, record);
  log_.write(record);
}

}  // namespace gatehouse::proxy
