#include "gateway/admin/message.hpp"

#include <boost/json.hpp>

#include "gateway/admin/json_write.hpp"
#include "gateway/http/status.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

Answer to_answer(unsigned status, const json::object& document) {
  Answer answer;
  answer.status = status;
  answer.content_type = "application/problem+json";
  answer.body = write_json(document);
  return answer;
}

json::object make_document(unsigned status, std::string_view detail) {
  // RFC 9457 4.2.1: about:blank says that the status says it all, and then the title is its phrase.
  json::object document;
  document["type"] = "about:blank";
  document["title"] = json::string(http::status_reason(static_cast<std::uint16_t>(status)));
  document["status"] = status;
  document["detail"] = json::string(detail);
  return document;
}

}  // namespace

Answer problem(unsigned status, std::string_view detail, const std::vector<BodyError>& errors) {
  json::object document = make_document(status, detail);
  if (!errors.empty()) {
    json::array list;
    for (const BodyError& error : errors) {
      json::object entry;
      entry["pointer"] = error.pointer;
      entry["detail"] = error.detail;
      list.push_back(std::move(entry));
    }
    document["errors"] = std::move(list);
  }
  return to_answer(status, document);
}

Answer problem_with(unsigned status, std::string_view detail, std::string_view member, std::string_view text) {
  json::object document = make_document(status, detail);
  json::error_code error;
  json::value value = json::parse(text, error);
  if (!error) document[member] = std::move(value);
  return to_answer(status, document);
}

}  // namespace gatehouse::admin
