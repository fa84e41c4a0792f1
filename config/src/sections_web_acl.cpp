// Keys of web ACLs: rule files, how they judge, what they look at, what they leave alone.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

ChoiceKind<Oversize> oversize_kind() {
  return choice<Oversize>({{"reject", Oversize::reject}, {"inspect_start", Oversize::inspect_start}});
}

const Section<RequestInspection>& request_inspection_section() {
  static const Section<RequestInspection> section{
      .meaning = "How requests' content is inspected.",
      .keys = {
          key("inspect", &RequestInspection::inspect, flag(), "Whether rules see the content at all.")
              .source("SecRequestBodyAccess"),
          key("limit", &RequestInspection::limit, size(1024, 1u << 30),
              "How much of it they see. So much is held back until they have judged it.")
              .source("SecRequestBodyLimit"),
          key("oversize", &RequestInspection::oversize, oversize_kind(),
              "What happens to a request with more: 413, or the start alone is inspected and the rest streams through.")
              .source("OversizeHandling"),
          key("decompress", &RequestInspection::decompress, flag(),
              "Whether content in gzip, deflate, br or zstd is decompressed for the rules, in up to two layers; `limit` counts the "
              "result. Content in a coding that is not known, or broken, is 400. The origin gets what the client sent."),
          key("decompression_ratio", &RequestInspection::decompression_ratio, whole(1, 100'000),
              "How many times larger than it came, beyond 256 KiB, content may become before it counts as oversize."),
      }};
  return section;
}

const Section<ResponseInspection>& response_inspection_section() {
  static const Section<ResponseInspection> section{
      .meaning = "How responses' content is inspected, when there are rules for it.",
      .keys = {
          key("inspect", &ResponseInspection::inspect, flag(),
              "Whether rules see the content. It is held back until they have judged it.")
              .source("SecResponseBodyAccess"),
          key("limit", &ResponseInspection::limit, size(1024, 1u << 30), "How much of it they see.")
              .source("SecResponseBodyLimit"),
          key("oversize", &ResponseInspection::oversize, oversize_kind(),
              "What happens to a response with more: 500, or the start alone is inspected and the rest streams through.")
              .source("SecResponseBodyLimitAction"),
          key("decompress", &ResponseInspection::decompress, flag(),
              "Whether content in gzip, deflate, br or zstd is decompressed for the rules. The client gets what the origin sent."),
          key("decompression_ratio", &ResponseInspection::decompression_ratio, whole(1, 100'000),
              "How many times larger than it came, beyond 256 KiB, content may become before it counts as oversize."),
          key("content_types", &ResponseInspection::content_types, list(text(plain_text), 1),
              "Media types that are inspected; others pass at once.")
              .source("SecResponseBodyMimeType"),
      }};
  return section;
}

const Section<Exclusion>& exclusion_section() {
  static const Section<Exclusion> section{
      .meaning = "Rules that are wrong about something harmless.",
      .keys = {
          key("rules", &Exclusion::rules, list(text(rule_choice), 1), "Which rules: ids, ranges of ids, or `tag:` and a tag.")
              .required(),
          key("paths", &Exclusion::paths, list(text(path_pattern)), "Where; without it everywhere."),
          key("parameters", &Exclusion::parameters, list(text(inspected_part)),
              "What these rules leave alone: parameters by name, or parts of the request such as "
              "`REQUEST_COOKIES:session`. Without it the rules are not run at all."),
      }};
  return section;
}

}  // namespace

const Section<WebAcl>& web_acl_section() {
  static const Section<WebAcl> section{
      .meaning = "Rules in ModSecurity's language (SecLang), such as the OWASP Core Rule Set, and how they are used.",
      .keys =
          {
              key("name", &WebAcl::name, text(name), "What listeners and rules call it.").required().source("Name"),
              key("mode", &WebAcl::mode,
                  choice<WebAclMode>({{"block", WebAclMode::block}, {"detect", WebAclMode::detect}, {"off", WebAclMode::off}}),
                  "Whether a verdict is carried out, only logged and counted, or no rule is loaded at all.")
                  .source("SecRuleEngine"),
              key("rules", &WebAcl::rules, list(text(file_name), 1),
                  "Files of rules, read in this order; a glob stands for its files by name. A reload reads them again.")
                  .required(),
              key("paranoia", &WebAcl::paranoia, whole(1, 4),
                  "The Core Rule Set's paranoia level. A level that its crs-setup.conf sets itself wins."),
              key("inbound_threshold", &WebAcl::inbound_threshold, whole(0, 100000),
                  "The anomaly score that blocks a request; 0 leaves it to the rules. What crs-setup.conf sets wins."),
              key("outbound_threshold", &WebAcl::outbound_threshold, whole(0, 100000),
                  "The same for responses."),
              key("request_body", &WebAcl::request_body, one(request_inspection_section()),
                  "How requests' content is inspected. What the rule files set themselves wins."),
              key("response_body", &WebAcl::response_body, one(response_inspection_section()),
                  "How responses' content is inspected. What the rule files set themselves wins."),
              key("exclusions", &WebAcl::exclusions, many(exclusion_section()), "Rules that are wrong about something harmless."),
          },
      .identity = [](const WebAcl& acl) { return acl.name; }};
  return section;
}

}  // namespace gatehouse::config
