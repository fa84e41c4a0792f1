// /healthz: the process lives. /readyz: it serves; 503 before the start is done and while it drains.
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {
namespace {

Answer plain(std::string body) {
  Answer answer;
  answer.content_type = "text/plain; charset=utf-8";
  answer.body = std::move(body);
  return answer;
}

}  // namespace

void get_health(const Call& call) { call.done(plain("ok\n")); }

void get_readiness(const Call& call) {
  const Readiness readiness = call.control.readiness();
  call.done(readiness.ready ? plain("ready\n") : problem(503, readiness.reason));
}

}  // namespace gatehouse::admin
