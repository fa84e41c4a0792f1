// Reads the tables of heads in tests/cases/http1_*.cases and says what a scanner made of a head in their words.
#pragma once

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/http1/request_scanner.hpp"
#include "gateway/http1/response_scanner.hpp"

namespace gatehouse::http1::test {

/// One row, with the limits and the method that hold for it.
struct Case {
  int line{0};
  std::string clause;
  std::string text;     // the bytes
  std::string verdict;  // as written
  ScanLimits limits;
  http::Method method{http::Method::get};
};

inline std::string unescape(std::string_view text);

/// One escape after its backslash; moves `at` behind it.
inline std::string escape_at(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c == 'r') return "\r";
  if (c == 'n') return "\n";
  if (c == 't') return "\t";
  if (c == '0') return std::string(1, '\0');
  if (c == 'x') {
    const std::string hex(text.substr(at, 2));
    at += 2;
    return std::string(1, static_cast<char>(std::stoi(hex, nullptr, 16)));
  }
  if (c != '{') return std::string(1, c);
  const std::size_t star = text.find('*', at);
  const std::size_t close = text.find('}', star);
  const std::string piece = unescape(text.substr(star + 1, close - star - 1));
  std::string out;
  for (int n = std::stoi(std::string(text.substr(at, star - at))); n > 0; --n) out += piece;
  at = close + 1;
  return out;
}

inline std::string unescape(std::string_view text) {
  constexpr std::string_view crlf_sign = "\u23ce";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(crlf_sign)) {
      out += "\r\n";
      at += crlf_sign.size();
    } else if (text[at] == '\\') {
      out += escape_at(text, ++at);
    } else {
      out += text[at++];
    }
  }
  return out;
}

/// `key=value` words; a value ends at the next space.
inline std::map<std::string, std::string> words_of(const std::string& text) {
  std::map<std::string, std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    words[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return words;
}

inline void apply_limits(Case& row, const std::string& text) {
  row.limits = ScanLimits();
  for (const auto& [key, value] : words_of(text)) {
    const auto number = static_cast<std::uint32_t>(std::stoul(value));
    if (key == "start_line") row.limits.start_line = number;
    if (key == "field") row.limits.field = number;
    if (key == "head") row.limits.head = number;
    if (key == "count") row.limits.count = number;
  }
}

inline std::vector<Case> read_cases(const std::string& name) {
  std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/cases/" + name);
  std::vector<Case> rows;
  Case row;
  for (std::string line; std::getline(file, line);) {
    ++row.line;
    if (line.empty() || line[0] == '#') continue;
    const std::size_t clause_end = line.find(' ');
    row.clause = line.substr(0, clause_end);
    const std::string rest = line.substr(line.find_first_not_of(' ', clause_end));
    if (row.clause == "limits") apply_limits(row, rest);
    if (row.clause == "method") row.method = method_of(rest);
    const std::size_t arrow = rest.rfind("  =>  ");
    if (arrow == std::string::npos) continue;
    row.text = unescape(rest.substr(0, arrow));
    row.verdict = rest.substr(arrow + 6);
    rows.push_back(row);
  }
  return rows;
}

inline std::string body_text(const http::Body& body) {
  switch (body.kind) {
    case http::BodyKind::none: return "none";
    case http::BodyKind::counted: return std::to_string(body.length);
    case http::BodyKind::chunked: return "chunked";
    case http::BodyKind::until_close: return "close";
  }
  return "?";
}

inline std::string fields_text(const http::FieldList& fields) {
  std::size_t canonical = 0;
  for (const http::Field& field : fields.all()) canonical += field.canonical ? 1 : 0;
  return " fields=" + std::to_string(fields.all().size()) + " canonical=" + std::to_string(canonical);
}

inline std::string describe(const Scan& scan, const http::Request& r) {
  if (scan.need_more()) return "more";
  if (scan.refused()) return std::string(exchange::fault_name(scan.errc)) + "@" + std::to_string(scan.offset);
  std::ostringstream out;
  out << "ok method=" << r.method_text << " path=" << r.path << " query=" << (r.has_query ? r.query : "-")
      << " scheme=" << r.scheme << " authority=" << r.authority << " version=" << int{r.version_minor}
      << " body=" << body_text(r.body) << " keep=" << (r.keep_alive ? "yes" : "no")
      << " expect=" << (r.expects_continue ? "yes" : "no") << fields_text(r.fields) << " size=" << scan.head_size;
  return out.str();
}

inline std::string describe(const Scan& scan, const http::Response& r) {
  if (scan.need_more()) return "more";
  if (scan.refused()) {
    return std::string(exchange::fault_name(scan.detail)) + "@" + std::to_string(scan.offset) + "=" +
           std::string(exchange::fault_name(scan.errc));
  }
  std::ostringstream out;
  out << "ok status=" << r.status << " reason=" << r.reason << " version=" << int{r.version_minor}
      << " body=" << body_text(r.body) << " keep=" << (r.keep_alive ? "yes" : "no") << fields_text(r.fields)
      << " size=" << scan.head_size;
  return out.str();
}

/// Whether what happened is what a row asks for: word for word, but an `ok` may leave out keys.
inline bool matches(const std::string& happened, const std::string& asked) {
  if (!asked.starts_with("ok") || !happened.starts_with("ok")) return happened == asked;
  const auto have = words_of(happened);
  for (const auto& [key, value] : words_of(asked)) {
    const auto found = have.find(key);
    if (found == have.end() || found->second != value) return false;
  }
  return true;
}

}  // namespace gatehouse::http1::test
