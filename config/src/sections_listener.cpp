// Keys of a listener: its socket, TLS, what it tells origins, its filters.
#include "sections.hpp"

namespace gatehouse::config {

using std::chrono_literals::operator""h;

const Section<TlsSettings>& tls_section() {
  static const Section<TlsSettings> section{
      .meaning = "TLS towards clients.",
      .keys = {
          key("security_policy", &TlsSettings::security_policy, text(policy_name),
              "Protocol versions and ciphers, under AWS's name. Post-quantum policies use the classical groups, those "
              "with TLS 1.0 or 1.1 start at 1.2; both warn.")
              .source("SslPolicy"),
          key("certificates", &TlsSettings::certificates, list(text(name)),
              "Names of certificates. A client gets the one that fits the name it asks for, else the first.")
              .source("Certificates"),
          key("session_tickets", &TlsSettings::session_tickets, flag(),
              "Whether clients may resume with tickets (RFC 5077)."),
          key("ticket_rotation", &TlsSettings::ticket_rotation, duration(1s, 168h),
              "After this time a new key encrypts tickets; the one before is still accepted."),
      }};
  return section;
}

const Section<ForwardedHeaders>& forwarded_headers_section() {
  static const Section<ForwardedHeaders> section{
      .meaning = "What origins are told about the client.",
      .keys = {
          key("x_forwarded_for", &ForwardedHeaders::x_forwarded_for,
              choice<ForwardedFor>({{"append", ForwardedFor::append},
                                    {"preserve", ForwardedFor::preserve},
                                    {"remove", ForwardedFor::remove}}),
              "Whether the client's address is appended to `X-Forwarded-For`, or that field is passed on as it came, "
              "or removed.")
              .source("routing.http.xff_header_processing.mode"),
          key("client_port", &ForwardedHeaders::client_port, flag(),
              "Whether the address in `X-Forwarded-For` has its port.")
              .source("routing.http.xff_client_port.enabled"),
          key("preserve_host", &ForwardedHeaders::preserve_host, flag(), "Whether `Host` reaches the origin untouched.")
              .source("routing.http.preserve_host_header.enabled"),
          key("trusted_proxies", &ForwardedHeaders::trusted_proxies, list(text(cidr_block)),
              "Proxies in front whose `X-Forwarded-*` fields are believed; nobody else's are."),
      }};
  return section;
}

static const Section<AccessList>& access_list_section() {
  static const Section<AccessList> section{
      .meaning = "Admits or refuses clients by their address, with 403.",
      .keys = {
          key("allow", &AccessList::allow, list(text(cidr_block)),
              "Who may pass; when it has entries, everybody else is refused."),
          key("deny", &AccessList::deny, list(text(cidr_block)), "Who may not; stronger than `allow`."),
      }};
  return section;
}

const Section<Filter>& filter_section() {
  static const Section<Filter> section{
      .meaning = "One step of the chain that screens a request before the rules look at it.",
      .keys = {key("access_list", &Filter::access_list, maybe(access_list_section()),
                   "Admits or refuses by client address."),
               key("geo_restriction", &Filter::geo_restriction, maybe(geo_restriction_section()), "Admits or refuses by country.")
                   .source("GeoRestriction")},
      .exactly_one = true};
  return section;
}

const Section<Listener>& listener_section() {
  static const Section<Listener> section{
      .meaning = "An address that clients connect to, and what happens to their requests.",
      .keys =
          {
              key("name", &Listener::name, text(name), "Its name in logs, metrics and the admin API.").required(),
              key("address", &Listener::address, text(listen_address), "Where it listens. `localhost` is 127.0.0.1.")
                  .required()
                  .source("Port"),
              key("protocol", &Listener::protocol,
                  choice<ListenerProtocol>({{"HTTP", ListenerProtocol::http}, {"HTTPS", ListenerProtocol::https}}),
                  "What clients speak. HTTPS needs a certificate.")
                  .source("Protocol"),
              key("tls", &Listener::tls, one(tls_section()), "TLS settings of an HTTPS listener."),
              key("forwarded_headers", &Listener::forwarded_headers, one(forwarded_headers_section()),
                  "What origins are told about the client."),
              key("filters", &Listener::filters, many(filter_section()),
                  "Screens every request, in this order, before the rules."),
              key("web_acl", &Listener::web_acl, text(name),
                  "A name of `web_acls`: its rules inspect every request of this listener.")
                  .source("WebACLAssociation"),
              key("behaviors", &Listener::behaviors, many(behavior_section()),
                  "Which requests may be answered from the cache; the first whose pattern fits decides, and a request that "
                  "fits none is not cached.")
                  .source("CacheBehaviors"),
              key("custom_error_responses", &Listener::custom_error_responses, many(custom_error_response_section()),
                  "Pages in place of errors, for requests that fit a behavior.")
                  .source("CustomErrorResponses"),
              key("cache_tag_config", &Listener::cache_tag_config, one(cache_tag_config_section()), "Tags of what behaviors store.")
                  .source("CacheTagConfig"),
              key("default_root_object", &Listener::default_root_object, text(plain_text),
                  "What a request for `/` gets, such as `index.html`, where behaviors are in use.")
                  .source("DefaultRootObject"),
              key("rules", &Listener::rules, many(rule_section()),
                  "Tried from the lowest priority up; the first that matches decides.")
                  .source("Rules"),
              key("default_actions", &Listener::default_actions, many(action_section(), 1),
                  "What happens when no rule matches.")
                  .required()
                  .source("DefaultActions"),
          },
      .identity = [](const Listener& listener) { return listener.name; }};
  return section;
}

}  // namespace gatehouse::config
