#!/usr/bin/env -S /usr/bin/python3
"""No key is accepted that does nothing: every key of the schema has a row here, which names the check that sets it to another
value and sees the difference through the process. A key without a row fails, and so does a row whose check is gone."""
import json
import os
import re

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import source

limit(30)
HERE = os.path.dirname(os.path.abspath(__file__))
RULE, DEFAULT = "listeners[].rules[].actions[].", "listeners[].default_actions[]."

# key -> (file, the beginning of the check's name)
ROWS = {
    "version": ("keys_process.py", "version: 2 is refused"),
    "workers": ("keys_process.py", "workers: as many threads carry traffic"),
    "drain_timeout": ("limits.py", "drain_timeout: what is in flight longer is cut"),
    "admin.listen": ("lifecycle.py", "the admin API may be a unix socket"),
    "admin.allowed_hosts": ("reload.py", "admin.allowed_hosts is changed by a reload"),
    "logs.access.path": ("access_log.py", "a reload may turn the log off and on, and move it"),
    "logs.access.format": ("keys_process.py", "logs.access.format: json is all there is"),
    "logs.access.buffer": ("access_log.py", "a full pipe never blocks serving, and what is dropped is counted"),
    "limits.request_line": ("protocol_limits.py", "request_line: 414"),
    "limits.header_field": ("protocol_limits.py", "header_field: 431"),
    "limits.request_headers": ("protocol_limits.py", "request_headers: 431"),
    "limits.header_count": ("protocol_limits.py", "header_count: 431"),
    "limits.response_headers": ("limits.py", "response_headers: an origin's head beyond it becomes 502"),
    "limits.request_body": ("protocol_bodies.py", "limits.request_body: 413 for a length beyond it"),
    "limits.connections": ("limits.py", "connections: one more than the limit is closed at once"),
    "limits.connections_per_client": ("limits.py", "connections_per_client: the third connection"),
    "limits.requests_per_connection": ("limits.py", "requests_per_connection: the last response"),
    "limits.request_head_timeout": ("limits.py", "request_head_timeout: a silent client is let go"),
    "limits.tls_handshake_timeout": ("limits.py", "tls_handshake_timeout: a client that does not shake hands"),
    "limits.keep_alive_timeout": ("limits.py", "keep_alive_timeout closes an idle connection"),
    "limits.client_keep_alive": ("limits.py", "client_keep_alive: after its time"),
    "limits.idle_timeout": ("limits.py", "idle_timeout: a client that stops inside its content"),
    "limits.first_byte_timeout": ("limits.py", "first_byte_timeout: an origin that says nothing"),
    "limits.connect_timeout": ("limits.py", "connect_timeout: an origin that does not accept"),
    "certificates[].name": ("protocol_tls.py", "the certificate by name"),
    "certificates[].certificate_file": ("reload.py", "a certificate is exchanged by a reload"),
    "certificates[].private_key_file": ("reload.py", "a certificate is exchanged by a reload"),
    "certificates[].private_key_command": ("keys_process.py", "private_key_command: its output is the key"),
    "listeners[].name": ("reload.py", "a listener gets another name and keeps its port"),
    "listeners[].address": ("reload.py", "a listener moves to another port by reload"),
    "listeners[].protocol": ("protocol_tls.py", "the certificate by name"),
    "listeners[].tls.security_policy": ("protocol_tls.py", "security policies: versions that they do not have"),
    "listeners[].tls.certificates": ("protocol_tls.py", "the certificate by name"),
    "listeners[].tls.session_tickets": ("protocol_tls.py", "without session_tickets nothing is resumed"),
    "listeners[].tls.ticket_rotation": ("keys_process.py", "ticket_rotation: a ticket whose key has gone"),
    "listeners[].forwarded_headers.x_forwarded_for": ("protocol_headers.py", "X-Forwarded-For: append, preserve, remove"),
    "listeners[].forwarded_headers.client_port": ("protocol_headers.py", "X-Forwarded-For: append, preserve, remove"),
    "listeners[].forwarded_headers.preserve_host": ("protocol_headers.py", "Host: lower case and the listener's port"),
    "listeners[].forwarded_headers.trusted_proxies": ("protocol_headers.py", "trusted_proxies: the client is the nearest"),
    "listeners[].filters[].access_list.allow": ("keys_actions.py", "access_list.allow: everybody else is refused"),
    "listeners[].filters[].access_list.deny": ("protocol_headers.py", "access_list: 403 with its reason"),
    "listeners[].rules[].priority": ("protocol_headers.py", "rules: lowest priority first"),
    "listeners[].rules[].conditions[].host_header": ("protocol_headers.py", "rules: lowest priority first"),
    "listeners[].rules[].conditions[].path_pattern": ("protocol_headers.py", "rules: lowest priority first"),
    "target_groups[].name": ("protocol_headers.py", "rules: lowest priority first"),
    "target_groups[].protocol": ("protocol_tls.py", "TLS to origins: name and authority are verified"),
    "target_groups[].algorithm": ("keys_process.py", "algorithm: round_robin is all there is"),
    "target_groups[].health_check.enabled": ("health.py", "enabled: false probes nothing"),
    "target_groups[].health_check.protocol": ("health.py", "TCP checks only connect"),
    "target_groups[].health_check.port": ("health.py", "the port of the check may be another"),
    "target_groups[].health_check.path": ("health.py", "a probe asks for its path"),
    "target_groups[].health_check.interval": ("health.py", "a probe asks for its path"),
    "target_groups[].health_check.timeout": ("health.py", "a probe that takes longer than its timeout"),
    "target_groups[].health_check.healthy_threshold": ("health.py", "it takes unhealthy_threshold failures"),
    "target_groups[].health_check.unhealthy_threshold": ("health.py", "it takes unhealthy_threshold failures"),
    "target_groups[].health_check.matcher": ("health.py", "the matcher decides"),
    "target_groups[].outlier_detection.enabled": ("keys_groups.py", "outlier_detection.enabled: false ejects nobody"),
    "target_groups[].outlier_detection.consecutive_failures": ("health.py", "refused connections eject"),
    "target_groups[].outlier_detection.base_ejection_time": ("health.py", "five failures in a row eject"),
    "target_groups[].outlier_detection.max_ejection_time": ("keys_groups.py", "max_ejection_time: no ejection is longer"),
    "target_groups[].outlier_detection.max_ejection_percent": ("keys_groups.py", "max_ejection_percent: 100 lets all go"),
    "target_groups[].tls.verify": ("protocol_tls.py", "TLS to origins: name and authority are verified"),
    "target_groups[].tls.ca_file": ("protocol_tls.py", "TLS to origins: name and authority are verified"),
    "target_groups[].tls.server_name": ("protocol_tls.py", "TLS to origins: name and authority are verified"),
    "target_groups[].retries": ("killed_origin.py", "retries: 0 sends once"),
    "target_groups[].idle_connections": ("keys_groups.py", "idle_connections: so many are kept"),
    "target_groups[].deregistration_delay": ("reload.py", "deregistration_delay bounds how long"),
    "listeners[].behaviors[].compress": ("cache_compression.py", "left as they came"),
    "target_groups[].static_site.root": ("static_site.py", "files with their type, length"),
    "target_groups[].static_site.index_document": ("static_site.py", "other names for the index"),
    "target_groups[].static_site.error_document": ("static_site.py", "what is not there gets the error document"),
    "target_groups[].static_site.hidden_files": ("static_site.py", "status and metrics know a group without endpoints; hidden files"),
    "target_groups[].static_site.redirect_all_requests_to.host_name": ("static_site.py", "redirect_all_requests_to sends everybody elsewhere"),
    "target_groups[].static_site.redirect_all_requests_to.protocol": ("static_site.py", "redirect_all_requests_to sends everybody elsewhere"),
    "target_groups[].endpoints[].address": ("shares.py", "weights 192 and 64 share"),
    "target_groups[].endpoints[].region": ("shares.py", "dials 30 and 100 share"),
    "target_groups[].endpoints[].zone": ("metrics.py", "endpoints are counted by group, region and zone"),
    "target_groups[].endpoints[].weight": ("shares.py", "weights 192 and 64 share"),
    "regions[].name": ("shares.py", "dials 30 and 100 share"),
    "rule_cache": ("keys_web_acl.py", "rule_cache: compiled rules"),
    "logs.waf.path": ("web_acl.py", "a head that a rule denies never reaches the origin"),
    "logs.waf.buffer": ("keys_web_acl.py", "logs.waf.buffer: a line that does not fit"),
    "limits.inspection_memory": ("keys_web_acl.py", "limits.inspection_memory: 503"),
    "listeners[].web_acl": ("web_acl.py", "a rule's own web ACL takes the place"),
    "listeners[].rules[].web_acl": ("web_acl.py", "a rule's own web ACL takes the place"),
    "web_acls[].name": ("web_acl.py", "a rule's own web ACL takes the place"),
    "web_acls[].mode": ("web_acl.py", "detect lets everything through"),
    "web_acls[].rules": ("web_acl.py", "the rules can be reloaded"),
    "web_acls[].paranoia": ("keys_web_acl.py", "paranoia: rules see the level"),
    "web_acls[].inbound_threshold": ("keys_web_acl.py", "inbound_threshold and outbound_threshold"),
    "web_acls[].outbound_threshold": ("keys_web_acl.py", "inbound_threshold and outbound_threshold"),
    "web_acls[].request_body.inspect": ("keys_web_acl.py", "request_body.inspect: false"),
    "web_acls[].request_body.limit": ("web_acl.py", "more content than the limit is answered 413"),
    "web_acls[].request_body.oversize": ("keys_web_acl.py", "request_body.oversize: inspect_start"),
    "web_acls[].response_body.inspect": ("keys_web_acl.py", "response_body.inspect: content is judged"),
    "web_acls[].response_body.limit": ("keys_web_acl.py", "response_body.limit and oversize"),
    "web_acls[].response_body.oversize": ("keys_web_acl.py", "response_body.limit and oversize"),
    "web_acls[].response_body.content_types": ("keys_web_acl.py", "response_body.content_types"),
    "web_acls[].exclusions[].rules": ("web_acl.py", "exclusions hold by rule"),
    "web_acls[].exclusions[].paths": ("web_acl.py", "exclusions hold by rule"),
    "web_acls[].exclusions[].parameters": ("web_acl.py", "exclusions hold by rule"),
    "web_acls[].request_body.decompress": ("keys_web_acl.py", "request_body.decompress: compressed content"),
    "web_acls[].request_body.decompression_ratio": ("keys_web_acl.py", "request_body.decompression_ratio: content"),
    "web_acls[].response_body.decompress": ("keys_web_acl.py", "response_body.decompress: compressed content"),
    "web_acls[].response_body.decompression_ratio": ("keys_web_acl.py", "response_body.decompression_ratio: content"),
    "listeners[].behaviors[].path_pattern": ("keys_cache.py", "behaviors: path_pattern and cache_policy"),
    "listeners[].behaviors[].cache_policy": ("keys_cache.py", "behaviors: path_pattern and cache_policy"),
    "regions[].traffic_dial": ("keys_groups.py", "traffic_dial: 0 keeps a region's endpoints out"),
    "public_keys[].id": ("signed.py", "without a signature, or with a bad one"),
    "public_keys[].public_key_file": ("signed.py", "key_groups: a reload takes a key out of its group; public_keys"),
    "key_groups[].name": ("signed.py", "trusted_key_groups: each behavior trusts its own groups"),
    "key_groups[].public_keys": ("signed.py", "key_groups: a reload takes a key out of its group"),
    "listeners[].behaviors[].trusted_key_groups": ("signed.py", "trusted_key_groups: each behavior trusts its own groups"),
    "target_groups[].origin_path": ("origin_settings.py", "origin_path: stands before the path"),
    "target_groups[].origin_custom_headers[].header_name": ("origin_settings.py", "origin_custom_headers: header_name and header_value"),
    "target_groups[].origin_custom_headers[].header_value": ("origin_settings.py", "origin_custom_headers: header_name and header_value"),
    "target_groups[].origin_access_control.origin_type": ("origin_settings.py", "origin_access_control: region, service"),
    "target_groups[].origin_access_control.signing_protocol": ("origin_settings.py", "origin_access_control: region, service"),
    "target_groups[].origin_access_control.signing_behavior": ("origin_settings.py", "signing_behavior: no-override"),
    "target_groups[].origin_access_control.region": ("origin_settings.py", "origin_access_control: region, service"),
    "target_groups[].origin_access_control.service": ("origin_settings.py", "origin_access_control: region, service"),
    "target_groups[].origin_access_control.access_key_id": ("origin_settings.py", "origin_access_control: region, service"),
    "target_groups[].origin_access_control.secret_access_key_file": ("origin_settings.py", "origin_access_control: every request is signed"),
    "target_groups[].origin_access_control.secret_access_key_command": ("origin_settings.py", "origin_access_control: region, service"),
}
SECURITY = {"content_security_policy": "content_security_policy override", "content_type_options": "override", "frame_options": "frame_option override",
            "referrer_policy": "referrer_policy override",
            "strict_transport_security": "access_control_max_age_sec include_subdomains preload override",
            "xss_protection": "protection mode_block report_uri override"}
POLICY = {"cors_config": "access_control_allow_credentials access_control_allow_headers access_control_allow_methods access_control_allow_origins "
                         "access_control_expose_headers access_control_max_age_sec origin_override",
          "custom_headers_config": "items[].header items[].value items[].override", "remove_headers_config": "items[].header",
          "security_headers_config": " ".join(f"{name}.{key}" for name, keys in SECURITY.items() for key in keys.split()),
          "server_timing_headers_config": "enabled sampling_rate"}
for section, keys in POLICY.items():
    for key in keys.split():
        ROWS[f"response_headers_policies[].{section}.{key}"] = ("keys_viewer.py", f"{section}: ")
ROWS["response_headers_policies[].name"] = ROWS["listeners[].behaviors[].response_headers_policy"] = ("keys_viewer.py", "response_headers_policy: misses, hits")
ROWS["geo.database"] = ROWS["listeners[].filters[].geo_restriction.restriction_type"] = ROWS["listeners[].filters[].geo_restriction.locations"] = (
    "keys_viewer.py", "geo.database: restriction_type")
ROWS["geo.asn_database"] = ("keys_viewer.py", "geo.asn_database: ")
for key in ("memory", "object_max", "purge_from", "disk.path", "disk.size", "disk.object_max"):
    ROWS["cache." + key] = ("keys_cache.py", f"{key}: ")
for key in ("name", "profile", "targeted_fields", "request_directives", "heuristic_max", "stale_while_revalidate", "stale_if_error",
            "stale_deadline", "cache_status", "set_cookie"):
    ROWS["cache.policies[]." + key] = ("keys_cache.py", f"policies.{key}: ")
CLOUDFRONT = {"lifetimes: the table": "min_ttl default_ttl max_ttl", "Accept-Encoding: in the key": "enable_accept_encoding_gzip enable_accept_encoding_brotli",
              "the key: listed parameters": "headers_config.header_behavior headers_config.headers cookies_config.cookie_behavior cookies_config.cookies "
                                            "query_strings_config.query_string_behavior query_strings_config.query_strings"}
for title, keys in CLOUDFRONT.items():
    for key in keys.split():
        ROWS["cache.policies[]." + key] = ("cloudfront.py", title)
        if "_config." in key:
            ROWS["origin_request_policies[]." + key] = ("cloudfront.py", "origin request policies: what else")
BEHAVIORS = {"cloudfront.py": {"origin_request_policy": "origin request policies: what else", "cached_methods": "unsafe methods do not make"},
             "cache_compression.py": {"compress": "1,000 to 10,000,000 bytes are compressed"},
             "behaviors.py": {"target_origin": "target_origin: ", "viewer_protocol_policy": "viewer_protocol_policy: ", "allowed_methods": "allowed_methods: "}}
for name, keys in BEHAVIORS.items():
    for key, title in keys.items():
        ROWS["listeners[].behaviors[]." + key] = (name, title)
ROWS["origin_request_policies[].name"] = ("cloudfront.py", "origin request policies: what else")
ROWS["listeners[].cache_tag_config.header_name"] = ("cloudfront.py", "cache_tag_config: ")
ROWS["listeners[].default_root_object"] = ("behaviors.py", "default_root_object: ")
ROWS["listeners[].custom_error_responses[].error_caching_min_ttl"] = ("cloudfront.py", "errors: 404 and 5xx")
for key in ("error_code", "response_page_path", "response_code"):
    ROWS["listeners[].custom_error_responses[]." + key] = ("behaviors.py", "custom_error_responses: a page")
for key in ("name", "members", "failover_status_codes"):
    ROWS["origin_groups[]." + key] = ("behaviors.py", "origin groups: the second is asked")
for where in (RULE, DEFAULT):
    for key in ("protocol", "host", "port", "path", "query", "status_code"):
        ROWS[where + "redirect." + key] = ("keys_actions.py", f"redirect.{key}: ")
    for key in ("status_code", "content_type", "message_body"):
        ROWS[where + "fixed_response." + key] = ("keys_actions.py", f"fixed_response.{key}: ")
    for key in ("name", "weight"):
        ROWS[where + "forward.target_groups[]." + key] = ("keys_actions.py", f"forward.{key}: ")


def leaves(node, path):
    """The keys below a place of the schema that are no mappings themselves."""
    found, below = [], False
    for part in [node, *node.get("anyOf", [])]:
        for name, key in part.get("properties", {}).items():
            below = True
            found += leaves(key, f"{path}.{name}" if path else name)
        if isinstance(part.get("items"), dict):
            inner = leaves(part["items"], path + "[]")
            if inner != [path + "[]"]:
                below = True
                found += inner
    return found if below else [path]


def checks_of(name):
    """The checks of a scenario: name -> text, with what stands outside of any check under ''."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        parts = re.split(r'^ *@check\(f?"((?:[^"\\]|\\.)*)"\)\n', file.read(), flags=re.M)
    return dict(zip(["", *parts[1::2]], parts[0::2]))


with open(os.path.join(source(), "config", "schema", "gatehouse.schema.json"), encoding="utf-8") as schema_file:
    KEYS = leaves(json.load(schema_file), "")


@check("the schema has its keys")
def _():
    expect(len(KEYS) > 90 and "limits.request_line" in KEYS, f"{len(KEYS)} keys: {KEYS[:5]}")


@check("every key has a row, every row has a key")
def _():
    expect_equal([key for key in KEYS if key not in ROWS], [], "keys that no check shows: add the check, then its row")
    expect_equal([key for key in ROWS if key not in KEYS], [], "rows of keys that are not in the schema")


@check("every row names a check that there is and a scenario that sets the key")
def _():
    wrong = []
    known = {}
    for key, (name, title) in ROWS.items():
        if name not in known:
            known[name] = checks_of(name) if os.path.exists(os.path.join(HERE, name)) else {}
        word = re.sub(r"\[\]", "", key).rsplit(".", 1)[-1]
        if not any(has.startswith(title) for has in known[name]):
            wrong.append(f"{key}: {name} has no check '{title}'")
        elif not any(re.search(rf"\b{word}\b", part) for part in known[name].values()):
            wrong.append(f"{key}: {name} never says {word}")
    expect_equal(wrong, [], "rows")


finish()
