#include "gateway/proxy/compile.hpp"

#include <algorithm>

#include "gatehouse/filters/registry.hpp"
#include "gateway/proxy/compile_behaviors.hpp"
#include "gateway/proxy/compile_cache.hpp"
#include "gateway/tls/certificates.hpp"
#include "gateway/proxy/key_command.hpp"

namespace gatehouse::proxy {
namespace {

using config::Problem;
using config::Problems;

/// One compilation under way: what it reads, what it makes, what is wrong so far.
class Compiler {
 public:
  Compiler(Snapshot& out, Lasting& lasting, const Prepared& prepared)
      : out_(out), config_(out.config), lasting_(lasting), prepared_(prepared) {}

  Problems run() {
    regions();
    certificates();
    open_geo();
    for (const config::TargetGroup& group : config_.target_groups) compile_group(group);
    for (const config::WebAcl& acl : config_.web_acls) compile_web_acl(acl);
    choose_waf_log();
    compile_cache();
    out_.public_keys = load_public_keys(config_, problems_);
    for (const config::Listener& listener : config_.listeners) add(compile_listener(listener));
    return std::move(problems_);
  }

 private:
  void regions();
  void certificates();
  void open_geo();
  void compile_group(const config::TargetGroup& group);
  std::unique_ptr<CompiledListener> compile_listener(const config::Listener& listener);
  void add(std::unique_ptr<CompiledListener> listener);
  CompiledRule compile_rule(const config::Listener& listener, const config::Rule& rule);
  void compile_web_acl(const config::WebAcl& acl);
  void choose_waf_log();
  void compile_cache();
  const CompiledWebAcl* web_acl_named(const std::string& name) const;
  CompiledAction compile_action(const config::Action& action);
  /// Which filter of the configuration is made.
  struct FilterPlace {
    const config::Listener& listener;
    const config::Filter& filter;
    std::string_view kind;
  };
  using FilterList = std::vector<std::unique_ptr<const filters::Filter>>;
  filters::Chain compile_filters(const config::Listener& listener);
  void add_filter(const FilterPlace& place, filters::Settings settings, FilterList& chain);
  void compile_tls(const config::Listener& listener, CompiledListener& out);
  void complain(const config::Position& where, std::string field, std::string message);

  Snapshot& out_;
  const config::Config& config_;
  Lasting& lasting_;
  const Prepared& prepared_;
  Problems problems_;
  std::map<std::string, std::shared_ptr<const tls::Identity>> identities_;
};

filters::IpSet ip_set(const std::vector<std::string>& blocks) {
  std::vector<filters::Cidr> parsed;
  for (const std::string& text : blocks) {
    const auto block = filters::parse_cidr(text, filters::HostBits::clear);
    if (block) parsed.push_back(*block);
  }
  return filters::IpSet(parsed);
}

void Compiler::complain(const config::Position& where, std::string field, std::string message) {
  Problem problem;
  problem.file = where.file;
  problem.line = where.line;
  problem.column = where.column;
  problem.field = std::move(field);
  problem.message = std::move(message);
  problems_.add(std::move(problem));
}

void Compiler::regions() {
  for (const config::Region& region : config_.regions) out_.regions.push_back(&lasting_.regions.obtain(region.name));
}

void Compiler::certificates() {
  for (const config::Certificate& certificate : config_.certificates) {
    tls::IdentitySource source;
    source.name = certificate.name;
    source.certificate_file = certificate.certificate_file;
    source.private_key_file = certificate.private_key_file;
    const std::string field = "certificates[" + certificate.name + "]";
    if (!certificate.private_key_command.empty()) {
      const auto key = run_key_command(certificate.private_key_command);
      if (!key) {
        complain(certificate.position, field + ".private_key_command", key.error());
        continue;
      }
      source.private_key_pem = *key;
    }
    const auto identity = tls::Identity::load(source);
    if (identity) {
      identities_[certificate.name] = *identity;
    } else {
      complain(certificate.position, field, identity.error());
    }
  }
}

void Compiler::open_geo() {
  const config::Geo& geo = config_.geo;
  if (geo.database.empty() && geo.asn_database.empty()) return;
  auto opened = filters::GeoDatabase::open({geo.database, geo.asn_database});
  if (!opened) return complain({}, "geo", opened.error());
  out_.geo = std::move(*opened);
}

void Compiler::compile_group(const config::TargetGroup& settings) {
  auto out = std::make_unique<CompiledGroup>(settings, config_.regions, lasting_.endpoints);
  out->id = lasting_.groups.of(settings.name);
  out->index = static_cast<std::uint32_t>(out_.groups.size());
  for (std::size_t i = 0; i < out->group.regions(); ++i) {
    const std::string name = i < config_.regions.size() ? config_.regions[i].name : "default";
    out->region_series.push_back(lasting_.metrics.region({settings.name, name}));
  }
  for (upstream::EndpointState* endpoint : out->group.endpoints()) {
    endpoint->set_series(
        lasting_.metrics.endpoint({settings.name, endpoint->address_text(), endpoint->region(), endpoint->zone()}));
  }
  if (settings.static_site) {
    auto site = upstream::SiteRoot::open(settings.static_site->root);
    if (site) {
      out->site = std::move(*site);
    } else {
      complain(settings.static_site->position, "target_groups[" + settings.name + "].static_site.root", site.error());
    }
  }
  if (settings.protocol == config::TargetProtocol::https) {
    const auto context = tls::ClientContext::make(settings.tls);
    if (context) {
      out->tls = *context;
    } else {
      complain(settings.position, "target_groups[" + settings.name + "].tls", context.error());
    }
  }
  auto origin = compile_origin_settings(settings);
  if (!origin) complain(settings.position, "target_groups[" + settings.name + "].origin_access_control", origin.error());
  if (origin) out->settings = std::move(*origin);
  out_.groups.push_back(std::move(out));
}

std::unique_ptr<CompiledListener> Compiler::compile_listener(const config::Listener& listener) {
  auto out = std::make_unique<CompiledListener>();
  out->id = lasting_.listeners.of(listener.name);
  out->config = &listener;
  out->port = prepared_.ports.at(listener.name);
  out->port_text = std::to_string(out->port);
  out->default_port = out->port == (listener.protocol == config::ListenerProtocol::https ? 443 : 80);
  out->series = lasting_.metrics.listener(listener.name);
  out->refused_series = lasting_.metrics.route({listener.name, "none"});
  out->filters = compile_filters(listener);
  out->trusted_proxies = ip_set(listener.forwarded_headers.trusted_proxies);
  compile_behaviors(listener, out_, *out);
  for (const config::Rule& rule : listener.rules) out->rules.push_back(compile_rule(listener, rule));
  std::ranges::sort(out->rules, {}, &CompiledRule::priority);
  out->fallback.name = "default";
  out->fallback.web_acl = web_acl_named(listener.web_acl);
  if (!listener.default_actions.empty()) out->fallback.action = compile_action(listener.default_actions.front());
  out->fallback.series = lasting_.metrics.route({listener.name, "default"});
  if (listener.protocol == config::ListenerProtocol::https) compile_tls(listener, *out);
  return out;
}

void Compiler::add(std::unique_ptr<CompiledListener> listener) {
  if (out_.listeners_by_id.size() <= listener->id) out_.listeners_by_id.resize(listener->id + 1);
  out_.listeners_by_id[listener->id] = listener.get();
  out_.listeners.push_back(std::move(listener));
}

CompiledRule Compiler::compile_rule(const config::Listener& listener, const config::Rule& rule) {
  CompiledRule out;
  out.priority = rule.priority;
  out.name = std::to_string(rule.priority);
  for (const config::Condition& condition : rule.conditions) {
    std::vector<Pattern> patterns;
    for (const std::string& text : condition.host_header) patterns.emplace_back(text, Pattern::Case::insensitive);
    if (!patterns.empty()) out.hosts.push_back(std::move(patterns));
    patterns.clear();
    for (const std::string& text : condition.path_pattern) patterns.emplace_back(text, Pattern::Case::sensitive);
    if (!patterns.empty()) out.paths.push_back(std::move(patterns));
  }
  if (!rule.actions.empty()) out.action = compile_action(rule.actions.front());
  out.web_acl = web_acl_named(rule.web_acl.empty() ? listener.web_acl : rule.web_acl);
  out.series = lasting_.metrics.route({listener.name, out.name});
  return out;
}

void Compiler::compile_web_acl(const config::WebAcl& acl) {
  if (acl.mode == config::WebAclMode::off) return;
  const auto& rules = prepared_.acls.at(acl.name);
  if (!rules) return problems_.append(rules.error());
  auto out = std::make_unique<CompiledWebAcl>();
  out->config = &acl;
  out->rules = *rules;
  out->facts = out->rules->facts();
  out->index = static_cast<std::uint32_t>(out_.web_acls.size());
  out->text_hash = hash_of_files(out->rules->rule_files());
  out->series = lasting_.metrics.web_acl(acl.name);
  for (const std::uint32_t rule : out->rules->rule_ids()) {
    out->rule_series.push_back({rule, lasting_.metrics.waf_rule({acl.name, std::to_string(rule)})});
  }
  out_.web_acls.push_back(std::move(out));
}

void Compiler::compile_cache() {
  out_.purge_from = ip_set(config_.cache.purge_from);
  const bool wanted = std::ranges::any_of(config_.listeners, [](const config::Listener& l) { return !l.behaviors.empty(); });
  if (!wanted) return;
  if (!lasting_.cache) {
    auto made = make_shared_cache(config_.cache);
    if (!made) return complain({}, "cache.disk.path", made.error());
    lasting_.cache = std::move(*made);
  }
  out_.cache = lasting_.cache;
}

/// The configured file, else the first that rules name with SecAuditLog.
void Compiler::choose_waf_log() {
  if (config_.logs.waf.path != "off") out_.waf_log_path = config_.logs.waf.path;
  for (const auto& acl : out_.web_acls) {
    if (out_.waf_log_path.empty() && acl->facts.audit) out_.waf_log_path = acl->facts.audit_path;
  }
  out_.waf_log = !out_.waf_log_path.empty() && !out_.web_acls.empty();
  if (!out_.waf_log) out_.waf_log_path.clear();
}

const CompiledWebAcl* Compiler::web_acl_named(const std::string& name) const {
  for (const auto& acl : out_.web_acls) {
    if (acl->config->name == name) return acl.get();
  }
  return nullptr;  // none is named, or it is off
}

CompiledAction Compiler::compile_action(const config::Action& action) {
  CompiledAction out;
  if (action.redirect) {
    out.kind = CompiledAction::Kind::redirect;
    out.redirect = *action.redirect;
  } else if (action.fixed_response) {
    out.fixed_response = *action.fixed_response;
  } else if (action.forward) {
    out.kind = CompiledAction::Kind::forward;
    for (const config::ForwardTarget& target : action.forward->target_groups) {
      for (std::size_t i = 0; i < config_.target_groups.size(); ++i) {
        if (config_.target_groups[i].name != target.name) continue;
        out.forward.push_back({out_.groups[i].get(), target.weight});
        out.weights += target.weight;
      }
    }
  }
  return out;
}

filters::Chain Compiler::compile_filters(const config::Listener& listener) {
  FilterList chain;
  for (const config::Filter& filter : listener.filters) {
    if (filter.access_list) {
      const filters::Setting settings[] = {{"allow", filter.access_list->allow}, {"deny", filter.access_list->deny}};
      add_filter({listener, filter, "access_list"}, settings, chain);
    } else if (filter.geo_restriction && out_.geo) {  // else its problem is reported already
      const bool whitelist = filter.geo_restriction->restriction_type == config::RestrictionType::whitelist;
      const std::vector<std::string> type{whitelist ? "whitelist" : "blacklist"}, database{config_.geo.database};
      const filters::Setting settings[] = {
          {"restriction_type", type}, {"locations", filter.geo_restriction->locations}, {"database", database}};
      add_filter({listener, filter, "geo_restriction"}, settings, chain);
    }
  }
  return filters::Chain(std::move(chain));
}

/// Makes a filter of a kind the library knows.
void Compiler::add_filter(const FilterPlace& place, filters::Settings settings, FilterList& chain) {
  filters::MadeFilter made = filters::find_filter_kind(place.kind)->make(settings);
  if (made) return chain.push_back(std::move(*made));
  for (const filters::SettingProblem& problem : made.error()) {
    const std::string field = "listeners[" + place.listener.name + "].filters." + std::string(place.kind) + "." + problem.setting;
    complain(place.filter.position, field, problem.message);
  }
}

/// They cost every handshake a little, so they are made only where an origin is told.
bool asks_for_fingerprints(const CompiledListener& listener) {
  using enum cdn::ViewerHeader;
  return std::ranges::any_of(listener.behaviors, [](const CompiledBehavior& behavior) {
    return behavior.origin_request != nullptr &&
           std::ranges::any_of(behavior.origin_request->viewer_headers, [](auto header) { return header == ja3 || header == ja4; });
  });
}

void Compiler::compile_tls(const config::Listener& listener, CompiledListener& out) {
  tls::ServerOptions options;
  options.listener = listener.name;
  options.settings = listener.tls;
  options.tickets = lasting_.tickets;
  options.fingerprints = asks_for_fingerprints(out);
  for (const std::string& name : listener.tls.certificates) {
    const auto found = identities_.find(name);
    if (found == identities_.end()) return;  // its problem is reported already
    options.identities.push_back(found->second);
  }
  auto context = tls::ServerContext::make(std::move(options));
  if (context) {
    out.tls = *context;
  } else {
    complain(listener.position, "listeners[" + listener.name + "].tls", context.error());
  }
}

}  // namespace

Result<std::shared_ptr<Snapshot>, Problems> compile(config::Config config, std::uint64_t generation, Lasting& lasting,
                                                    const Prepared& prepared) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->config = std::move(config);
  snapshot->generation = generation;
  snapshot->collections = lasting.collections;
  snapshot->access_log = snapshot->config.logs.access.path != "off";
  Problems problems = Compiler(*snapshot, lasting, prepared).run();
  if (problems.errors() != 0) return Failure{std::move(problems)};
  return snapshot;
}

}  // namespace gatehouse::proxy
