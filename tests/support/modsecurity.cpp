#include "tests/support/modsecurity.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

namespace gatehouse::peers {

namespace {

/// ModSecurityIntervention of its public header.
struct Intervention {
  int status{200};
  int pause{0};
  char* url{nullptr};
  char* log{nullptr};
  int disruptive{0};
};

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

struct Libmodsecurity::Api {
  void* library{nullptr};
  void* (*init)(){nullptr};
  void (*cleanup)(void*){nullptr};
  void (*set_log_cb)(void*, void (*)(void*, const void*)){nullptr};
  void* (*create_rules_set)(){nullptr};
  int (*rules_cleanup)(void*){nullptr};
  int (*rules_add_file)(void*, const char*, const char**){nullptr};
  int (*rules_add)(void*, const char*, const char**){nullptr};
  void* (*new_transaction)(void*, void*, void*){nullptr};
  void (*transaction_cleanup)(void*){nullptr};
  int (*process_connection)(void*, const char*, int, const char*, int){nullptr};
  int (*process_uri)(void*, const char*, const char*, const char*){nullptr};
  int (*add_n_request_header)(void*, const unsigned char*, std::size_t, const unsigned char*, std::size_t){nullptr};
  int (*process_request_headers)(void*){nullptr};
  int (*append_request_body)(void*, const unsigned char*, std::size_t){nullptr};
  int (*process_request_body)(void*){nullptr};
  int (*process_logging)(void*){nullptr};
  int (*intervention)(void*, Intervention*){nullptr};

  template <class Function>
  bool find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
  }
  bool find_all() {
    return find(init, "msc_init") && find(cleanup, "msc_cleanup") && find(set_log_cb, "msc_set_log_cb") &&
           find(create_rules_set, "msc_create_rules_set") && find(rules_cleanup, "msc_rules_cleanup") &&
           find(rules_add_file, "msc_rules_add_file") && find(rules_add, "msc_rules_add") &&
           find(new_transaction, "msc_new_transaction") && find(transaction_cleanup, "msc_transaction_cleanup") &&
           find(process_connection, "msc_process_connection") && find(process_uri, "msc_process_uri") &&
           find(add_n_request_header, "msc_add_n_request_header") &&
           find(process_request_headers, "msc_process_request_headers") &&
           find(append_request_body, "msc_append_request_body") && find(process_request_body, "msc_process_request_body") &&
           find(process_logging, "msc_process_logging") && find(intervention, "msc_intervention");
  }
};

std::unique_ptr<Libmodsecurity> Libmodsecurity::open() {
  auto api = std::make_unique<Api>();
  api->library = dlopen("libmodsecurity.so.3", RTLD_NOW | RTLD_LOCAL);
  if (api->library == nullptr || !api->find_all()) return nullptr;
  return std::unique_ptr<Libmodsecurity>(new Libmodsecurity(std::move(api)));
}

Libmodsecurity::Libmodsecurity(std::unique_ptr<Api> api) : api_(std::move(api)) {
  engine_ = api_->init();
  api_->set_log_cb(engine_, on_log);
  rules_ = api_->create_rules_set();
}

// The library itself stays: it registers what cannot be taken back.
Libmodsecurity::~Libmodsecurity() {
  api_->rules_cleanup(rules_);
  api_->cleanup(engine_);
}

std::string Libmodsecurity::add_file(const std::string& path) {
  const char* problem = nullptr;
  return api_->rules_add_file(rules_, path.c_str(), &problem) >= 0 ? "" : problem == nullptr ? "refused" : problem;
}

std::string Libmodsecurity::add_rules(const std::string& text) {
  const char* problem = nullptr;
  return api_->rules_add(rules_, text.c_str(), &problem) >= 0 ? "" : problem == nullptr ? "refused" : problem;
}

void Libmodsecurity::on_log(void* context, const void* line) {
  if (context == nullptr) return;
  Verdict& seen = static_cast<Libmodsecurity*>(context)->seen_;
  const std::string_view text = static_cast<const char*>(line);
  // What a rule has found may look like a mark as well: the line's own marks stand behind the data, message after id.
  const auto after = [&](std::string_view mark) {
    const std::size_t at = text.rfind(mark);
    const std::size_t begin = at == std::string_view::npos ? text.size() : at + mark.size();
    return std::string(text.substr(begin, text.find("\"]", begin) - begin));
  };
  if (text.find("[id \"") == std::string_view::npos) return;
  seen.ids.push_back(static_cast<unsigned>(std::strtoul(after("[id \"").c_str(), nullptr, 10)));
  seen.messages.push_back(after("[msg \""));
}

Verdict Libmodsecurity::inspect(const Request& request, bool wants_ids) {
  seen_ = {};
  void* transaction = api_->new_transaction(engine_, rules_, wants_ids ? this : nullptr);
  Verdict verdict;
  const auto decided = [&] {
    Intervention intervention;
    if (api_->intervention(transaction, &intervention) == 0) return false;
    verdict.status = intervention.status;
    if (wants_ids && intervention.log != nullptr) on_log(this, intervention.log);
    std::free(intervention.url);
    std::free(intervention.log);
    return true;
  };
  api_->process_connection(transaction, "192.0.2.7", 40000, "192.0.2.1", 80);
  api_->process_uri(transaction, request.target.c_str(), request.method.c_str(), "1.1");
  for (const auto& [name, value] : request.fields) {
    api_->add_n_request_header(transaction, bytes(name), name.size(), bytes(value), value.size());
  }
  api_->process_request_headers(transaction);
  if (!decided()) {
    if (!request.body.empty()) api_->append_request_body(transaction, bytes(request.body), request.body.size());
    api_->process_request_body(transaction);
    decided();
  }
  api_->process_logging(transaction);
  api_->transaction_cleanup(transaction);
  verdict.ids = seen_.ids;
  verdict.messages = seen_.messages;
  return verdict;
}

}  // namespace gatehouse::peers
