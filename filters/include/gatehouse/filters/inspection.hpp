// Inspection: one request and its response under a rule set. The host hands over what it has, in order: the request's
// head, pieces of its body, the end of it, then the same for the response, and finish() in the end. Each step that can
// decide says how it decided. Views handed over must stay valid until the inspection ends, pieces of bodies only during
// the call. One thread; several inspections of a thread share its Workspace.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/audit.hpp"
#include "gatehouse/filters/collections.hpp"
#include "gatehouse/filters/request_view.hpp"
#include "gatehouse/filters/rule_set.hpp"

namespace gatehouse::filters {

/// What an inspection must know from outside. The defaults know nothing. Must outlive the inspection.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  /// Microseconds since 1970.
  virtual std::uint64_t now_us() const noexcept { return 0; }
  /// Fills `out` with what is known of the place of an address, by GEO's keys; false when nothing is.
  virtual bool locate(const Address&, std::vector<std::pair<std::string, std::string>>&) const { return false; }
  /// Where variables that outlive requests are kept; null: nowhere, they end with the request.
  virtual Collections* collections() const noexcept { return nullptr; }
  /// Whether a DNS block list names the value.
  virtual bool listed(std::string_view, std::string_view) const { return false; }
};

enum class Outcome : std::uint8_t {
  pass,
  deny,      // answer with the status
  drop,      // close the connection
  redirect,  // answer with the status and the location
  allow,     // let it through without looking further
};

/// How an inspection ended, or that it goes on.
struct Decision {
  Outcome outcome{Outcome::pass};
  std::uint16_t status{0};
  std::uint32_t rule_id{0};
  std::uint8_t phase{0};  // 1 to 5
  std::string_view location;
};

/// A rule that matched and was to be recorded. Views are valid until the inspection ends.
struct MatchedRule {
  std::uint32_t id{0};
  std::uint8_t phase{0};
  int severity{-1};
  bool disruptive{false};
  bool logged{true};
  std::string_view message;   // with its references filled in
  std::string_view data;      // the same
  std::string_view variable;  // what matched last, such as ARGS:q
  std::string_view value;     // after transformations
  std::string_view file;
  std::uint32_t line{0};
  std::string_view version;
  std::span<const std::string> tags;
};

struct ResponseView {
  std::uint16_t status{0};
  std::string_view protocol;
  FieldsView fields;
};

class MatchObserver;

class Inspection {
 public:
  Inspection(const RuleSet& rules, Workspace& space, const Surroundings& surroundings);
  ~Inspection();
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  /// Tells `observer` (see match_trail.hpp) what the rules do from now on. It must outlive the inspection.
  void observe(MatchObserver& observer) noexcept;

  Decision on_request_head(const RequestView& request, std::string_view unique_id = {});
  /// Whether rules look at the request's body, or at more of it. Ask after on_request_head(), and again after each piece:
  /// once it is false, the rest need not be waited for.
  bool wants_request_body() const noexcept;
  Decision on_request_body(std::string_view piece);
  Decision on_request_end();

  Decision on_response_head(const ResponseView& response);
  /// Whether rules look at this response's body, or at more of it. Ask after on_response_head() and after each piece.
  bool wants_response_body() const noexcept;
  Decision on_response_body(std::string_view piece);
  Decision on_response_end();

  /// Runs the rules of the logging phase. Nothing can be stopped any more. `status` is what the client got in the end; 0
  /// stands for that of the decision or else of the response shown.
  void finish(std::uint16_t status = 0);
  /// Whether and what of this request is to be written down. After finish().
  AuditRecord audit() const;

  /// The rules that matched so far, in order.
  std::span<const MatchedRule> matches() const noexcept;
  /// What would have been decided if the rules were not merely to detect.
  const Decision& detected() const noexcept;
  /// The value of a tx variable, such as a score; empty when it has none.
  std::string_view variable(std::string_view name) const;
  /// Bytes the inspection holds for this request.
  std::size_t bytes_used() const noexcept;
  /// Bytes that undoing codings made of bodies beyond what was handed over: hosts that bound memory count them.
  std::uint64_t bytes_by_decoding() const noexcept;

 private:
  Workspace& space_;
  std::unique_ptr<Run> run_;
};

}  // namespace gatehouse::filters
