#include "gateway/proxy/fill.hpp"

#include <algorithm>
#include <array>

#include "gateway/cache/stored_fields.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/http/token.hpp"
#include "gateway/cdn/origin_request.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/proxy/patchwork.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {

using cache::StoredField;
using exchange::Piece;
using http::FieldKind;
using http::FieldKinds;

namespace {

constexpr std::size_t passing_window = 256 * 1024;  // what is held of content that is not kept
/// A 304 that makes a response fresh for less than this is not written to disk: a restart takes about as long.
constexpr std::int64_t written_ttl_ms = 10'000;

/// The bytes of a field's line that its views are of.
std::string_view line_of(const http::Field& field) noexcept {
  return {field.line, std::size_t{field.value_offset} + field.value_size + (field.canonical ? 2 : 0)};
}

/// RFC 5861 4: the errors that a stale response may stand in for.
bool is_server_error(std::uint16_t status) noexcept {
  return status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

FillExchange::FillExchange(const Passage& client, FlightRef flight, cache::ObjectRef stored, bool alone)
    : Exchange(client.x.worker),
      pinned(&client.pinned),
      listener(client.listener),
      route(client.route),
      group(client.group),
      region(client.region),
      origin(client.origin),
      request_id(client.request_id),
      client_text(client.client_text),
      client_trusted(client.client_trusted),
      connection_(*client.x.connection),
      fingerprints_{std::string(connection_.ja3), std::string(connection_.ja4)},
      behavior_(client.caching->behavior),
      policy_(client.caching->policy),
      encoding_(client.caching->encoding),
      selectors_(selectors_of(*client.caching)),
      shared_(client.caching->shared),
      key_(client.caching->key),
      key_text_(client.caching->key_text),
      key_origin_(key_origin(client)),
      keyed_(describe_key(client, scratch)),
      flight_(std::move(flight)),
      stored_(std::move(stored)),
      epoch_(shared_.store.purges().epoch()),
      disk_fill_(shared_),
      alone_(alone) {
  connection_.server_name = {};  // of the client's connection, which may go
  connection_.ja3 = fingerprints_[0];
  connection_.ja4 = fingerprints_[1];
  connection = &connection_;
  limits = client.x.limits;
  trail.begin(worker.clock().steady_ns());
  copy_request(client.x.request);
  name_host_by_key();
  if (alone && client.caching->patches) client.caching->patches->ask_for_hole(request, scratch);
  asked_ = request;
  leave_out_unkeyed(client);
  if (!alone) ask_conditionally();
  times_.request_ms = now_ms();
}

/// The same request with all its texts in one string of its own.
void FillExchange::copy_request(const http::Request& from) {
  std::size_t size = from.method_text.size() + from.target.size() + from.scheme.size() + from.authority.size() +
                     from.path.size() + from.query.size();
  for (const http::Field& field : from.fields.all()) size += line_of(field).size();
  request_text_.reserve(size);
  const auto keep = [this](std::string_view text) {
    const std::size_t at = request_text_.size();
    request_text_ += text;
    return std::string_view(request_text_).substr(at);
  };
  request = from;
  request.method_text = keep(from.method_text);
  request.target = keep(from.target);
  request.scheme = keep(from.scheme);
  request.authority = keep(from.authority);
  request.path = keep(from.path);
  request.query = keep(from.query);
  for (http::Field& field : request.fields.all()) field.line = keep(line_of(field)).data();
}

/// The key does not tell letter case or the scheme's own port of a host apart, so the origin must not either: a redirect to
/// `https://host:80/` would be stored for everybody.
void FillExchange::name_host_by_key() {
  request.authority = std::string_view(key_origin_).substr(key_origin_.find("://") + 3);
  request.absolute_form = true;  // the authority replaces the Host field
}

/// What could change the response without being in the key, and that no sound client sends: a response made for one who did
/// must not be stored for all (cache poisoning).
void FillExchange::leave_out_unkeyed(const Passage& client) {
  constexpr std::array<std::string_view, 10> overrides{
      "x-original-url", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override",
      "x-forwarded-prefix", "x-forwarded-scheme", "x-forwarded-server", "x-forwarded-path", "x-host"};
  request.fields.drop(FieldKinds(FieldKind::x_forwarded_host, FieldKind::forwarded));
  for (http::Field& field : request.fields.all()) {
    if (field.kind != FieldKind::other) continue;
    const auto is_it = [&](std::string_view name) { return http::equals_ignoring_case(name, field.name()); };
    if (std::ranges::any_of(overrides, is_it)) field.dropped = true;
  }
  if (behavior_.origin_request != nullptr) {
    const cdn::Viewer viewer = viewer_of(client);
    cdn::shape_origin_request({*behavior_.origin_request, encoding_, true, viewer}, request, scratch);
  } else if (encoding_.keyed) {
    cdn::shape_accept_encoding(encoding_, request);
  }
}

/// The whole is asked for, whatever part or condition the client has; what is stored already only if it has changed.
void FillExchange::ask_conditionally() {
  request.fields.drop(FieldKinds(FieldKind::if_match, FieldKind::if_none_match, FieldKind::if_modified_since,
                                 FieldKind::if_unmodified_since, FieldKind::if_range, FieldKind::range));
  if (!stored_) return;
  http::Response head;
  stored_head(head);
  const cache::Conditions conditions = cache::conditions_for(head);
  if (!conditions.if_none_match.empty()) request.fields.add("If-None-Match", conditions.if_none_match);
  if (!conditions.if_modified_since.empty()) request.fields.add("If-Modified-Since", conditions.if_modified_since);
}

/// What is being validated, as the origin knows it.
void FillExchange::stored_head(http::Response& out) const {
  stored_->head_into(out);
  if (stored_->freshness().has(cache::FreshnessFlag::tag_weakened)) cdn::original_tag(out);
}

StoredUnder FillExchange::under() const { return {shared_, key_, key_text_, key_origin_, asked_, epoch_, part_, selectors_, listener.config->cache_tag_config.header_name, keyed_}; }

Landing FillExchange::landing(Landing::Kind kind, const http::Response& head) const {
  Landing landing;
  landing.kind = kind;
  landing.origin_status = head.status;
  if (const http::Field* age = head.fields.first(FieldKind::age)) landing.age = age->value();
  landing.endpoint = passage->endpoint;
  landing.sent_ns = account.origin_sent_ns;
  landing.head_ns = account.origin_head_ns;
  landing.retries = account.retries;
  return landing;
}

void FillExchange::land(Landing landing) {
  shared_.flights.remove(*flight_);
  flight_->land(std::move(landing));
}

Task<Try<void>> FillExchange::send_interim(const http::Response& head) {
  flight_->interim(make_passing(under(), head, cache::Body::make(0)));
  return Task<Try<void>>::now(Try<void>{});
}

Task<Try<void>> FillExchange::send_head(http::Response& head, Piece first) {
  started_ = true;
  account.status = head.status;
  times_.response_ms = now_ms();
  if (stored_ && head.status == 304) {
    validated(head);
  } else if (stored_ && is_server_error(head.status) &&
             cache::stale_in_trouble(stored_->freshness(), times_.response_ms, cache::Trouble::server_error)) {
    Landing trouble = landing(Landing::Kind::trouble, head);
    trouble.trouble = cache::Trouble::server_error;
    land(std::move(trouble));
  } else {
    if (head.body.kind != http::BodyKind::counted && first.last) head.body = {http::BodyKind::counted, first.bytes.size()};
    store_or_pass(head);
  }
  return send_body(first, nullptr);
}

/// A 304 to a validation of ours (RFC 9111 4.3.4).
void FillExchange::validated(const http::Response& head) {
  http::Response old;
  stored_head(old);
  if (!cache::confirms(head, old)) {
    shared_.store.erase(*stored_);
    return land(landing(Landing::Kind::again, head));
  }
  std::vector<StoredField> fields;
  cache::update_fields(old, head, fields);
  http::Response merged;
  std::string text;
  merged.status = old.status;
  merged.body = old.body;
  // The age is the 304's, which has just confirmed the content; it is not stored.
  std::vector<StoredField> judged = fields;
  if (const http::Field* age = head.fields.first(FieldKind::age)) judged.push_back({"age", age->value(), FieldKind::age});
  write_fields(judged, text, merged.fields);
  cache::Storing storing = cache::judge(policy_.policy, asked_, merged, times_);
  if (!compression_.keep(stored_->freshness(), merged)) {
    shared_.store.erase(*stored_);
    return land(landing(Landing::Kind::again, head));
  }
  compression_.mark(storing.freshness);
  std::vector<StoredField> kept;
  cache::fields_to_store(merged, storing, kept);  // a 304 may bring what is not for everybody
  object_ = make_stored(under(), old, kept, storing.freshness, stored_->body());
  const bool stored = object_ && storing.may_store() && !flight_->invalid() && shared_.store.insert(object_);
  // With another Vary it lies beside the old one, which would be found again.
  if (stored && object_->vary_names() != stored_->vary_names()) shared_.store.erase(*stored_);
  if (stored) write_validated();
  Landing landed = landing(stored ? Landing::Kind::stored : Landing::Kind::passing, head);
  landed.validated = true;
  landed.object = object_ ? object_ : stored_;
  if (!stored) landed.detail = cache::text(storing.why_not);
  land(std::move(landed));
}

/// Gives what is on disk its new lifetime, so that it is fresh after a restart too. Small responses are written whole.
void FillExchange::write_validated() {
  const bool worth_it = object_->freshness().ttl_ms(times_.response_ms) >= written_ttl_ms;
  if (worth_it && shared_.disk && object_->body()->complete()) shared_.disk->put(object_);
}

void FillExchange::store_or_pass(http::Response& head) {
  cache::Storing storing = cache::judge(policy_.policy, asked_, head, times_);
  part_ = head.status == 206;
  const bool may = part_ ? may_store_part(storing, asked_, head) : storing.may_store();
  const bool compressible = may && behavior_.compress && encoding_.keyed && !policy_.policy.cloudfront.caching_disabled();
  if (compressible) compression_.begin(worker, shared_.compression, encoding_.codings, asked_, head);
  compression_.mark(storing.freshness);
  std::optional<std::uint64_t> length;
  if (head.body.kind == http::BodyKind::counted) length = head.body.length;
  if (head.body.kind == http::BodyKind::none) length = 0;
  const bool invalid = flight_->invalid();
  if (may && !invalid && !part_ && !compression_.under_way()) body_ = disk_fill_.make_body(key_, length);
  if (!body_) body_ = cache::Body::make(length);
  if (may && !invalid && store(head, storing)) return;
  const std::string_view why_not = may ? (invalid ? "invalidated" : "too-large") : cache::text(storing.why_not);
  // The others wait in vain from now on, unless they ask for it in another way or the next answer may be stored.
  const bool for_all = !part_ && !alone_ && !(may && invalid) && !is_for_its_request(storing.why_not);
  if (for_all) shared_.passing.add(key_, times_.response_ms, why_not);
  pass(head, why_not);
}

/// Stores the response, and lets everybody have it. False when there is no place for it.
bool FillExchange::store(const http::Response& head, const cache::Storing& storing) {
  std::vector<StoredField> fields;
  cache::fields_to_store(head, storing, fields);
  // What private="..." or no-cache="..." name is for the client that asked, and for no other.
  const bool some_left_out = std::ranges::any_of(head.fields.all(), [&](const http::Field& field) {
    return !field.dropped && field.kind != FieldKind::age &&
           std::ranges::find(fields, field.line, [](const StoredField& kept) { return kept.name.data(); }) == fields.end();
  });
  object_ = make_stored(under(), head, fields, storing.freshness, body_);
  if (object_ && body_->pages() != nullptr) disk_fill_.begin(object_);
  else in_store_ = object_ && shared_.store.insert(object_);
  if (!in_store_ && !disk_fill_.under_way()) {
    if (body_->pages() != nullptr) body_ = cache::Body::make(body_->length());
    return false;
  }
  shared_.passing.remove(key_);
  Landing landed = landing(Landing::Kind::stored, head);
  landed.object = object_;
  if (some_left_out) landed.whole = make_passing(under(), head, body_);
  land(std::move(landed));
  return true;
}

/// Lets the client that began it have the response; the others ask for themselves.
void FillExchange::pass(const http::Response& head, std::string_view why_not) {
  passing_ = true;
  Landing landed = landing(Landing::Kind::passing, head);
  landed.detail = why_not;
  object_ = landed.object = make_passing(under(), head, body_);
  if (!object_) {
    body_ = {};
    landed.kind = Landing::Kind::trouble;
    landed.fault = exchange::fault_of(Errc::origin_head_too_large);
    return land(std::move(landed));
  }
  flight_->keep_reader(std::make_unique<cache::Reader>(worker, body_));
  if (!body_->complete()) body_->pass_on(passing_window);
  land(std::move(landed));
}

/// Puts a piece into the body. False when it cannot be compressed as the head says.
bool FillExchange::fill_in(Piece piece, const http::FieldList* trailers) {
  if (compression_.under_way()) {
    if (!compression_.append(*body_, piece)) return false;
  } else if (!piece.bytes.empty()) {
    body_->append(piece.bytes);
    disk_fill_.append(piece.bytes);
  }
  // Compressed content had a length of its own, and so no trailers.
  if (piece.last && !body_->complete()) body_->finish(trailer_lines(trailers));
  return true;
}

/// All of the content is there.
void FillExchange::store_complete(cache::Accounted accounted) {
  disk_fill_.finish();
  // Memory may find out at the very end that it is too much for it.
  const bool keep = in_store_ || accounted == cache::Accounted::too_large;
  if (keep && !part_ && shared_.disk) shared_.disk->put(object_);
  if (in_store_ && part_) {
    const cache::ObjectRef joined = join_parts(shared_.store, *object_, key_, worker);
    if (joined) shared_.store.insert(joined);
  }
}

Task<Try<void>> FillExchange::send_body(Piece piece, const http::FieldList* trailers) {
  if (!body_) co_return Try<void>{};
  const bool compressing = compression_.under_way();
  if (!fill_in(piece, trailers)) co_return Failure{exchange::fault_of(Errc::internal)};
  const cache::Accounted accounted = in_store_ ? shared_.store.account(*object_) : cache::Accounted::gone;
  in_store_ = accounted == cache::Accounted::stored;
  if (piece.last) {
    store_complete(accounted);
    co_return Try<void>{};
  }
  const bool paged = body_->pages() != nullptr;
  if (!passing_ && !in_store_ && !paged && body_->held() > shared_.store.object_max()) {
    // Content that nobody announced has become too much to keep in memory: from here on it passes through.
    if (accounted == cache::Accounted::too_large && !part_ && !compressing) co_await disk_fill_.take_over(*object_, worker);
    co_await worker.yield();  // who began it is to have its reader by then
    passing_ = true;
    body_->pass_on(passing_window);
  }
  if (compressing) co_await worker.yield();  // a large piece is some milliseconds' work
  if (!passing_ && !paged) co_return Try<void>{};
  co_await disk_fill_.room(worker);
  co_await body_->room(worker);
  if (!disk_fill_.under_way() && body_->abandoned()) co_return Failure{exchange::fault_of(Errc::client_reset)};
  co_return Try<void>{};
}

void FillExchange::end(const Passage&, const Try<void>& done) {
  if (done) return;
  compression_.stop();
  disk_fill_.fail(done.error());
  if (body_ && !body_->complete()) {
    body_->fail(done.error());
    if (object_) shared_.store.erase(*object_);
  }
  Landing trouble;
  trouble.fault = done.error();
  trouble.endpoint = passage->endpoint;
  trouble.sent_ns = account.origin_sent_ns;
  trouble.retries = account.retries;
  land(std::move(trouble));
}

}  // namespace gatehouse::proxy
