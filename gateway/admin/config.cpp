// /v1/config: the configuration in force with every default filled in, without secrets.
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {

void get_config(const Call& call) {
  Answer answer;
  answer.body = call.control.config_json();
  if (!answer.body.ends_with('\n')) answer.body += '\n';
  call.done(std::move(answer));
}

}  // namespace gatehouse::admin
