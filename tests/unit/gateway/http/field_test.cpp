// Field kinds, the list of fields, characters and comma-separated lists.
#include "gateway/http/field.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

using enum FieldKind;

const std::map<std::string, FieldKind>& names() {
  static const std::map<std::string, FieldKind> all{
      {"connection", connection}, {"keep-alive", keep_alive}, {"proxy-connection", proxy_connection}, {"te", te},
      {"trailer", trailer}, {"transfer-encoding", transfer_encoding}, {"upgrade", upgrade},
      {"content-length", content_length}, {"proxy-authenticate", proxy_authenticate},
      {"proxy-authorization", proxy_authorization}, {"proxy-authentication-info", proxy_authentication_info},
      {"http2-settings", http2_settings}, {"host", host}, {"expect", expect}, {"via", via},
      {"x-forwarded-for", x_forwarded_for}, {"x-forwarded-proto", x_forwarded_proto}, {"x-forwarded-port", x_forwarded_port},
      {"x-forwarded-host", x_forwarded_host}, {"forwarded", forwarded}, {"x-amzn-trace-id", x_amzn_trace_id},
      {"x-request-id", x_request_id}, {"date", date}, {"server", server}, {"location", location},
      {"user-agent", user_agent}, {"referer", referer}, {"cookie", cookie}, {"set-cookie", set_cookie},
      {"authorization", authorization}, {"content-type", content_type}, {"content-encoding", content_encoding},
      {"accept", accept}, {"accept-encoding", accept_encoding}, {"accept-language", accept_language}, {"range", range},
      {"content-range", content_range}, {"if-match", if_match}, {"if-none-match", if_none_match},
      {"if-modified-since", if_modified_since}, {"if-unmodified-since", if_unmodified_since}, {"if-range", if_range},
      {"etag", etag}, {"last-modified", last_modified}, {"cache-control", cache_control}, {"pragma", pragma}, {"age", age},
      {"expires", expires}, {"vary", vary}, {"warning", warning}, {"max-forwards", max_forwards}, {"origin", origin},
      {"content-location", content_location}, {"retry-after", retry_after}, {"allow", allow}};
  return all;
}

TEST(FieldKind, is_known_for_every_kind_there_is) {
  ASSERT_EQ(names().size() + 1, field_kinds);  // and `other`
  for (const auto& [name, kind] : names()) EXPECT_EQ(field_kind(name), kind) << name;
}

TEST(FieldKind, ignores_letter_case) {
  for (const auto& [name, kind] : names()) {
    std::string upper = name;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    EXPECT_EQ(field_kind(upper), kind) << upper;
    std::string mixed = name;
    for (std::size_t i = 0; i < mixed.size(); i += 2) mixed[i] = upper[i];
    EXPECT_EQ(field_kind(mixed), kind) << mixed;
  }
}

TEST(FieldKind, is_other_when_any_byte_differs) {
  for (const auto& [name, kind] : names()) {
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string changed = name;
        changed[at] = static_cast<char>(c);
        if (equals_ignoring_case(changed, name)) continue;
        const FieldKind found = field_kind(changed);
        EXPECT_TRUE(found == other || names().contains(changed)) << changed;
      }
    }
    EXPECT_EQ(field_kind(name + "x"), other);
    EXPECT_EQ(field_kind(name.substr(1)), name.substr(1) == "etag" ? etag : other);
  }
  EXPECT_EQ(field_kind(""), other);
}

Field field(const std::string& line, std::size_t name_size) {
  Field f;
  f.line = line.data();
  f.name_size = static_cast<std::uint16_t>(name_size);
  f.value_offset = static_cast<std::uint16_t>(name_size + 2);
  f.value_size = static_cast<std::uint32_t>(line.size() - name_size - 4);
  f.kind = field_kind(f.name());
  return f;
}

TEST(FieldList, finds_by_kind_and_by_name) {
  const std::string a = "Host: x\r\n";
  const std::string b = "X-Own: 1\r\n";
  const std::string c = "x-own: 2\r\n";
  const auto fields = std::make_unique<FieldList>();
  fields->clear();
  EXPECT_TRUE(fields->push(field(a, 4)) && fields->push(field(b, 5)) && fields->push(field(c, 5)));
  ASSERT_NE(fields->first(host), nullptr);
  EXPECT_EQ(fields->first(host)->value(), "x");
  EXPECT_EQ(fields->first(cookie), nullptr);
  ASSERT_NE(fields->find("x-OWN"), nullptr);
  EXPECT_EQ(fields->find("x-OWN")->value(), "1");
  EXPECT_EQ(fields->find("HOST")->value(), "x");
  EXPECT_EQ(fields->find("x-none"), nullptr);
  EXPECT_EQ(fields->find("cookie"), nullptr);
  EXPECT_EQ(fields->all()[2].text(), c);
}

TEST(FieldList, holds_as_many_as_it_says) {
  const std::string line = "X: y\r\n";
  const auto fields = std::make_unique<FieldList>();
  fields->clear();
  for (std::size_t i = 0; i < fields_max; ++i) EXPECT_TRUE(fields->push(field(line, 1)));
  EXPECT_FALSE(fields->push(field(line, 1)));
  for (std::size_t i = 0; i < added_max; ++i) EXPECT_TRUE(fields->add("a", "b"));
  EXPECT_FALSE(fields->add("a", "b"));
}

TEST(FieldList, takes_back_what_was_added_last) {
  const auto fields = std::make_unique<FieldList>();
  fields->clear();
  fields->add("a", "1");
  const std::size_t before = fields->added().size();
  fields->add("b", "2");
  fields->keep_added(before);
  ASSERT_EQ(fields->added().size(), 1u);
  EXPECT_EQ(fields->added()[0].name, "a");
}

TEST(FieldList, drops_the_kinds_of_a_set_and_no_others) {
  const std::string lines[] = {"Host: x\r\n", "TE: trailers\r\n", "X-Own: 1\r\n", "Connection: te\r\n", "TE: b\r\n"};
  const auto fields = std::make_unique<FieldList>();
  fields->clear();
  for (const std::string& line : lines) EXPECT_TRUE(fields->push(field(line, line.find(':'))));
  fields->drop(FieldKinds(te, connection));
  std::string left;
  for (const Field& one : fields->all()) left += one.dropped ? "-" : "+";
  EXPECT_EQ(left, "+-+--");
  EXPECT_TRUE(FieldKinds(FieldKinds(te), host).has(host));
  EXPECT_FALSE(FieldKinds(te).meets(FieldKinds(host, connection)));
}

TEST(FieldList, forgets_what_it_had_seen) {
  const std::string line = "Host: x\r\n";
  const auto fields = std::make_unique<FieldList>();
  fields->clear();
  EXPECT_TRUE(fields->push(field(line, 4)));
  fields->clear();
  EXPECT_FALSE(fields->has(host));
  EXPECT_EQ(fields->first(host), nullptr);
}

TEST(Tokens, have_the_characters_of_rfc_9110) {
  int tokens = 0;
  for (int c = 0; c < 256; ++c) tokens += is_char(static_cast<char>(c), char_token) ? 1 : 0;
  EXPECT_EQ(tokens, 10 + 26 + 26 + 15);
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) EXPECT_TRUE(is_char(c, char_token)) << c;
  for (const char c : std::string_view("\"(),/:;<=>?@[\\]{} \t\x7f\x80")) EXPECT_FALSE(is_char(c, char_token)) << c;
  EXPECT_TRUE(is_token("a-b"));
  EXPECT_FALSE(is_token(""));
}

TEST(Tokens, compare_ignoring_the_case_of_letters_only) {
  EXPECT_TRUE(equals_ignoring_case("Keep-Alive", "kEEP-aLIVE"));
  EXPECT_FALSE(equals_ignoring_case("a@", "A`"));  // they differ in the same bit as letters do
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("\xc4", "\xe4"));
  EXPECT_TRUE(starts_with_ignoring_case("X-Forwarded-By", "x-forwarded-"));
  EXPECT_FALSE(starts_with_ignoring_case("X-For", "x-forwarded-"));
  EXPECT_EQ(trim("\t a b \t"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(hex_value('f'), 15);
  EXPECT_EQ(hex_value('A'), 10);
  EXPECT_EQ(hex_value('g'), -1);
  EXPECT_EQ(hex_value('G'), -1);
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> found;
  for (ListItems items(list); items.next();) found.emplace_back(items.item());
  return found;
}

TEST(ListItems, come_without_blanks_and_empty_ones) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(items_of("a, b ,c"), (Items{"a", "b", "c"}));
  EXPECT_EQ(items_of(",, a ,\t, b,"), (Items{"a", "b"}));
  EXPECT_EQ(items_of(""), Items{});
  EXPECT_EQ(items_of(" , "), Items{});
  EXPECT_EQ(items_of("one"), Items{"one"});
}

TEST(FieldList, knows_and_drops_what_goes_out_by_name) {
  FieldList fields;
  for (const std::string_view line : {"Server: a\r\n", "x-own: 1\r\n", "X-OWN: 2\r\n"}) {
    Field field;
    field.line = line.data();
    field.name_size = static_cast<std::uint16_t>(line.find(':'));
    field.value_offset = static_cast<std::uint16_t>(field.name_size + 2);
    field.value_size = static_cast<std::uint32_t>(line.size() - field.value_offset - 2);
    field.kind = field_kind(field.name());
    fields.push(field);
  }
  fields.add("age", "5");
  fields.add("X-Own", "3");
  fields.add("via", "1.1 a");
  for (const char* name : {"server", "X-Own", "AGE", "Via"}) EXPECT_TRUE(fields.sends(name)) << name;
  EXPECT_FALSE(fields.sends("X-Other"));
  fields.drop_named("x-OWN");
  fields.drop_named("Age");
  EXPECT_FALSE(fields.sends("x-own"));
  EXPECT_FALSE(fields.sends("age"));
  ASSERT_EQ(fields.added().size(), 1u);
  EXPECT_EQ(fields.added()[0].name, "via");
  EXPECT_FALSE(fields.all()[0].dropped);
  EXPECT_TRUE(fields.all()[1].dropped && fields.all()[2].dropped);
}

TEST(ListItems, are_not_cut_inside_quoted_strings) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(items_of("a=\"x, y\", b"), (Items{"a=\"x, y\"", "b"}));
  EXPECT_EQ(items_of("\"a\\\", b\", c"), (Items{"\"a\\\", b\"", "c"}));
  EXPECT_EQ(items_of("\"\\\\\", c"), (Items{"\"\\\\\"", "c"}));
  ListItems open("a, \"b, c");
  EXPECT_TRUE(open.next());
  EXPECT_FALSE(open.broken());
  EXPECT_TRUE(open.next());
  EXPECT_EQ(open.item(), "\"b, c");
  EXPECT_TRUE(open.broken());
  EXPECT_FALSE(open.next());
}

TEST(ListItems, are_found_by_token) {
  EXPECT_TRUE(list_has("a, Close", "close"));
  EXPECT_FALSE(list_has("closed, \"close\"", "close"));
  EXPECT_EQ(without_parameters("gzip ; q=1"), "gzip");
  EXPECT_EQ(without_parameters("gzip"), "gzip");
}

TEST(ListItems, have_parameters) {
  std::string_view value;
  EXPECT_TRUE(parameter_value("Max-Age = 60", "max-age", value));
  EXPECT_EQ(value, "60");
  EXPECT_TRUE(parameter_value("private=\"a, b\"", "private", value));
  EXPECT_EQ(value, "a, b");
  EXPECT_FALSE(parameter_value("max-age", "max-age", value));
  EXPECT_FALSE(parameter_value("s-maxage=1", "max-age", value));
}

}  // namespace
}  // namespace gatehouse::http
