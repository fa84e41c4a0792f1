// Regression tests in go-ftw's YAML format, run against a rule set in process. Requests are built the way that runner
// builds them; the origin behind the rules reflects what a request to /reflect asks it to say; what a server must refuse
// before any rule sees it is put to our own scanner of request heads. Test support, one thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/filters/inspection.hpp"

namespace gatehouse::ftw {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request as it stands on the wire, in its parts.
struct Message {
  std::string method{"GET"}, target{"/"}, version{"HTTP/1.1"};
  Fields fields;
  std::string body;
};

/// What a stage expects.
struct Expectation {
  std::vector<unsigned> ids, absent_ids;
  std::string match, absent_match;  // expressions over the log
  int status{0};                    // 0: any
};

struct Stage {
  Message request;
  Expectation expected;
};

struct Case {
  std::string name;  // rule id and test id
  std::vector<Stage> stages;
};

/// All cases below a folder, with those named in the overrides file changed as it says.
std::vector<Case> load(const std::string& folder, const std::string& overrides);

/// What is wrong, or nothing.
std::string run(const Case& test, const filters::RuleSet& rules, filters::Workspace& space);

// request.cpp

const std::string* find(const Fields& fields, std::string_view name);
std::string from_base64(std::string_view text);
/// Adds the fields and encodings that the runner adds by itself.
void complete(Message& request, bool autocomplete);
/// A request given as bytes.
Message from_bytes(const std::string& raw);
std::string to_bytes(const Message& message);
/// What of the bytes behind the head is content, and which fields are left (RFC 9112 6.1 and 6.3).
void receive(Message& message);

}  // namespace gatehouse::ftw
