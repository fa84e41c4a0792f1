#include "gateway/observe/waf_log.hpp"

#include <array>
#include <cstring>

#include "gateway/observe/json_text.hpp"
#include "gateway/observe/time_text.hpp"

namespace gatehouse::observe {
namespace {

constexpr std::size_t value_max = 1024;  // of what a rule matched on
constexpr std::size_t matches_max = 100;
constexpr std::size_t content_max = 16 * 1024;  // of a request's or response's content: a line has to fit into the ring
constexpr std::array<std::string_view, 8> severities{"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};

void member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

void member(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

std::string time_text(std::uint64_t wall_ns) {
  char room[20];
  *put_date_time(room, wall_ns / 1'000'000'000u) = '.';
  std::string out(room, sizeof room);
  const std::string micros = std::to_string(wall_ns / 1000 % 1'000'000);
  return out + std::string(6 - micros.size(), '0') + micros + "Z";
}

/// `rule_ids` and `messages` side by side, for those who search; `matches` with everything.
void write_summary(std::string& out, std::span<const filters::MatchedRule> matches) {
  out += ",\"rule_ids\":[";
  for (const filters::MatchedRule& match : matches) {
    if (out.back() != '[') out += ',';
    out += std::to_string(match.id);
  }
  out += "],\"messages\":[";
  for (const filters::MatchedRule& match : matches) {
    if (out.back() != '[') out += ',';
    append_json_string(out, match.message);
  }
  out += ']';
}

void write_match(std::string& out, const filters::MatchedRule& match) {
  out += "{\"id\":" + std::to_string(match.id);
  member(out, "phase", std::uint64_t{match.phase});
  if (match.severity >= 0 && match.severity < static_cast<int>(severities.size())) {
    member(out, "severity", severities[static_cast<std::size_t>(match.severity)]);
  }
  member(out, "message", match.message);
  member(out, "data", match.data.substr(0, value_max));
  member(out, "variable", match.variable.substr(0, value_max));
  member(out, "value", match.value.substr(0, value_max));
  member(out, "file", match.file);
  member(out, "line", std::uint64_t{match.line});
  out += ",\"tags\":[";
  for (const std::string& tag : match.tags) {
    if (out.back() != '[') out += ',';
    append_json_string(out, tag);
  }
  out += "]}";
}

void write_fields(std::string& out, std::string_view name, const filters::FieldsView& fields) {
  out.append(",\"").append(name).append("\":[");
  fields.each([&](const filters::FieldView& field) {
    out += out.back() == '[' ? "[" : ",[";
    append_json_string(out, field.name);
    out += ',';
    append_json_string(out, field.value);
    out += ']';
  });
  out += ']';
}

void write_files(std::string& out, const std::vector<filters::AuditFile>& files) {
  out += ",\"files\":[";
  for (const filters::AuditFile& file : files) {
    if (out.back() != '[') out += ',';
    out += "{\"bytes\":" + std::to_string(file.bytes);
    member(out, "field", file.field);
    member(out, "name", file.name);
    out += '}';
  }
  out += ']';
}

/// Each part under its own name, only those that were asked for.
void write_parts(std::string& out, const filters::AuditRecord& audit) {
  const filters::AuditParts& parts = audit.parts;
  if (parts.has('B')) write_fields(out, "request_headers", audit.request_fields);
  if (parts.has('C') || parts.has('I')) member(out, "request_body", std::string_view(audit.request_body).substr(0, content_max));
  if (parts.has('J')) write_files(out, audit.files);
  if (parts.has('F')) write_fields(out, "response_headers", audit.response_fields);
  if (parts.has('E')) member(out, "response_body", audit.response_body.substr(0, content_max));
}

void write_matches(std::string& out, std::span<const filters::MatchedRule> matches) {
  out += ",\"matches\":[";
  for (const filters::MatchedRule& match : matches) {
    if (out.back() != '[') out += ',';
    write_match(out, match);
  }
  out += ']';
}

}  // namespace

std::string_view waf_action_name(WafAction action) noexcept {
  constexpr std::array<std::string_view, waf_actions> names{"pass", "detect", "block"};
  return names[static_cast<unsigned>(action)];
}

std::string waf_line(const WafRecord& record) {
  const auto matches = record.matches.first(std::min(record.matches.size(), matches_max));
  std::string out = "{\"time\":\"" + time_text(record.wall_ns) + "\"";
  member(out, "request_id", record.request_id);
  member(out, "web_acl", record.web_acl);
  member(out, "action", waf_action_name(record.action));
  write_summary(out, matches);
  member(out, "score", record.score);
  if (record.rule != 0) member(out, "rule", std::uint64_t{record.rule});
  if (record.phase != 0) member(out, "phase", std::uint64_t{record.phase});
  member(out, "client", record.client);
  member(out, "listener", record.listener);
  member(out, "route", record.route);
  member(out, "method", record.method);
  member(out, "host", record.host);
  member(out, "path", record.target);
  out += ",\"status\":" + (record.status == 0 ? "null" : std::to_string(record.status));
  const bool in_detail = record.audit == nullptr || record.audit->parts.has_any(filters::AuditParts("HK"));
  if (record.audit != nullptr) write_parts(out, *record.audit);
  if (in_detail) write_matches(out, matches);
  return out + "}";
}

void WafLog::write(const WafRecord& record) {
  const std::string line = waf_line(record) + "\n";
  if (ring_.room(line.size()) < line.size()) return ring_.drop();
  std::memcpy(ring_.space(), line.data(), line.size());
  ring_.commit(line.size());
}

}  // namespace gatehouse::observe
