#include "gateway/proxy/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/proxy/request_view.hpp"

namespace gatehouse::proxy {

using exchange::Piece;
using filters::Outcome;

namespace {

/// Matches in the trail besides which there must be room for what the other steps decide.
constexpr std::size_t matches_in_trail = 12;
constexpr std::uint16_t no_severity = 0xffff;

bool kept_field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = *static_cast<const std::vector<filters::FieldView>*>(context);
  if (index >= fields.size()) return false;
  field = fields[index];
  return true;
}

std::string_view text_of(std::span<const char> bytes) noexcept { return {bytes.data(), bytes.size()}; }

}  // namespace

bool InspectionRoom::locate(const filters::Address& address, std::vector<std::pair<std::string, std::string>>& out) const {
  if (!geo) return false;
  const filters::GeoPlace place = geo->locate(address);
  if (!place.known()) return false;
  // The names are those of ModSecurity's GEO collection.
  const auto add = [&out](const char* name, std::string_view text) {
    if (!text.empty()) out.emplace_back(name, text);
  };
  add("COUNTRY_CODE", place.country);
  add("COUNTRY_NAME", place.country_name);
  add("COUNTRY_CONTINENT", place.continent);
  add("REGION", place.region);
  add("CITY", place.city);
  add("POSTAL_CODE", place.postal_code);
  if (place.latitude) add("LATITUDE", fmt::format("{:.5f}", *place.latitude));
  if (place.longitude) add("LONGITUDE", fmt::format("{:.5f}", *place.longitude));
  if (place.metro_code != 0) add("DMA_CODE", fmt::format("{}", place.metro_code));
  return true;
}

Guard::Guard(Passage& passage, InspectionRoom& room)
    : passage_(passage),
      acl_(*passage.route->web_acl),
      room_(room),
      inspection_(*acl_.rules, passage.pinned.workspace(acl_.index), room) {
  room_.kept = passage.snapshot.collections.get();
  // Shared, as an inspection that waits for content may go on when its snapshot is not the newest any more.
  if (room_.geo != passage.snapshot.geo) room_.geo = passage.snapshot.geo;
}

Guard::~Guard() { room_.held -= counted_; }

/// Notes what was found, and turns a decision that stops the exchange into its fault.
Try<void> Guard::judged(const filters::Decision& decision) {
  note_matches();
  if (decision.outcome == Outcome::pass || decision.outcome == Outcome::allow) return {};
  decision_ = decision;
  passage_.x.note(Decision::waf_judged, decision.rule_id, static_cast<std::uint8_t>(decision.outcome),
                  static_cast<std::uint16_t>(inspection_.matches().size()));
  Fault fault = exchange::fault_of(Errc::waf_denied);
  fault.status = decision.status;
  return Failure{fault};
}

Task<Try<void>> Guard::screen_request() {
  Try<void> passed = judged(inspection_.on_request_head(request_view(passage_), passage_.request_id));
  if (!passed) co_return passed;
  Try<Piece> first = passage_.x.body_at_hand();
  if (!first) co_return Failure{first.error()};
  content_ = *first;
  if (inspection_.wants_request_body()) {
    passed = co_await collect_request();
    if (!passed) co_return passed;
  }
  passed = judged(inspection_.on_request_end());
  if (passed) passage_.x.note(Decision::waf_judged, 0, 0, static_cast<std::uint16_t>(inspection_.matches().size()));
  co_return passed;
}

/// Shows the content to the rules. What came along with the head is not copied; more is held until all of it was seen,
/// or as much as the rules look at.
Task<Try<void>> Guard::collect_request() {
  Exchange& x = passage_.x;
  Try<void> passed = judged(inspection_.on_request_body(text_of(content_.bytes)));
  if (passed && content_.last) co_return count_held();
  if (!passed) co_return passed;
  Try<void> kept = hold(held_request_, content_.bytes);
  bool last = false;
  while (kept && passed && !last && inspection_.wants_request_body()) {
    const Try<Piece> piece = co_await x.read_body();
    if (!piece) co_return Failure{piece.error()};
    last = piece->last;
    passed = judged(inspection_.on_request_body(text_of(piece->bytes)));
    kept = hold(held_request_, piece->bytes);
  }
  content_ = Piece{held_request_, last};
  if (!kept) co_return kept;
  co_return passed;
}

/// Keeps content back, within what a worker may hold for all its exchanges.
Try<void> Guard::hold(std::string& into, std::span<const char> bytes) {
  if (room_.held + bytes.size() > passage_.x.limits->inspection_memory) {
    return Failure{exchange::fault_of(Errc::out_of_buffers)};
  }
  into.append(bytes.data(), bytes.size());
  return count_held();
}

/// Counts what this exchange holds now: content kept back, and what the inspection made of coded content.
Try<void> Guard::count_held() {
  const std::uint64_t now = held_request_.size() + held_response_.size() + inspection_.bytes_by_decoding();
  room_.held += now - counted_;
  counted_ = now;
  if (room_.held <= passage_.x.limits->inspection_memory) return {};
  return Failure{exchange::fault_of(Errc::out_of_buffers)};
}

/// The head lives in the origin's connection, which is gone before the rules of the logging phase run.
void Guard::keep_response_head(const http::Response& head) {
  std::size_t size = 0;
  for (const http::Field& field : head.fields.all()) size += field.name().size() + field.value().size();
  response_text_.clear();
  response_text_.reserve(size);
  response_fields_.clear();
  const auto kept = [this](std::string_view text) {
    response_text_ += text;
    return std::string_view(response_text_).substr(response_text_.size() - text.size());
  };
  for (const http::Field& field : head.fields.all()) {
    if (field.dropped) continue;
    const std::string_view name = kept(field.name());
    response_fields_.push_back({name, kept(field.value())});
  }
}

Task<Try<Piece>> Guard::screen_response(const http::Response& head, exchange::Fetch& fetch, Piece first) {
  if (!acl_.facts.response_rules) co_return first;
  keep_response_head(head);
  const filters::ResponseView view{head.status, head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1",
                                   {&kept_field_at, &response_fields_}};
  Try<void> passed = judged(inspection_.on_response_head(view));
  if (!passed) co_return Failure{passed.error()};
  if (!inspection_.wants_response_body()) co_return first;
  Try<Piece> content = co_await collect_response(fetch, first);
  if (!content) co_return content;
  passed = judged(inspection_.on_response_end());
  if (!passed) co_return Failure{passed.error()};
  co_return content;
}

Task<Try<Piece>> Guard::collect_response(exchange::Fetch& fetch, Piece first) {
  Try<void> passed = judged(inspection_.on_response_body(text_of(first.bytes)));
  if (!passed) co_return Failure{passed.error()};
  Try<void> kept = first.last ? count_held() : hold(held_response_, first.bytes);
  if (kept && first.last) co_return first;
  bool last = false;
  while (kept && passed && !last && inspection_.wants_response_body()) {
    const Try<Piece> piece = co_await fetch.read_body();
    if (!piece) co_return Failure{piece.error()};
    last = piece->last;
    passed = judged(inspection_.on_response_body(text_of(piece->bytes)));
    kept = hold(held_response_, piece->bytes);
  }
  if (!kept) co_return Failure{kept.error()};
  if (!passed) co_return Failure{passed.error()};
  co_return Piece{held_response_, last};
}

void Guard::note_matches() {
  exchange::Trail& trail = passage_.x.trail;
  const auto matches = inspection_.matches();
  for (; noted_ < matches.size(); ++noted_) {
    if (noted_ >= matches_in_trail) continue;  // the WAF log has them all
    const filters::MatchedRule& match = matches[noted_];
    trail.note(trail.last_ns(), Decision::waf_matched, match.id, match.phase,
               match.severity < 0 ? no_severity : static_cast<std::uint16_t>(match.severity));
  }
}

void Guard::finish(observe::WorkerMetrics& metrics, observe::WafLog& log) {
  inspection_.finish(passage_.x.account.status);
  note_matches();
  observe::WafAction action = observe::WafAction::pass;
  if (decision_.outcome != Outcome::pass) {
    action = observe::WafAction::block;
  } else if (inspection_.detected().outcome != Outcome::pass) {
    action = observe::WafAction::detect;
  }
  passage_.waf_action = observe::waf_action_name(action);
  metrics.web_acl(acl_.series).inspected(action);
  std::uint32_t previous = 0;
  for (const filters::MatchedRule& match : inspection_.matches()) {
    // A rule that matched for several values in a row is one rule that matched.
    if (match.id != previous) metrics.waf_rule(acl_.series_of(match.id)).matches.add();
    previous = match.id;
  }
  if (!log.enabled()) return;
  const filters::AuditRecord audit = inspection_.audit();
  if (audit.wanted) write_log(log, action, audit);
}

/// The score that the rules came to, under the names that versions of CRS have for it.
std::uint64_t Guard::score() const {
  for (const std::string_view name : {"blocking_inbound_anomaly_score", "anomaly_score"}) {
    const std::string_view text = inspection_.variable(name);
    std::uint64_t number = 0;
    if (text.empty()) continue;
    for (const char c : text.substr(0, 9)) number = c >= '0' && c <= '9' ? number * 10 + static_cast<unsigned>(c - '0') : number;
    return number;
  }
  return 0;
}

void Guard::write_log(observe::WafLog& log, observe::WafAction action, const filters::AuditRecord& audit) const {
  const Exchange& x = passage_.x;
  observe::WafRecord record;
  record.wall_ns = x.worker.clock().wall_ns();
  record.request_id = passage_.request_id;
  record.web_acl = acl_.config->name;
  record.action = action;
  const filters::Decision& decision = action == observe::WafAction::block ? decision_ : inspection_.detected();
  record.rule = decision.rule_id;
  record.phase = decision.phase;
  record.score = score();
  record.client = passage_.client_text;
  record.listener = passage_.listener.config->name;
  record.route = passage_.route->name;
  record.method = x.request.method_text;
  record.host = x.request.authority;
  record.target = x.request.target;
  record.status = x.account.status;
  record.matches = inspection_.matches();
  record.audit = &audit;
  log.write(record);
}

}  // namespace gatehouse::proxy
