// One request to the admin API of a running gateway, for the verbs: connects, asks, reads the whole answer, within a
// time. Blocks its thread; for the command line only.
#pragma once

#include <chrono>
#include <string>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::cli {

struct AdminRequest {
  std::string admin;   // address:port or unix:/path
  std::string method;
  std::string target;
  std::string body;    // JSON, or empty
  std::chrono::milliseconds timeout{std::chrono::seconds(10)};
};

struct AdminReply {
  unsigned status{0};
  std::string content_type;
  std::string body;
  bool ok() const noexcept { return status >= 200 && status < 300; }
};

struct AdminError {
  bool usage{false};    // the address itself is wrong
  bool nobody{false};   // nothing listens there
  std::string message;  // for people, whole
};

Result<AdminReply, AdminError> ask_admin(const AdminRequest& request);

/// What a reply that is not ok says: the problem document's detail, or the status.
std::string explain_reply(const AdminReply& reply);

}  // namespace gatehouse::cli
