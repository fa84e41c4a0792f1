// /metrics: the page for Prometheus, text exposition 0.0.4.
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {

void get_metrics(const Call& call) {
  Answer answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.body = call.control.metrics_text();
  call.done(std::move(answer));
}

}  // namespace gatehouse::admin
