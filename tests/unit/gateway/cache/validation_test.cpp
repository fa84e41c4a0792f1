// Validation: what is asked of the origin, what its 304 changes, and how clients' conditions are answered.
#include "gateway/cache/validation.hpp"

#include <gtest/gtest.h>

#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using http::Method;
using testing::date;
using testing::kept;
using testing::Lines;
using testing::now_ms;
using testing::request;
using testing::response;

Evaluated evaluated(Lines asked, Lines stored, std::uint16_t status = 200) {
  const auto sent = request(std::move(asked));
  const auto answer = response(std::move(stored), status);
  return evaluate(*sent, *answer, now_ms);
}
Precondition outcome(Lines asked, Lines stored, std::uint16_t status = 200) {
  return evaluated(std::move(asked), std::move(stored), status).outcome;
}

TEST(Conditions, are_the_stored_validators_as_they_were_sent) {
  const auto stored = response({"ETag: W/\"abcdef\"", "Last-Modified: " + date(-100)});
  EXPECT_EQ(conditions_for(*stored).if_none_match, "W/\"abcdef\"");
  EXPECT_EQ(conditions_for(*stored).if_modified_since, date(-100));
  EXPECT_EQ(conditions_for(*response({"ETag: abcdef"})).if_none_match, "abcdef");
  EXPECT_TRUE(conditions_for(*response({"Date: " + date()})).none());
}

TEST(Preconditions, if_none_match_is_compared_weakly) {
  struct Row {
    const char* asked;
    const char* tag;
    bool not_modified;
  };
  for (const Row& row : {Row{"\"abcdef\"", "\"abcdef\"", true}, Row{"W/\"abcdef\"", "W/\"abcdef\"", true}, Row{"\"abcdef\"", "W/\"abcdef\"", true},
                         Row{"\"abcdef\", \"1234\"", "\"abcdef\"", true}, Row{"\"1234\", \"abcdef\", \"5678\"", "\"abcdef\"", true},
                         Row{"\"1234\", \"5678\", \"abcdef\"", "\"abcdef\"", true}, Row{"*", "\"abcdef\"", true}, Row{"\"x\"", "\"abcdef\"", false},
                         Row{"abcdef", "abcdef", true}, Row{"\"abcdef\xc3\xbc\"", "\"abcdef\xc3\xbc\"", true}, Row{"\"abcdef\"", "", false}}) {
    const Precondition expected = row.not_modified ? Precondition::not_modified : Precondition::send;
    EXPECT_EQ(outcome({std::string("If-None-Match: ") + row.asked}, {std::string("ETag: ") + row.tag}), expected) << row.asked;
  }
  EXPECT_EQ(outcome({"If-None-Match: \"a\"", "If-None-Match: \"b\""}, {"ETag: \"b\""}), Precondition::not_modified);
}

TEST(Preconditions, if_none_match_goes_before_if_modified_since) {
  const Lines stored{"Last-Modified: " + date(-5000), "ETag: \"abcdef\""};
  EXPECT_EQ(outcome({"If-None-Match: \"abcdef\"", "If-Modified-Since: " + date(-10000)}, stored), Precondition::not_modified);
  EXPECT_EQ(outcome({"If-None-Match: \"other\"", "If-Modified-Since: " + date()}, stored), Precondition::send);
}

TEST(Preconditions, if_modified_since_is_compared_with_the_best_date_there_is) {
  const std::string modified = "Last-Modified: " + date(-3000);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-3000)}, {modified}), Precondition::not_modified);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-2000)}, {modified}), Precondition::not_modified);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-3001)}, {modified}), Precondition::send);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-100)}, {"Date: " + date(-100)}), Precondition::not_modified);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-101)}, {"Date: " + date(-100)}), Precondition::send);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date()}, {}), Precondition::not_modified);
  EXPECT_EQ(outcome({"If-Modified-Since: " + date(-1)}, {}), Precondition::send);
  EXPECT_EQ(outcome({"If-Modified-Since: yesterday"}, {modified}), Precondition::send);
  EXPECT_EQ(outcome({"If-Modified-Since: Monday, 21-Sep-26 14:13:20 GMT"}, {modified}), Precondition::not_modified);
}

TEST(Preconditions, that_protect_fail_with_412) {
  const Lines stored{"ETag: \"a\"", "Last-Modified: " + date(-100)};
  EXPECT_EQ(outcome({"If-Match: \"a\""}, stored), Precondition::send);
  EXPECT_EQ(outcome({"If-Match: \"b\", \"a\""}, stored), Precondition::send);
  EXPECT_EQ(outcome({"If-Match: *"}, stored), Precondition::send);
  EXPECT_EQ(outcome({"If-Match: \"b\""}, stored), Precondition::failed);
  EXPECT_EQ(outcome({"If-Match: W/\"a\""}, {"ETag: W/\"a\""}), Precondition::failed) << "strong comparison";
  EXPECT_EQ(outcome({"If-Match: \"a\"", "If-Unmodified-Since: " + date(-200)}, stored), Precondition::send) << "If-Match goes first";
  EXPECT_EQ(outcome({"If-Unmodified-Since: " + date(-100)}, stored), Precondition::send);
  EXPECT_EQ(outcome({"If-Unmodified-Since: " + date(-101)}, stored), Precondition::failed);
  EXPECT_EQ(outcome({"If-Unmodified-Since: " + date(-101)}, {}), Precondition::send);
  EXPECT_EQ(outcome({"If-Match: \"a\"", "If-None-Match: \"a\""}, stored), Precondition::not_modified);
}

TEST(Preconditions, are_about_representations_only) {
  EXPECT_EQ(outcome({"If-None-Match: \"a\""}, {"ETag: \"a\""}, 404), Precondition::send);
  EXPECT_EQ(outcome({"If-Match: \"b\""}, {"ETag: \"a\""}, 301), Precondition::send);
  const auto asked = request(Method::options, "OPTIONS", {"If-None-Match: \"a\""});
  EXPECT_EQ(evaluate(*asked, *response({"ETag: \"a\""}), now_ms).outcome, Precondition::send);
}

TEST(Preconditions, if_range_needs_a_strong_validator) {
  const std::string range = "Range: bytes=0-1", modified = "Last-Modified: " + date(-100), made = "Date: " + date();
  EXPECT_TRUE(evaluated({range}, {}).use_range);
  EXPECT_FALSE(evaluated({}, {}).use_range);
  EXPECT_TRUE(evaluated({range, "If-Range: \"a\""}, {"ETag: \"a\""}).use_range);
  EXPECT_FALSE(evaluated({range, "If-Range: \"b\""}, {"ETag: \"a\""}).use_range);
  EXPECT_FALSE(evaluated({range, "If-Range: W/\"a\""}, {"ETag: W/\"a\""}).use_range);
  EXPECT_TRUE(evaluated({range, "If-Range: " + date(-100)}, {modified, made}).use_range);
  EXPECT_FALSE(evaluated({range, "If-Range: " + date(-99)}, {modified, made}).use_range) << "equal, not later";
  EXPECT_FALSE(evaluated({range, "If-Range: " + date(-100)}, {modified, "Date: " + date(-100)}).use_range) << "a weak date";
  EXPECT_FALSE(evaluated({range, "If-Range: nonsense"}, {modified, made}).use_range);
  const auto head = request(Method::head, "HEAD", {range});
  EXPECT_FALSE(evaluate(*head, *response(), now_ms).use_range) << "RFC 9110 14.2: GET only";
}

bool confirmed(Lines not_modified, Lines stored) {
  const auto answer = response(std::move(not_modified), 304);
  const auto held = response(std::move(stored));
  return confirms(*answer, *held);
}

TEST(NotModified, confirms_the_response_that_it_names) {
  EXPECT_TRUE(confirmed({"ETag: \"a\""}, {"ETag: \"a\""}));
  EXPECT_FALSE(confirmed({"ETag: \"b\""}, {"ETag: \"a\""}));
  EXPECT_FALSE(confirmed({"ETag: \"a\""}, {"ETag: W/\"a\""})) << "a strong tag wants a strong one";
  EXPECT_TRUE(confirmed({"ETag: W/\"a\""}, {"ETag: W/\"a\""}));
  EXPECT_TRUE(confirmed({"ETag: W/\"a\""}, {"ETag: \"a\""}));
  EXPECT_TRUE(confirmed({"Last-Modified: " + date(-9)}, {"Last-Modified: " + date(-9)}));
  EXPECT_FALSE(confirmed({"Last-Modified: " + date(-8)}, {"Last-Modified: " + date(-9)}));
  EXPECT_TRUE(confirmed({"Date: " + date()}, {"ETag: \"a\"", "Last-Modified: " + date(-9)}));
  EXPECT_FALSE(confirmed({"ETag: \"a\"", "Last-Modified: " + date(-9)}, {"Last-Modified: " + date(-9)}));
}

std::vector<std::string> updated(Lines stored, Lines not_modified) {
  const auto held = response(std::move(stored));
  const auto answer = response(std::move(not_modified), 304);
  std::vector<StoredField> fields;
  update_fields(*held, *answer, fields);
  std::vector<std::string> out;
  for (const StoredField& field : fields) out.push_back(std::string(field.name) + ": " + std::string(field.value));
  return out;
}

TEST(NotModified, updates_the_fields_it_has_and_keeps_the_others) {
  EXPECT_EQ(updated({"Test-Header: A", "Date: old", "ETag: \"a\""}, {"Date: new", "ETag: \"a\""}),
            (std::vector<std::string>{"Test-Header: A", "Date: new", "ETag: \"a\""}));
  for (const char* name : {"Test-Header", "X-Test-Header", "Content-Foo", "X-Content-Foo", "Cache-Control", "Content-Location", "Content-MD5",
                           "Content-Security-Policy", "Content-Type", "Expires", "Set-Cookie", "X-Frame-Options"}) {
    const std::string field = name;
    EXPECT_EQ(updated({field + ": A"}, {field + ": B"}), std::vector<std::string>{field + ": B"});
  }
}

TEST(NotModified, leaves_alone_what_describes_the_stored_content_or_another_hop) {
  for (const char* name : {"Content-Length", "Content-Encoding", "Content-Range"}) {
    const std::string field = name;
    EXPECT_EQ(updated({field + ": 36"}, {field + ": 10"}), std::vector<std::string>{field + ": 36"});
  }
  EXPECT_EQ(updated({"A: 1"}, {"Connection: b", "Keep-Alive: 5", "Transfer-Encoding: chunked", "Upgrade: x", "TE: x", "Proxy-Authenticate: x"}),
            std::vector<std::string>{"A: 1"});
}

TEST(NotModified, replaces_all_lines_of_a_name_where_the_first_stood) {
  EXPECT_EQ(updated({"A: 1", "B: 2", "a: 3", "C: 4"}, {"a: x", "D: y", "A: z"}),
            (std::vector<std::string>{"a: x", "A: z", "B: 2", "C: 4", "D: y"}));
  EXPECT_EQ(updated({"Vary: A", "Vary: B"}, {"Vary: C"}), std::vector<std::string>{"Vary: C"});
}

TEST(NotModified, makes_age_and_date_those_of_the_new_answer) {
  EXPECT_EQ(updated({"Age: 500", "Date: old", "A: 1"}, {"Date: new", "Age: 7"}), (std::vector<std::string>{"Date: new", "A: 1"}));
  EXPECT_EQ(updated({"Date: old", "A: 1"}, {}), std::vector<std::string>{"A: 1"});
}

TEST(NotModified, takes_nothing_that_was_dropped_on_arrival) {
  const auto held = response({"A: 1"});
  const auto answer = response({"A: 2", "B: 3"}, 304);
  for (http::Field& field : answer->fields.all()) field.dropped = true;
  std::vector<StoredField> fields;
  update_fields(*held, *answer, fields);
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].value, "1");
}

TEST(NotModified, for_a_client_has_the_fields_that_the_rfc_wants) {
  const auto answer = response({"Date: d", "ETag: \"a\"", "Cache-Control: max-age=1", "Expires: e", "Vary: v", "Content-Location: /l",
                                "Last-Modified: m", "Content-Type: t", "Content-Length: 5", "Content-Encoding: gzip", "Content-Language: de",
                                "Access-Control-Allow-Origin: *"});
  make_not_modified(*answer);
  EXPECT_EQ(answer->status, 304);
  EXPECT_EQ(answer->body.kind, http::BodyKind::none);
  EXPECT_EQ(kept(answer->fields), (std::vector<std::string>{"Date: d", "ETag: \"a\"", "Cache-Control: max-age=1", "Expires: e", "Vary: v",
                                                            "Content-Location: /l", "Access-Control-Allow-Origin: *"}));
  const auto untagged = response({"Last-Modified: m", "Content-Type: t"});
  make_not_modified(*untagged);
  EXPECT_EQ(kept(untagged->fields), std::vector<std::string>{"Last-Modified: m"});
}

TEST(HeadAnswer, outdates_a_stored_response_that_it_contradicts) {
  const auto outdated = [](Lines head, Lines stored, std::uint16_t status = 200) {
    const auto answer = response(std::move(head), status);
    const auto held = response(std::move(stored));
    return head_outdates(*answer, *held);
  };
  EXPECT_TRUE(outdated({"ETag: \"b\""}, {"ETag: \"a\""}));
  EXPECT_FALSE(outdated({"ETag: W/\"a\""}, {"ETag: \"a\""}));
  EXPECT_TRUE(outdated({"Content-Length: 5"}, {"Content-Length: 6"}));
  EXPECT_TRUE(outdated({"Last-Modified: x"}, {"Last-Modified: y"}));
  EXPECT_FALSE(outdated({"Template-A: 2"}, {"Template-A: 1", "ETag: \"a\""}));
  EXPECT_FALSE(outdated({"ETag: \"b\""}, {"ETag: \"a\""}, 410));
}

TEST(StrongValidator, is_a_strong_tag_or_a_date_that_is_old_enough) {
  const Lines dated{"Last-Modified: " + date(-9), "Date: " + date()};
  const auto same = [](Lines a, Lines b) {
    const auto one = response(std::move(a)), two = response(std::move(b));
    return same_strong_validator(*one, *two);
  };
  EXPECT_TRUE(same({"ETag: \"a\""}, {"ETag: \"a\""}));
  EXPECT_FALSE(same({"ETag: W/\"a\""}, {"ETag: W/\"a\""}));
  EXPECT_FALSE(same({"ETag: abc"}, {"ETag: abc"}));
  EXPECT_FALSE(same({"ETag: \"a\""}, dated));
  EXPECT_TRUE(same(dated, dated));
  EXPECT_FALSE(same(dated, {"Last-Modified: " + date(-9), "Date: " + date(-9)}));
  EXPECT_FALSE(same({}, {}));
  EXPECT_TRUE(has_strong_validator(*response(dated)));
  EXPECT_FALSE(has_strong_validator(*response({"ETag: W/\"a\""})));
}

}  // namespace
}  // namespace gatehouse::cache
