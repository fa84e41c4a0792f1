// Proxy: one worker's data plane above the protocols: it holds the configuration in force, the connections to origins,
// the counters and the log, and answers exchanges (serve.cpp is the spine). Steps 1 to 8 are its member functions, one
// file each. Everything on the worker's thread, but for construction before the worker runs.
#pragma once

#include <memory>

#include "gateway/exchange/exchange.hpp"
#include "gateway/observe/access_log.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/http/ranges.hpp"
#include "gateway/proxy/guard.hpp"
#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/splice.hpp"
#include "gateway/proxy/worker_snapshot.hpp"
#include "gateway/upstream/connections.hpp"

namespace gatehouse::proxy {

class ContentFetch;
class FillExchange;

class Proxy final : public exchange::Handler {
 public:
  /// Where the worker's log lines go; one ring may take both kinds.
  struct LogRings {
    LogRings(observe::LogRing& both) noexcept : access(both), waf(both) {}
    LogRings(observe::LogRing& access, observe::LogRing& waf) noexcept : access(access), waf(waf) {}
    observe::LogRing& access;
    observe::LogRing& waf;
  };
  Proxy(runtime::Worker& worker, observe::WorkerMetrics& metrics, const LogRings& rings, WorkerSnapshot::Pin snapshot);

  // What the protocols call.
  Task<> serve(Exchange& exchange) override;
  Task<> refuse(Exchange& exchange, Fault fault) override;
  const config::Limits& limits() const noexcept override { return (*current_).config.limits; }
  bool closing(const exchange::Connection& connection) const noexcept override;

  /// Puts another configuration in force for the exchanges that begin from now on.
  void use(WorkerSnapshot::Pin snapshot) noexcept {
    current_ = std::move(snapshot);
    waf_log_.enable((*current_).waf_log);
  }
  const Snapshot& snapshot() const noexcept { return *current_; }
  /// From now on every connection is closed after its exchange.
  void drain() noexcept { draining_ = true; }
  bool draining() const noexcept { return draining_; }

  upstream::Connections& connections() noexcept { return connections_; }
  observe::WorkerMetrics& metrics() noexcept { return metrics_; }
  runtime::Worker& worker() noexcept { return worker_; }

 private:
  Task<Try<void>> answer(Passage& passage);
  Task<Try<void>> guarded(Passage& passage, const CompiledAction& action);
  Task<Try<void>> act(Passage& passage, const CompiledAction& action);
  Task<> fail(Passage& passage, Fault fault);

  // The steps, in the order of the spine.
  Try<void> identify(Passage& passage);
  const CompiledRule& match(Passage& passage);
  filters::Verdict screen(Passage& passage);
  Task<Try<void>> look_up(Passage& passage, const CompiledAction& action);
  void steer(Passage& passage, const CompiledAction& action);
  Task<Try<void>> forward(Passage& passage);
  void account(Passage& passage);

  // Parts of the steps.
  void name_request(Passage& passage);
  Task<Try<void>> look_up_with_pages(Passage& passage, const CompiledAction& action);
  static Try<void> admit(Passage& passage, const CompiledBehavior& behavior);
  static bool is_sent_to_https(const Passage& passage, const CompiledBehavior& behavior) noexcept;
  Task<Try<void>> redirect_to_https(Passage& passage);
  Task<Try<void>> fetch(Passage& passage, const CompiledAction& action);
  Task<Try<void>> go_past(Passage& passage, const CompiledAction& action, CacheResult result);
  Task<Try<void>> answer_from_outside(Passage& passage, const CompiledAction& action, cache::Found found);
  Task<Try<void>> look_on_disk(Passage& passage, const CompiledAction& action, cache::Found found);
  Task<Try<void>> answer_from(Passage& passage, const CompiledAction& action, cache::Found found);
  Task<Try<void>> ask_head(Passage& passage, const CompiledAction& action, cache::Found found);
  Task<Try<void>> wait_for_fetch(Passage& passage, const CompiledAction& action, cache::Found found);
  Flights::Joined begin_flight(Passage& passage, const cache::ObjectRef& stored, const cache::Object* sibling = nullptr,
                               bool alone = false);
  struct Waited {
    Try<void> outcome{};
    bool late{false};  // there is something stale to send
  };
  Task<Waited> wait_for_landing(Passage& passage, Flight& flight, const cache::ObjectRef& stale);
  Task<> fill(std::unique_ptr<FillExchange> x);
  static void take_account(Passage& passage, const Landing& landing);
  Task<Try<void>> deliver_hit(Passage& passage, cache::ObjectRef object, CacheResult result);
  Task<Try<void>> deliver_part(Passage& passage, cache::ObjectRef part);
  Task<Try<void>> deliver_patched(Passage& passage);
  Task<Try<void>> deliver_filled(Passage& passage, const CompiledAction& action, Flight& flight);
  Task<Try<void>> deliver_landed(Passage& passage, Flight& flight, bool leads);
  Task<Try<void>> send_stored(Passage& passage, http::ByteRange extent);
  Task<Try<void>> stream(Passage& passage, std::unique_ptr<ContentFetch> content);
  Task<Try<void>> purge(Passage& passage);
  std::uint16_t region_for(Passage& passage);
  std::string_view prepare_request(Passage& passage);
  bool fail_over(Passage& passage, const Fault& fault);
  bool pick(Passage& passage, const upstream::EndpointState* exclude);
  struct Attempt {
    exchange::Piece first;  // of the request's content
    std::string_view host;
    bool again{false};
  };
  Task<Try<void>> attempt(Passage& passage, const Attempt& what);
  Task<Try<void>> ask_origin(Passage& passage, const Attempt& what, const upstream::EndpointState* exclude);
  void learn(const Passage& passage, const Try<void>& outcome);
  Task<Try<void>> serve_site(Passage& passage, exchange::Piece first);
  void log(const Passage& passage, std::uint64_t duration_ns);

  runtime::Worker& worker_;
  observe::WorkerMetrics& metrics_;
  observe::AccessLog log_;
  observe::WafLog waf_log_;
  InspectionRoom inspection_room_;
  WorkerSnapshot::Pin current_;
  upstream::Connections connections_;
  PipePool pipes_;
  bool draining_{false};
};

}  // namespace gatehouse::proxy
