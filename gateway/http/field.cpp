#include "gateway/http/field.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// A field name in lower case as a template argument.
template <std::size_t N>
struct Name {
  char text[N - 1];
  consteval Name(const char (&literal)[N]) {
    for (std::size_t i = 0; i + 1 < N; ++i) text[i] = literal[i];
  }
};

template <class Word, std::size_t At, Name name>
consteval Word letters_of() {
  std::array<char, sizeof(Word)> bytes{};
  for (std::size_t i = 0; i < sizeof(Word); ++i) bytes[i] = name.text[At + i];
  return std::bit_cast<Word>(bytes);
}
/// The bits in which a byte may differ: the case bit where the name has a letter.
template <class Word, std::size_t At, Name name>
consteval Word case_bits_of() {
  std::array<char, sizeof(Word)> bytes{};
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    const char c = name.text[At + i];
    bytes[i] = c >= 'a' && c <= 'z' ? 0x20 : 0;
  }
  return std::bit_cast<Word>(bytes);
}

template <class Word, std::size_t At, Name name>
bool same_word(const char* text) noexcept {
  Word word;
  std::memcpy(&word, text + At, sizeof word);
  return static_cast<Word>((word ^ letters_of<Word, At, name>()) & ~case_bits_of<Word, At, name>()) == 0;
}

/// Compares a text of the name's length with it, a word at a time; the last word overlaps the one before.
template <Name name, std::size_t At = 0>
bool is(const char* text) noexcept {
  constexpr std::size_t size = sizeof name.text;
  if constexpr (At + 8 <= size) {
    if (!same_word<std::uint64_t, At, name>(text)) return false;
    if constexpr (At + 8 == size) return true;
    else return is<name, At + 8>(text);
  } else if constexpr (size >= 8) {
    return same_word<std::uint64_t, size - 8, name>(text);
  } else if constexpr (size >= 4) {
    return same_word<std::uint32_t, 0, name>(text) && same_word<std::uint32_t, size - 4, name>(text);
  } else {
    return same_word<std::uint16_t, 0, name>(text) && same_word<std::uint16_t, size - 2, name>(text);
  }
}

/// The kind behind one length, tried in turn. A few compares of whole words are cheaper than a branch on the first letter,
/// which no predictor sees coming.
template <std::size_t Size>
struct OfSize {
  const char* text;
  FieldKind kind{FieldKind::other};

  template <Name name>
  OfSize& or_is(FieldKind candidate) noexcept {
    static_assert(sizeof name.text == Size);
    if (is<name>(text)) kind = candidate;
    return *this;
  }
};

bool is_named(const Field& field, FieldKind kind, std::string_view name) noexcept {
  return field.kind == kind && (kind != FieldKind::other || equals_ignoring_case(field.name(), name));
}

}  // namespace

// one table: field names by their length
FieldKind field_kind(std::string_view name) noexcept {
  using enum FieldKind;
  const char* const t = name.data();
  switch (name.size()) {
    case 2: return OfSize<2>{t}.or_is<"te">(te).kind;
    case 3: return OfSize<3>{t}.or_is<"via">(via).or_is<"age">(age).kind;
    case 4: return OfSize<4>{t}.or_is<"host">(host).or_is<"date">(date).or_is<"etag">(etag).or_is<"vary">(vary).kind;
    case 5: return OfSize<5>{t}.or_is<"range">(range).or_is<"allow">(allow).kind;
    case 6:
      return OfSize<6>{t}.or_is<"accept">(accept).or_is<"cookie">(cookie).or_is<"server">(server).or_is<"origin">(origin)
          .or_is<"pragma">(pragma).or_is<"expect">(expect).kind;
    case 7:
      return OfSize<7>{t}.or_is<"referer">(referer).or_is<"expires">(expires).or_is<"upgrade">(upgrade)
          .or_is<"trailer">(trailer).or_is<"warning">(warning).kind;
    case 8: return OfSize<8>{t}.or_is<"location">(location).or_is<"if-match">(if_match).or_is<"if-range">(if_range).kind;
    case 9: return OfSize<9>{t}.or_is<"forwarded">(forwarded).kind;
    case 10:
      return OfSize<10>{t}.or_is<"connection">(connection).or_is<"user-agent">(user_agent).or_is<"set-cookie">(set_cookie)
          .or_is<"keep-alive">(keep_alive).kind;
    case 11: return OfSize<11>{t}.or_is<"retry-after">(retry_after).kind;
    case 12:
      return OfSize<12>{t}.or_is<"content-type">(content_type).or_is<"x-request-id">(x_request_id)
          .or_is<"max-forwards">(max_forwards).kind;
    case 13:
      return OfSize<13>{t}.or_is<"cache-control">(cache_control).or_is<"authorization">(authorization)
          .or_is<"if-none-match">(if_none_match).or_is<"last-modified">(last_modified)
          .or_is<"content-range">(content_range).kind;
    case 14: return OfSize<14>{t}.or_is<"content-length">(content_length).or_is<"http2-settings">(http2_settings).kind;
    case 15:
      return OfSize<15>{t}.or_is<"accept-encoding">(accept_encoding).or_is<"accept-language">(accept_language)
          .or_is<"x-forwarded-for">(x_forwarded_for).or_is<"x-amzn-trace-id">(x_amzn_trace_id).kind;
    case 16:
      return OfSize<16>{t}.or_is<"content-encoding">(content_encoding).or_is<"x-forwarded-port">(x_forwarded_port)
          .or_is<"x-forwarded-host">(x_forwarded_host).or_is<"proxy-connection">(proxy_connection)
          .or_is<"content-location">(content_location).kind;
    case 17:
      return OfSize<17>{t}.or_is<"transfer-encoding">(transfer_encoding).or_is<"if-modified-since">(if_modified_since)
          .or_is<"x-forwarded-proto">(x_forwarded_proto).kind;
    case 18: return OfSize<18>{t}.or_is<"proxy-authenticate">(proxy_authenticate).kind;
    case 19:
      return OfSize<19>{t}.or_is<"if-unmodified-since">(if_unmodified_since)
          .or_is<"proxy-authorization">(proxy_authorization).kind;
    case 25: return OfSize<25>{t}.or_is<"proxy-authentication-info">(proxy_authentication_info).kind;
    default: return other;
  }
}

const Field* FieldList::find(std::string_view name) const noexcept {
  const FieldKind kind = field_kind(name);
  if (kind != FieldKind::other) return first(kind);
  for (const Field& field : all()) {
    if (field.kind == FieldKind::other && equals_ignoring_case(field.name(), name)) return &field;
  }
  return nullptr;
}

bool FieldList::sends(std::string_view name) const noexcept {
  const FieldKind kind = field_kind(name);
  for (const Field& field : all()) {
    if (!field.dropped && is_named(field, kind, name)) return true;
  }
  return std::ranges::any_of(added(), [&](const AddedField& field) { return equals_ignoring_case(field.name, name); });
}

void FieldList::drop_named(std::string_view name) noexcept {
  const FieldKind kind = field_kind(name);
  for (Field& field : all()) field.dropped |= is_named(field, kind, name);
  const auto end = added_.begin() + added_size_;
  const auto kept = std::remove_if(added_.begin(), end, [&](const AddedField& field) { return equals_ignoring_case(field.name, name); });
  added_size_ = static_cast<std::uint16_t>(kept - added_.begin());
}

}  // namespace gatehouse::http
