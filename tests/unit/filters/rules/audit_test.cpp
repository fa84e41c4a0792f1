// What rules want to be written down about a request.
#include "gatehouse/filters/audit.hpp"

#include "tests/unit/filters/rules/inspect.hpp"

namespace gatehouse::filters {
namespace {

constexpr const char* rules_text = R"(
SecResponseBodyAccess On
SecRule ARGS:q "@streq noted" "id:1,phase:2,pass,log,auditlog"
SecRule ARGS:q "@streq unnoted" "id:2,phase:2,pass,log,noauditlog"
SecRule ARGS:q "@streq silent" "id:3,phase:2,pass,nolog"
SecRule ARGS:q "@streq blocked" "id:4,phase:2,deny,status:403,log"
SecRule ARGS:off "@rx ." "id:5,phase:1,pass,nolog,ctl:auditEngine=Off"
SecRule ARGS:on "@rx ." "id:6,phase:1,pass,nolog,ctl:auditEngine=On"
SecRule ARGS:relevant "@rx ." "id:7,phase:1,pass,nolog,ctl:auditEngine=RelevantOnly"
SecRule ARGS:more "@rx ." "id:8,phase:2,pass,nolog,ctl:auditLogParts=+CE"
SecRule ARGS:less "@rx ." "id:9,phase:2,pass,nolog,ctl:auditLogParts=-HK"
SecRule ARGS:other "@rx ." "id:10,phase:2,pass,nolog,ctl:auditLogParts=AJ"
)";

/// A request and its response under the rules and some more directives, to the end.
class Audited {
 public:
  Audited(const std::string& more, test::Request request, std::uint16_t status = 200) : request_(std::move(request)) {
    rules_ = test::load(rules_text + more);
    if (rules_ == nullptr) return;
    space_ = std::make_unique<Workspace>(*rules_);
    inspection_ = std::make_unique<Inspection>(*rules_, *space_, nowhere_);
    if (test::inspect(*inspection_, request_).outcome == Outcome::pass) {
      inspection_->on_response_head({status, "HTTP/1.1", {test::field_at, &response_fields_}});
      if (inspection_->wants_response_body()) inspection_->on_response_body("the page");
      inspection_->on_response_end();
    }
    inspection_->finish();
    record = inspection_->audit();
  }
  AuditRecord record;

 private:
  test::Request request_;
  test::Fields response_fields_{{"Content-Type", "text/html"}, {"Server", "x"}};
  Surroundings nowhere_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Workspace> space_;
  std::unique_ptr<Inspection> inspection_;
};

bool wanted(const std::string& directives, const std::string& target, std::uint16_t status = 200) {
  return Audited(directives + "\n", {"GET", target, {}, ""}, status).record.wanted;
}

std::string names_of(const FieldsView& fields) {
  std::string names;
  fields.each([&](const FieldView& field) { names += std::string(field.name) + ";"; });
  return names;
}

constexpr const char* relevant_only = "SecAuditEngine RelevantOnly";

TEST(Audit, is_for_nothing_for_everything_or_for_what_is_relevant) {
  EXPECT_FALSE(wanted("", "/?q=blocked")) << "Off is the default";
  EXPECT_TRUE(wanted("SecAuditEngine On", "/"));
  EXPECT_FALSE(wanted(relevant_only, "/"));
  EXPECT_TRUE(wanted(relevant_only, "/?q=noted"));
  EXPECT_TRUE(wanted(relevant_only, "/?q=blocked"));
  EXPECT_FALSE(wanted(relevant_only, "/?q=silent"));
  EXPECT_FALSE(wanted(relevant_only, "/?q=unnoted"));
}

TEST(Audit, is_relevant_by_the_status_that_the_client_got) {
  const std::string statuses = std::string(relevant_only) + "\nSecAuditLogRelevantStatus ^5";
  EXPECT_TRUE(wanted(statuses, "/", 503));
  EXPECT_FALSE(wanted(statuses, "/", 404));
  EXPECT_FALSE(wanted(relevant_only, "/", 503));
}

TEST(Audit, is_switched_by_rules) {
  EXPECT_FALSE(wanted(relevant_only, "/?off=1&q=noted"));
  EXPECT_FALSE(wanted("SecAuditEngine On", "/?off=1"));
  EXPECT_TRUE(wanted("", "/?on=1"));
  EXPECT_FALSE(wanted("SecAuditEngine On", "/?relevant=1"));
  EXPECT_TRUE(wanted("SecAuditEngine On", "/?relevant=1&q=noted"));
}

TEST(Audit, has_the_parts_that_were_asked_for_and_no_others) {
  const test::Request form{"POST", "/?x=1", {{"Content-Type", "application/x-www-form-urlencoded"}, {"Host", "a"}}, "q=noted"};
  const Audited everything("SecAuditEngine On\nSecAuditLogParts ABCEFZ\n", form);
  const AuditRecord& all = everything.record;
  EXPECT_EQ(names_of(all.request_fields), "Content-Type;Host;");
  EXPECT_EQ(all.request_body, "q=noted");
  EXPECT_EQ(names_of(all.response_fields), "Content-Type;Server;");
  EXPECT_EQ(all.response_body, "the page");
  EXPECT_FALSE(all.parts.has('H'));
  const Audited nothing("SecAuditEngine On\nSecAuditLogParts AHZ\n", form);
  const AuditRecord& none = nothing.record;
  EXPECT_EQ(names_of(none.request_fields) + none.request_body + names_of(none.response_fields) + std::string(none.response_body), "");
  EXPECT_TRUE(none.parts.has('H'));
}

TEST(Audit, has_parts_that_rules_add_take_away_or_choose) {
  const auto ask = [](const std::string& target) {
    return std::make_unique<Audited>("SecAuditEngine On\nSecAuditLogParts ABHKZ\n",
                                     test::Request{"POST", target, {{"Content-Type", "application/x-www-form-urlencoded"}}, "q=noted"});
  };
  const auto more = ask("/?more=1");
  EXPECT_EQ(more->record.request_body, "q=noted") << "asked for when the content had passed";
  EXPECT_EQ(more->record.response_body, "the page");
  EXPECT_EQ(ask("/")->record.request_body, "");
  EXPECT_EQ(ask("/?less=1")->record.parts, AuditParts("ABZ"));
  EXPECT_EQ(ask("/?other=1")->record.parts, AuditParts("AJ"));
}

TEST(Audit, has_multipart_content_without_its_files_and_a_list_of_them) {
  const std::string body = "--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1 & 2\r\n"
                           "--cut\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\ncontent\r\n--cut--\r\n";
  const Audited audited("SecAuditEngine On\nSecAuditLogParts AIJZ\n",
                        {"POST", "/", {{"Content-Type", "multipart/form-data; boundary=cut"}}, body});
  const AuditRecord& record = audited.record;
  EXPECT_EQ(record.request_body, "a=1%20%26%202");
  ASSERT_EQ(record.files.size(), 1u);
  EXPECT_EQ(record.files[0].field, "f");
  EXPECT_EQ(record.files[0].name, "x.txt");
  EXPECT_EQ(record.files[0].bytes, 7u);
}

TEST(Audit, does_not_change_what_is_looked_at) {
  const test::Request upload{"POST", "/?q=x", {{"Content-Type", "application/octet-stream"}, {"Content-Encoding", "zstd"}}, "data"};
  const Audited audited("SecAuditEngine On\nSecAuditLogParts ACZ\nSecRule REQBODY_ERROR \"@eq 1\" \"id:20,phase:2,deny,status:400\"\n", upload);
  EXPECT_EQ(audited.record.request_body, "data") << "a coding that is not known is no fault of content that no rule looks at";
}

TEST(BodyLimit, of_a_request_is_changed_by_rules) {
  const auto rules = test::load("SecRequestBodyLimit 10\nSecRule REQUEST_FILENAME \"@streq /large\" \"id:1,phase:1,pass,nolog,ctl:requestBodyLimit=30\"\n"
                                "SecRule REQUEST_FILENAME \"@streq /small\" \"id:2,phase:1,pass,nolog,ctl:requestBodyLimit=5\"\n");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  const Surroundings nowhere;
  const auto status_of = [&](const std::string& target, std::size_t bytes) {
    Inspection inspection(*rules, space, nowhere);
    return test::inspect(inspection, {"POST", target, {{"Content-Type", "text/plain"}}, std::string(bytes, 'x')}).status;
  };
  EXPECT_EQ(status_of("/", 10), 0);
  EXPECT_EQ(status_of("/", 11), 413);
  EXPECT_EQ(status_of("/large", 30), 0);
  EXPECT_EQ(status_of("/large", 31), 413);
  EXPECT_EQ(status_of("/small", 6), 413);
}

}  // namespace
}  // namespace gatehouse::filters
