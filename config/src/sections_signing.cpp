// Keys of what is signed: URLs and cookies of clients, requests to private origins; and what else such requests are sent with.
#include "sections.hpp"

namespace gatehouse::config {

const Section<PublicKey>& public_key_section() {
  static const Section<PublicKey> section{
      .meaning = "A key that signatures of URLs and cookies are checked with.",
      .keys =
          {
              key("id", &PublicKey::id, text(name), "What signers call it: `Key-Pair-Id`.").required().source("PublicKey"),
              key("public_key_file", &PublicKey::public_key_file, text(file_name),
                  "The key in PEM (`BEGIN PUBLIC KEY`): RSA of 2048 to 4096 bits, or ECDSA on P-256.")
                  .required()
                  .source("EncodedKey"),
          },
      .identity = [](const PublicKey& key) { return key.id; }};
  return section;
}

const Section<KeyGroup>& key_group_section() {
  static const Section<KeyGroup> section{
      .meaning = "Keys that behaviors trust together.",
      .keys =
          {
              key("name", &KeyGroup::name, text(name), "What behaviors call it.").required().source("KeyGroup"),
              key("public_keys", &KeyGroup::public_keys, list(text(name), 1), "One to five ids of `public_keys`.").required().source("Items"),
          },
      .identity = [](const KeyGroup& group) { return group.name; }};
  return section;
}

const Section<OriginCustomHeader>& origin_custom_header_section() {
  static const Section<OriginCustomHeader> section{
      .meaning = "A field that origins get with every request.",
      .keys =
          {
              key("header_name", &OriginCustomHeader::header_name, text(sent_field_name),
                  "Its name. Fields of the connection, of conditions and ranges, `Cookie`, `Host`, `X-Amz-*` and `X-Edge-*` "
                  "cannot be set.")
                  .required()
                  .source("HeaderName"),
              key("header_value", &OriginCustomHeader::header_value, text(sent_field_value), "Its value.")
                  .required()
                  .source("HeaderValue")
                  .secret(),
          },
      .identity = [](const OriginCustomHeader& header) { return header.header_name; }};
  return section;
}

const Section<OriginAccessControl>& origin_access_control_section() {
  static const Section<OriginAccessControl> section{
      .meaning = "Signs requests with the AWS Signature Version 4. They are sent with the endpoint's own address as `Host`.",
      .keys = {
          key("origin_type", &OriginAccessControl::origin_type, choice<OriginType>({{"s3", OriginType::s3}}), "What the origin is.")
              .source("OriginAccessControlOriginType"),
          key("signing_protocol", &OriginAccessControl::signing_protocol,
              choice<SigningProtocol>({{"sigv4", SigningProtocol::sigv4}}), "How requests are signed.")
              .source("SigningProtocol"),
          key("signing_behavior", &OriginAccessControl::signing_behavior,
              choice<SigningBehavior>({{"always", SigningBehavior::always},
                                       {"never", SigningBehavior::never},
                                       {"no-override", SigningBehavior::no_override}}),
              "Every request, none, or those whose client sent no `Authorization`.")
              .source("SigningBehavior"),
          key("region", &OriginAccessControl::region, text(credential), "The AWS region of the origin.").required(),
          key("service", &OriginAccessControl::service, text(credential), "The name of the service in the signature."),
          key("access_key_id", &OriginAccessControl::access_key_id, text(credential), "The id of the access key.").required(),
          key("secret_access_key_file", &OriginAccessControl::secret_access_key_file, text(file_name),
              "A file that holds the secret access key. Give this or `secret_access_key_command`."),
          key("secret_access_key_command", &OriginAccessControl::secret_access_key_command, list(text(plain_text), 1),
              "A program and its arguments whose standard output is the secret access key; no shell is involved.")
              .secret(),
      }};
  return section;
}

}  // namespace gatehouse::config
