// /v1/reload: loads the configuration anew. 200 with what changed; 422 with all problems when it is not valid, and then
// the old one stays in force.
#include <boost/json.hpp>

#include "gateway/admin/body.hpp"
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

Answer describe(const ReloadResult& result) {
  if (!result.ok) {
    return problem_with(422, "the configuration is not valid, so the old one stays in force\n" + result.problems_text,
                        "problems", result.problems_json);
  }
  json::object document;
  document["ok"] = true;
  document["generation"] = result.generation;
  document["changes"] = json::array(result.changes.begin(), result.changes.end());
  document["warnings"] = result.problems_text;
  return json_answer(document);
}

}  // namespace

void post_reload(const Call& call) {
  if (const auto nothing = read_nothing(call.request); !nothing) return call.done(nothing.error());
  // By value: the call is gone when a reload takes its time.
  call.control.reload([done = call.done](const ReloadResult& result) { done(describe(result)); });
}

}  // namespace gatehouse::admin
