// /v1/drain: what SIGTERM does. 202: it has begun, and the process ends when what is under way has ended.
#include <boost/json.hpp>

#include "gateway/admin/body.hpp"
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {

void post_drain(const Call& call) {
  if (const auto nothing = read_nothing(call.request); !nothing) return call.done(nothing.error());
  const DrainResult result = call.control.drain();
  boost::json::object document;
  document["draining"] = true;
  document["already"] = result.already;
  document["connections_active"] = result.connections_active;
  document["timeout_ms"] = result.timeout_ms;
  Answer answer = json_answer(document);
  answer.status = 202;
  call.done(std::move(answer));
}

}  // namespace gatehouse::admin
