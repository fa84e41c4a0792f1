#include "gateway/proxy/origin_settings.hpp"

#include "gateway/http/token.hpp"
#include "gateway/proxy/compile_signing.hpp"
#include "gateway/proxy/key_command.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {
namespace {

using http::Field;
using http::FieldKind;

Result<std::string, std::string> secret_of(const config::OriginAccessControl& control) {
  const bool from_file = control.secret_access_key_command.empty();
  auto read = from_file ? read_key_file(control.secret_access_key_file) : run_key_command(control.secret_access_key_command);
  if (!read) return read;
  constexpr std::string_view space = " \t\r\n";
  std::string text = std::move(*read);
  text.erase(text.find_last_not_of(space) + 1);
  text.erase(0, text.find_first_not_of(space));
  if (!text.empty()) return text;
  return Failure{(from_file ? control.secret_access_key_file : "secret_access_key_command") + std::string(": holds no secret access key")};
}

/// The endpoint's address as a URL has it: without the protocol's own port.
std::string_view host_of_endpoint(const Passage& passage) noexcept {
  std::string_view host = passage.endpoint->address_text();
  const std::string_view port = passage.group->tls ? ":443" : ":80";
  if (host.ends_with(port)) host.remove_suffix(port.size());
  return host;
}

/// Fields of S3's own. A client's would have to be signed with the rest, and what is signed is done under the gateway's name.
bool is_amazons(const Field& field) noexcept {
  constexpr std::string_view prefix = "x-amz-";
  return field.kind == FieldKind::other && http::equals_ignoring_case(field.name().substr(0, prefix.size()), prefix);
}

}  // namespace

Result<std::unique_ptr<const OriginSettings>, std::string> compile_origin_settings(const config::TargetGroup& group) {
  const std::optional<config::OriginAccessControl>& control = group.origin_access_control;
  if (group.origin_path.empty() && group.origin_custom_headers.empty() && !control) return std::unique_ptr<const OriginSettings>();
  auto out = std::make_unique<OriginSettings>();
  out->path = group.origin_path;
  for (const config::OriginCustomHeader& header : group.origin_custom_headers) out->headers.push_back({header.header_name, header.header_value});
  out->endpoint_host = control.has_value();
  if (control && control->signing_behavior != config::SigningBehavior::never) {
    GH_TRY(std::string secret, secret_of(*control));
    out->signer.emplace(cdn::Sigv4Signer::Credentials{control->access_key_id, std::move(secret), control->region, control->service});
    out->keep_authorization = control->signing_behavior == config::SigningBehavior::no_override;
  }
  return std::unique_ptr<const OriginSettings>(std::move(out));
}

ForOrigin::ForOrigin(Passage& passage, std::string_view host) : host_(host) {
  if (passage.group->settings != nullptr) apply(passage, *passage.group->settings);
}

ForOrigin::~ForOrigin() {
  if (request_ == nullptr) return;
  request_->path_prefix = {};
  request_->fields.keep_added(added_);
  const std::span<Field> fields = request_->fields.all();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (dropped_[i]) fields[i].dropped = false;
  }
}

void ForOrigin::apply(Passage& passage, const OriginSettings& settings) {
  request_ = &passage.x.request;
  added_ = request_->fields.added().size();
  if (request_->path.starts_with('/')) request_->path_prefix = settings.path;  // not before the * of OPTIONS
  for (const OriginSettings::Header& header : settings.headers) add_header(header);
  if (settings.endpoint_host) host_ = host_of_endpoint(passage);
  if (settings.signer) sign(passage, settings);
}

template <class Is>
void ForOrigin::drop(Is&& is) {
  const std::span<Field> fields = request_->fields.all();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].dropped || !is(fields[i])) continue;
    fields[i].dropped = true;
    dropped_.set(i);
  }
}

void ForOrigin::add_header(const OriginSettings::Header& header) {
  drop([&](const Field& field) { return http::equals_ignoring_case(field.name(), header.name); });
  request_->fields.add(header.name, header.value);
}

void ForOrigin::sign(Passage& passage, const OriginSettings& settings) {
  http::FieldList& fields = request_->fields;
  const Field* const own = fields.first(FieldKind::authorization);
  if (settings.keep_authorization && own != nullptr && !own->dropped) return;
  drop([](const Field& field) { return field.kind == FieldKind::authorization || is_amazons(field); });

  const cdn::Sigv4Time time = cdn::sigv4_time(static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000'000));
  const std::string_view date = passage.x.scratch.join(std::string_view(time.data(), time.size()));
  // Content is passed on as it comes, so its hash is not known when the head is sent.
  const std::string_view payload = request_->body.is_empty() ? cdn::empty_payload : cdn::unsigned_payload;
  const cdn::Sigv4Field signed_fields[] = {{"host", host_}, {"x-amz-content-sha256", payload}, {"x-amz-date", date}};
  const std::string_view query = request_->has_query ? request_->query : std::string_view();
  std::string authorization;
  settings.signer->sign({request_->method_text, request_->path_prefix, request_->path, query, signed_fields, payload}, time, authorization);
  fields.add("X-Amz-Date", date);
  fields.add("X-Amz-Content-Sha256", payload);
  fields.add("Authorization", passage.x.scratch.join(authorization));
}

}  // namespace gatehouse::proxy
