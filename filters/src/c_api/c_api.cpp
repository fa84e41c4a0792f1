// The C API: opaque handles around the C++ objects. Every entry catches what the library may throw (no memory, or a bug),
// so that nothing unwinds into C.
#include "gatehouse_filters.h"

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "gatehouse/filters/inspection.hpp"

using gatehouse::filters::Decision;
using gatehouse::filters::FieldView;
using gatehouse::filters::Inspection;
using gatehouse::filters::MatchedRule;
using gatehouse::filters::Outcome;
using gatehouse::filters::Problem;
using gatehouse::filters::RequestView;
using gatehouse::filters::ResponseView;
using gatehouse::filters::RuleSet;
using gatehouse::filters::RuleSetOptions;
using gatehouse::filters::Surroundings;
using gatehouse::filters::Workspace;

struct gh_error {
  std::vector<std::string> messages;
};

struct gh_rule_set {
  std::shared_ptr<const RuleSet> rules;
  bool responses{false};
};

struct gh_workspace {
  explicit gh_workspace(const RuleSet& rules) : space(rules) {}
  Workspace space;
};

struct gh_inspection final : Surroundings {
  // The inspection asks for the time at once, so the clock comes first.
  gh_inspection(const RuleSet& rules, Workspace& space, const gh_clock& clock) : clock(clock), inspection(rules, space, *this) {}
  std::uint64_t now_us() const noexcept override { return clock.now_us == nullptr ? 0 : clock.now_us(clock.context); }

  gh_clock clock;
  gh_request request{};
  gh_response response{};
  Inspection inspection;
};

namespace {

std::string_view view(gh_text text) noexcept { return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size); }
gh_text text(std::string_view view) noexcept { return {view.data(), view.size()}; }

template <class Message>
bool field_at(const void* context, std::uint32_t index, FieldView& field) noexcept {
  const auto& message = *static_cast<const Message*>(context);
  if (index >= message.field_count) return false;
  field = {view(message.fields[index].name), view(message.fields[index].value)};
  return true;
}

gh_decision decision(const Decision& from) noexcept {
  return {static_cast<gh_outcome>(from.outcome), from.status, from.phase, from.rule_id, text(from.location)};
}
static_assert(static_cast<int>(Outcome::allow) == GH_ALLOW && static_cast<int>(Outcome::redirect) == GH_REDIRECT);

void store(gh_error** error, std::vector<std::string> messages) {
  if (error != nullptr) *error = new gh_error{std::move(messages)};
}

/// Runs `work`, and turns what it throws into a status.
template <class Work>
gh_status guarded(gh_error** error, Work&& work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return GH_OUT_OF_MEMORY;
  } catch (const std::exception& problem) {
    try {
      store(error, {problem.what()});
    } catch (...) {
      return GH_OUT_OF_MEMORY;
    }
    return GH_FAILED;
  } catch (...) {
    return GH_FAILED;
  }
}

/// A step of an inspection.
template <class Step>
gh_status step(gh_inspection* inspection, gh_decision* out, Step&& run) noexcept {
  if (inspection == nullptr || out == nullptr) return GH_MISUSED;
  return guarded(nullptr, [&] {
    *out = decision(run(inspection->inspection));
    return GH_OK;
  });
}

}  // namespace

extern "C" {

size_t gh_error_count(const gh_error* error) { return error == nullptr ? 0 : error->messages.size(); }

const char* gh_error_message(const gh_error* error, size_t index) {
  return error == nullptr || index >= error->messages.size() ? nullptr : error->messages[index].c_str();
}

void gh_error_free(gh_error* error) { delete error; }

gh_status gh_rule_set_load(const gh_load_options* options, gh_rule_set** out, gh_error** error) {
  if (error != nullptr) *error = nullptr;
  if (options == nullptr || out == nullptr || (options->files == nullptr && options->file_count != 0)) return GH_MISUSED;
  *out = nullptr;
  return guarded(error, [&] {
    const std::vector<std::string> files(options->files, options->files + options->file_count);
    RuleSetOptions load;
    if (options->cache_folder != nullptr) load.cache_folder = options->cache_folder;
    if (options->before.size != 0) load.before.push_back({"before", std::string(view(options->before))});
    if (options->after.size != 0) load.after.push_back({"after", std::string(view(options->after))});
    auto rules = RuleSet::load_seclang(files, load);
    if (!rules) {
      std::vector<std::string> messages;
      for (const Problem& problem : rules.error()) messages.push_back(to_string(problem));
      store(error, std::move(messages));
      return GH_FAILED;
    }
    const bool responses = (*rules)->facts().response_rules;
    *out = new gh_rule_set{std::move(*rules), responses};
    return GH_OK;
  });
}

void gh_rule_set_free(gh_rule_set* rules) { delete rules; }
size_t gh_rule_set_rule_count(const gh_rule_set* rules) { return rules == nullptr ? 0 : rules->rules->rule_count(); }
int gh_rule_set_looks_at_responses(const gh_rule_set* rules) { return rules != nullptr && rules->responses ? 1 : 0; }

gh_status gh_workspace_new(const gh_rule_set* rules, gh_workspace** out, gh_error** error) {
  if (error != nullptr) *error = nullptr;
  if (rules == nullptr || out == nullptr) return GH_MISUSED;
  *out = nullptr;
  return guarded(error, [&] {
    *out = new gh_workspace(*rules->rules);
    return GH_OK;
  });
}

void gh_workspace_free(gh_workspace* workspace) { delete workspace; }

gh_status gh_inspection_new(const gh_rule_set* rules, gh_workspace* workspace, const gh_clock* clock, gh_inspection** out,
                            gh_error** error) {
  if (error != nullptr) *error = nullptr;
  if (rules == nullptr || workspace == nullptr || out == nullptr) return GH_MISUSED;
  *out = nullptr;
  return guarded(error, [&] {
    *out = new gh_inspection(*rules->rules, workspace->space, clock == nullptr ? gh_clock{nullptr, nullptr} : *clock);
    return GH_OK;
  });
}

void gh_inspection_free(gh_inspection* inspection) { delete inspection; }

gh_status gh_inspection_request_head(gh_inspection* inspection, const gh_request* request, gh_decision* out) {
  if (inspection == nullptr || request == nullptr || (request->fields == nullptr && request->field_count != 0)) return GH_MISUSED;
  inspection->request = *request;
  return step(inspection, out, [&](Inspection& run) {
    RequestView head;
    head.method = view(request->method);
    head.target = view(request->target);
    head.path = head.target.substr(0, head.target.find('?'));
    if (head.path.size() < head.target.size()) head.query = head.target.substr(head.path.size() + 1);
    head.version = view(request->version);
    head.client_text = view(request->client);
    if (const auto address = gatehouse::filters::parse_address(head.client_text)) head.client = *address;
    head.fields = {&field_at<gh_request>, &inspection->request};
    return run.on_request_head(head, view(request->unique_id));
  });
}

int gh_inspection_wants_request_body(const gh_inspection* inspection) {
  return inspection != nullptr && inspection->inspection.wants_request_body() ? 1 : 0;
}

gh_status gh_inspection_request_body(gh_inspection* inspection, gh_text piece, gh_decision* out) {
  return step(inspection, out, [&](Inspection& run) { return run.on_request_body(view(piece)); });
}

gh_status gh_inspection_request_end(gh_inspection* inspection, gh_decision* out) {
  return step(inspection, out, [](Inspection& run) { return run.on_request_end(); });
}

gh_status gh_inspection_response_head(gh_inspection* inspection, const gh_response* response, gh_decision* out) {
  if (inspection == nullptr || response == nullptr || (response->fields == nullptr && response->field_count != 0)) return GH_MISUSED;
  inspection->response = *response;
  return step(inspection, out, [&](Inspection& run) {
    return run.on_response_head({response->status, view(response->version), {&field_at<gh_response>, &inspection->response}});
  });
}

int gh_inspection_wants_response_body(const gh_inspection* inspection) {
  return inspection != nullptr && inspection->inspection.wants_response_body() ? 1 : 0;
}

gh_status gh_inspection_response_body(gh_inspection* inspection, gh_text piece, gh_decision* out) {
  return step(inspection, out, [&](Inspection& run) { return run.on_response_body(view(piece)); });
}

gh_status gh_inspection_response_end(gh_inspection* inspection, gh_decision* out) {
  return step(inspection, out, [](Inspection& run) { return run.on_response_end(); });
}

gh_status gh_inspection_finish(gh_inspection* inspection) {
  if (inspection == nullptr) return GH_MISUSED;
  return guarded(nullptr, [&] {
    inspection->inspection.finish();
    return GH_OK;
  });
}

size_t gh_inspection_match_count(const gh_inspection* inspection) {
  return inspection == nullptr ? 0 : inspection->inspection.matches().size();
}

gh_status gh_inspection_match(const gh_inspection* inspection, size_t index, gh_match* out) {
  if (inspection == nullptr || out == nullptr || index >= inspection->inspection.matches().size()) return GH_MISUSED;
  const MatchedRule& match = inspection->inspection.matches()[index];
  *out = {match.id, match.phase, match.severity, match.disruptive ? 1 : 0, match.logged ? 1 : 0,
          text(match.message), text(match.data), text(match.variable), text(match.value)};
  return GH_OK;
}

gh_status gh_inspection_detected(const gh_inspection* inspection, gh_decision* out) {
  if (inspection == nullptr || out == nullptr) return GH_MISUSED;
  *out = decision(inspection->inspection.detected());
  return GH_OK;
}

gh_text gh_inspection_variable(const gh_inspection* inspection, gh_text name) {
  if (inspection == nullptr) return {nullptr, 0};
  try {
    return text(inspection->inspection.variable(view(name)));
  } catch (...) {
    return {nullptr, 0};
  }
}

}  // extern "C"
