// Guard: one exchange under a web ACL (step 3, screen). It shows the request to the rules and holds its content back
// until they have judged it; shows them the response, where they look at responses; and in the end notes what they
// found in the decision trail, the metrics and the WAF log. Lives in guarded()'s frame; exchanges without a web ACL
// have none. One thread.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/filters/collections.hpp"
#include "gatehouse/filters/geo.hpp"
#include "gatehouse/filters/inspection.hpp"
#include "gateway/observe/waf_log.hpp"
#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/web_acl.hpp"

namespace gatehouse::proxy {

/// What a worker's inspections share.
class InspectionRoom final : public filters::Surroundings {
 public:
  explicit InspectionRoom(runtime::Worker& worker) noexcept : worker_(worker) {}
  std::uint64_t now_us() const noexcept override { return worker_.clock().wall_ns() / 1000; }
  bool locate(const filters::Address& address, std::vector<std::pair<std::string, std::string>>& out) const override;
  filters::Collections* collections() const noexcept override { return kept; }

  std::uint64_t held{0};  // bytes of content held back now, and of what decoding made of it
  std::shared_ptr<const filters::GeoDatabase> geo;  // where clients are; null: nobody knows
  filters::Collections* kept{nullptr};  // what rules keep beyond a request: the same for all workers

 private:
  runtime::Worker& worker_;
};

class Guard {
 public:
  Guard(Passage& passage, InspectionRoom& room);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// Judges the request. Errc::waf_denied: it is not to be carried out, see decision().
  Task<Try<void>> screen_request();
  /// What of the request's content is at hand, for the origin. After screen_request().
  exchange::Piece content() const noexcept { return content_; }
  /// Judges the response, whose content begins with `first`; gives the content that is at hand then.
  Task<Try<exchange::Piece>> screen_response(const http::Response& head, exchange::Fetch& fetch, exchange::Piece first);

  const filters::Decision& decision() const noexcept { return decision_; }
  /// Ends the inspection once the exchange is over: rules of the logging phase, metrics, trail, log.
  void finish(observe::WorkerMetrics& metrics, observe::WafLog& log);

 private:
  Try<void> judged(const filters::Decision& decision);
  Task<Try<void>> collect_request();
  Task<Try<exchange::Piece>> collect_response(exchange::Fetch& fetch, exchange::Piece first);
  Try<void> hold(std::string& into, std::span<const char> bytes);
  Try<void> count_held();
  void keep_response_head(const http::Response& head);
  void note_matches();
  void write_log(observe::WafLog& log, observe::WafAction action, const filters::AuditRecord& audit) const;
  std::uint64_t score() const;

  Passage& passage_;
  const CompiledWebAcl& acl_;
  InspectionRoom& room_;
  filters::Inspection inspection_;
  filters::Decision decision_;
  std::string held_request_, held_response_;
  std::uint64_t counted_{0};  // of this exchange, in the room's count
  exchange::Piece content_;
  std::string response_text_;  // names and values of the response's head: they outlive the origin's connection
  std::vector<filters::FieldView> response_fields_;
  std::size_t noted_{0};  // matches that are in the trail
};

/// Answers an exchange that a web ACL stopped.
Task<Try<void>> reply_blocked(Passage& passage, const filters::Decision& decision);

}  // namespace gatehouse::proxy
