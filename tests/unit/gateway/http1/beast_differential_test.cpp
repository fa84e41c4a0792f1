// Our scanner against Boost.Beast's parser as the oracle: every head of the table and thousands of mutants of heads. They
// either agree on verdict and meaning, or the difference is in one of the two lists below, with the reason why.
//
// Beast is compiled into this file, whatever the libraries were compiled for.
#undef BOOST_BEAST_SEPARATE_COMPILATION
#include <boost/beast/http.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "cases.hpp"
#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http1 {
namespace {

namespace beast = boost::beast::http;
using Oracle = beast::request_parser<beast::empty_body>;

/// What we refuse and Beast accepts.
const std::map<Errc, std::string>& refused_by_us() {
  static const std::map<Errc, std::string> reasons{
      {Errc::bad_target, "Beast takes any byte above 0x20; we take what RFC 3986 and browsers have in a path, no '#', no %00"},
      {Errc::missing_host, "RFC 9112 3.2 is left to Beast's user"},
      {Errc::duplicate_host, "RFC 9112 3.2 is left to Beast's user"},
      {Errc::bad_host, "RFC 9112 3.2 is left to Beast's user"},
      {Errc::obs_fold, "Beast joins folded lines (RFC 9112 5.2 allows either)"},
      {Errc::bad_line_end, "Beast waits for more behind a bare LF where the head should end"},
      {Errc::bad_content_length, "Beast takes lengths from 2^63 on"},
      {Errc::duplicate_content_length, "Beast takes repeated equal lengths (RFC 9112 6.3 allows either)"},
      {Errc::bad_transfer_encoding, "Beast takes any list of codings (RFC 9112 6.3: 400 when chunked is not last)"},
      {Errc::unknown_transfer_encoding, "Beast takes any list of codings and reads no content; here is no decoder for them"},
      {Errc::encoding_in_http_1_0, "RFC 9112 6.1: faulty framing"},
      {Errc::bad_expect, "RFC 9110 10.1.1: left to Beast's user"},
      {Errc::bad_upgrade, "content before a switch of protocols"},
      {Errc::trace_refused_method, "not a question of syntax"},
      {Errc::connect_refused_method, "not a question of syntax"},
      {Errc::too_many_fields, "Beast limits bytes only"},
      {Errc::field_too_large, "Beast limits the head only"},
      {Errc::head_too_large, "Beast was given a higher limit"},
      {Errc::request_line_too_long, "Beast limits the head only"},
      {Errc::bad_version, "Beast waits for more when the line is too short to hold a version"},
  };
  return reasons;
}

struct Outcome {
  enum { complete, more, refused } verdict{more};
  std::string meaning;  // of a complete head
};

std::string meaning_of(std::string_view method, std::string_view target, const std::string& body, bool keep,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text = std::string(method) + " " + std::string(target) + " body=" + body + (keep ? " keep" : " close");
  for (const auto& [name, value] : fields) text += "\n" + name + "=" + value;
  return text;
}

Outcome ours(const test::Case& row, Errc& why) {
  http::Request request;
  RequestScanner scanner;
  const Scan scan = scanner.scan(row.text, row.limits, request);
  why = scan.errc;
  if (scan.refused()) return {Outcome::refused, {}};
  if (scan.need_more()) return {Outcome::more, {}};
  std::vector<std::pair<std::string, std::string>> fields;
  for (const http::Field& field : request.fields.all()) fields.emplace_back(field.name(), field.value());
  return {Outcome::complete, meaning_of(request.method_text, request.target, test::body_text(request.body), request.keep_alive, fields)};
}

/// Whether a head that we accept has the option close.
bool says_close(const test::Case& row) {
  http::Request request;
  RequestScanner scanner;
  return scanner.scan(row.text, row.limits, request).complete() &&
         http::any_list_has(request.fields, http::FieldKind::connection, "close");
}

Outcome beasts(const test::Case& row, bool says_close) {
  Oracle parser;
  parser.header_limit(1 << 20);
  parser.body_limit(boost::none);
  parser.eager(false);
  boost::system::error_code error;
  std::string_view rest = row.text;
  if (!rest.empty()) parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
  if (error == beast::error::need_more) return {Outcome::more, {}};
  if (error) return {Outcome::refused, {}};
  if (!parser.is_header_done()) return {Outcome::more, {}};
  const auto& head = parser.get();
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& field : head) {
    fields.emplace_back(std::string_view(field.name_string().data(), field.name_string().size()),
                        std::string_view(field.value().data(), field.value().size()));
  }
  std::string body = "none";
  if (parser.chunked()) body = "chunked";
  else if (parser.content_length()) body = std::to_string(*parser.content_length());
  // Beast lets keep-alive win over close from HTTP/1.0 clients, RFC 9112 9.3 asks for close first; and it obeys
  // Proxy-Connection, which RFC 9112 C.2.2 says nobody should.
  const bool other_rules = (says_close && head.version() == 10) || head.count("Proxy-Connection") != 0;
  const bool keep = other_rules ? !says_close : parser.keep_alive();
  const auto method = head.method_string();
  const auto target = head.target();
  return {Outcome::complete, meaning_of({method.data(), method.size()}, {target.data(), target.size()}, body, keep, fields)};
}

/// The fields of a meaning, in any order and letter case of names: Beast groups fields of one name.
std::vector<std::string> sorted_lines(const std::string& meaning) {
  std::vector<std::string> lines;
  std::istringstream in(meaning);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.size() > 1) std::sort(lines.begin() + 1, lines.end());
  return lines;
}

struct Tally {
  std::size_t agreed{0};
  std::map<Errc, std::size_t> refused_by_us;
  std::size_t refused_by_beast{0};
};

/// What Beast refuses and we accept, by the reason it may have; empty when there is none.
std::string excuse(const test::Case& row) {
  if (row.text.starts_with("\r\n")) return "Beast wants the request line first (RFC 9112 2.2 asks to skip one empty line)";
  http::Request request;
  RequestScanner scanner;
  (void)scanner.scan(row.text, row.limits, request);
  for (const http::Field& field : request.fields.all()) {
    const bool listed = field.kind == http::FieldKind::connection || field.kind == http::FieldKind::proxy_connection ||
                        field.kind == http::FieldKind::upgrade;
    // Options that are no tokens (RFC 9110 7.6.1) are options that nobody knows, and end here with the field.
    for (http::ListItems items(field.value()); listed && items.next();) {
      if (!http::is_token(items.item())) return "an option of Connection or Upgrade is no token";
    }
  }
  return {};
}

void compare(const test::Case& row, Tally& tally) {
  Errc why = Errc::none;
  const Outcome mine = ours(row, why);
  const Outcome theirs = beasts(row, says_close(row));
  if (mine.verdict == Outcome::more || theirs.verdict == Outcome::refused) {
    // Both may know sooner or later than the other that an unfinished head is bad.
    if (mine.verdict != Outcome::complete) {
      ++tally.agreed;
      return;
    }
    ++tally.refused_by_beast;
    EXPECT_FALSE(excuse(row).empty()) << "Beast refuses what we accept, line " << row.line << ": " << testing::PrintToString(row.text);
    return;
  }
  if (mine.verdict == Outcome::refused) {
    ++tally.refused_by_us[why];
    EXPECT_TRUE(refused_by_us().contains(why)) << exchange::fault_name(why) << ", line " << row.line << ": " << testing::PrintToString(row.text);
    return;
  }
  EXPECT_EQ(sorted_lines(mine.meaning), sorted_lines(theirs.meaning)) << "line " << row.line << ": " << testing::PrintToString(row.text);
  ++tally.agreed;
}

TEST(BeastDifferential, the_table_is_understood_alike_or_the_difference_is_explained) {
  Tally tally;
  for (const test::Case& row : test::read_cases("http1_requests.cases")) compare(row, tally);
  EXPECT_GT(tally.agreed, 150u);
}

/// A head with one to three bytes changed, inserted, removed or doubled.
std::string mutate(std::string text, std::mt19937& random) {
  using namespace std::string_view_literals;
  constexpr std::string_view nasty = "\r\n\t \0:,;\"\\#%+-/@[]\x01\x0b\x7f\x80\xff" "05aHchunked"sv;
  for (unsigned n = 1 + random() % 3; n > 0 && !text.empty(); --n) {
    const std::size_t at = random() % text.size();
    const char c = nasty[random() % nasty.size()];
    switch (random() % 4) {
      case 0: text[at] = c; break;
      case 1: text.insert(at, 1, c); break;
      case 2: text.erase(at, 1); break;
      default: text.insert(at, text.substr(at, 1 + random() % 12)); break;
    }
  }
  return text;
}

TEST(BeastDifferential, mutants_are_understood_alike_or_the_difference_is_explained) {
  const std::vector<std::string> seeds{
      "GET /a?b HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 10\r\n\r\n",
  };
  std::mt19937 random(20240611);
  Tally tally;
  for (int i = 0; i < 20000; ++i) {
    test::Case row;
    row.line = i;
    row.text = mutate(seeds[random() % seeds.size()], random);
    compare(row, tally);
  }
  EXPECT_GT(tally.agreed, 10000u);
  RecordProperty("agreed", static_cast<int>(tally.agreed));
}

}  // namespace
}  // namespace gatehouse::http1
