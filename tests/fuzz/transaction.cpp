// A whole transaction under a small rule file that uses every kind of variable, transformation and effect there is: no
// request or response makes it stumble, and the same one twice gives the same verdict. Lines of the input, in order: method,
// target, content type, a cookie; the rest is the body.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gatehouse/filters/inspection.hpp"
#include "gatehouse/filters/match_trail.hpp"

using namespace gatehouse::filters;

namespace {

constexpr const char* text = R"rules(
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess On
SecRequestBodyLimit 65536
SecArgumentsLimit 100
SecAction "id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR},setvar:ip.n=+1,expirevar:ip.n=60"
SecRule REQUEST_HEADERS:Content-Type "@contains json" "id:2,phase:1,pass,nolog,t:lowercase,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:Content-Type "@contains xml" "id:3,phase:1,pass,nolog,t:lowercase,ctl:requestBodyProcessor=XML"
SecRule ARGS|ARGS_NAMES|REQUEST_COOKIES|XML:/*|XML://@*|FILES "@rx (?i)(union)\s+(select)" "id:4,phase:2,pass,capture,t:urlDecodeUni,t:htmlEntityDecode,t:jsDecode,t:cssDecode,t:replaceComments,t:compressWhitespace,msg:'%{TX.1}',logdata:'%{MATCHED_VAR_NAME}: %{MATCHED_VAR}',setvar:tx.score=+5,setvar:'tx.seen_%{MATCHED_VAR_NAME}=1'"
SecRule ARGS|REQUEST_FILENAME "@detectSQLi" "id:5,phase:2,pass,multiMatch,capture,t:utf8toUnicode,t:urlDecodeUni,t:removeNulls,t:lowercase"
SecRule ARGS|REQUEST_BODY "@detectXSS" "id:6,phase:2,pass,t:base64Decode,t:escapeSeqDecode,t:removeWhitespace,setvar:tx.score=+3"
SecRule ARGS "@pm passwd shadow .ssh" "id:7,phase:2,pass,t:cmdLine,t:normalizePathWin,chain"
  SecRule MATCHED_VARS "@rx etc/(.*)" "capture,setvar:tx.file=%{TX.1}"
SecRule &ARGS "@gt 50" "id:8,phase:2,pass,ctl:ruleRemoveTargetById=4;ARGS:/^x/"
SecRule TX:/^seen_/ "@eq 1" "id:9,phase:2,pass,setvar:tx.total=+%{TX.score}"
SecRule REQBODY_ERROR|MULTIPART_STRICT_ERROR "!@eq 0" "id:10,phase:2,deny,status:400"
SecRule TX:score "@ge 10" "id:11,phase:2,deny,status:403"
SecRule RESPONSE_BODY "@rx ([a-z]+)\1{3,}" "id:12,phase:4,deny,capture,logdata:'%{TX.0}'"
)rules";

struct Message {
  std::vector<std::pair<std::string, std::string>> fields;
};

bool field_at(const void* context, std::uint32_t index, FieldView& field) noexcept {
  const auto& fields = static_cast<const Message*>(context)->fields;
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

std::string line_of(std::string& input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  std::string line = input.substr(0, end);
  input.erase(0, end == input.size() ? end : end + 1);
  return line;
}

const RuleSet& rules() {
  static const auto loaded = [] {
    RuleSetOptions options;
    options.before.push_back({"fuzz", text});
    auto result = RuleSet::load_seclang({}, options);
    if (!result) std::abort();
    return *result;
  }();
  return *loaded;
}

std::string verdict_of(const RequestView& request, std::string_view body, std::size_t step) {
  static Workspace space(rules());
  static const Surroundings nowhere;
  MatchTrail trail;
  Inspection inspection(rules(), space, nowhere);
  inspection.observe(trail);
  inspection.on_request_head(request, "1");
  for (std::size_t at = 0; at < body.size(); at += step) inspection.on_request_body(body.substr(at, step));
  Decision decision = inspection.on_request_end();
  if (decision.outcome == Outcome::pass) {
    const Message reply{{{"Content-Type", "text/plain"}}};
    inspection.on_response_head({200, "HTTP/1.1", {field_at, &reply}});
    inspection.on_response_body(body);
    decision = inspection.on_response_end();
  }
  inspection.finish();
  std::string ids = std::to_string(decision.rule_id) + ":";
  for (const MatchedRule& match : inspection.matches()) ids += " " + std::to_string(match.id) + "=" + std::string(match.data);
  return ids;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  const std::string method = line_of(input), target = line_of(input);
  Message message{{{"Host", "example.com"}, {"Content-Type", line_of(input)}, {"Cookie", line_of(input)}}};
  RequestView request;
  request.method = method;
  request.target = target;
  request.version = "HTTP/1.1";
  request.client = *parse_address("192.0.2.7");
  request.fields = {field_at, &message};
  if (verdict_of(request, input, 1 << 20) != verdict_of(request, input, 7)) std::abort();
  return 0;
}
