#include "gateway/http/cache_control.hpp"

#include <algorithm>

#include "gateway/http/list.hpp"
#include "gateway/http/structured_field.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

enum class Form : std::uint8_t {
  restricts,   // a flag that counts with any argument
  permits,     // a flag that counts without an argument only
  delta,       // seconds
  open_delta,  // seconds, or no argument: any number of them
  qualified,   // a flag, or field names
};

struct Directive {
  std::string_view name;
  Form form;
  bool CacheControl::*flag{nullptr};
  std::uint32_t CacheControl::*seconds{nullptr};
  std::string_view CacheControl::*names{nullptr};
};

using Cc = CacheControl;
constexpr Directive directives[]{
    {"max-age", Form::delta, nullptr, &Cc::max_age},
    {"s-maxage", Form::delta, nullptr, &Cc::s_maxage},
    {"no-cache", Form::qualified, &Cc::no_cache, nullptr, &Cc::no_cache_fields},
    {"no-store", Form::restricts, &Cc::no_store},
    {"private", Form::qualified, &Cc::private_, nullptr, &Cc::private_fields},
    {"public", Form::permits, &Cc::public_},
    {"must-revalidate", Form::restricts, &Cc::must_revalidate},
    {"proxy-revalidate", Form::restricts, &Cc::proxy_revalidate},
    {"must-understand", Form::permits, &Cc::must_understand},
    {"immutable", Form::permits, &Cc::immutable},
    {"no-transform", Form::restricts, &Cc::no_transform},
    {"only-if-cached", Form::restricts, &Cc::only_if_cached},
    {"stale-while-revalidate", Form::delta, nullptr, &Cc::stale_while_revalidate},
    {"stale-if-error", Form::delta, nullptr, &Cc::stale_if_error},
    {"min-fresh", Form::delta, nullptr, &Cc::min_fresh},
    {"max-stale", Form::open_delta, nullptr, &Cc::max_stale},
};

const Directive* directive_of(std::string_view name) noexcept {
  for (const Directive& directive : directives) {
    if (equals_ignoring_case(directive.name, name)) return &directive;
  }
  return nullptr;
}

/// no-cache and private with names, or without. A second list of names, or none in it, is read as the form that forbids more.
void set_qualified(CacheControl& control, const Directive& directive, bool has_argument, std::string_view names) noexcept {
  std::string_view& known = control.*directive.names;
  if (!has_argument || trim(names).empty() || !known.empty()) {
    control.*directive.flag = true;
    return;
  }
  known = names;
}

/// The argument without quotation marks. The names and numbers it may hold need no escapes.
std::string_view unquoted(std::string_view argument) noexcept {
  if (argument.size() < 2 || argument.front() != '"' || argument.back() != '"') return argument;
  return argument.substr(1, argument.size() - 2);
}

/// One directive of Cache-Control. Blanks around `=` are forgiven.
void read_directive(CacheControl& control, std::string_view text) noexcept {
  const std::size_t equals = text.find('=');
  const bool has_argument = equals != std::string_view::npos;
  const std::string_view argument = has_argument ? unquoted(trim(text.substr(equals + 1))) : std::string_view();
  const Directive* const directive = directive_of(trim(text.substr(0, equals)));
  control.present = true;
  if (directive == nullptr) return;
  switch (directive->form) {
    case Form::restricts: control.*directive->flag = true; break;
    case Form::permits: control.*directive->flag |= !has_argument; break;
    case Form::qualified: set_qualified(control, *directive, has_argument, argument); break;
    case Form::delta:
    case Form::open_delta: {
      std::uint32_t& seconds = control.*directive->seconds;
      const bool open = directive->form == Form::open_delta && !has_argument;
      if (seconds == no_delta) seconds = open ? delta_max : parse_delta(argument).value_or(0);
      break;
    }
  }
}

/// One member of a targeted field (RFC 9213 2.1). Of several members of a key the last counts, so each begins anew.
void read_member(CacheControl& control, std::string_view key, const SfItem& item) noexcept {
  const Directive* const directive = directive_of(key);
  if (directive == nullptr) return;
  switch (directive->form) {
    case Form::restricts:
    case Form::permits: control.*directive->flag = item.is_true(); break;
    case Form::qualified:
      control.*directive->flag = item.is_true();
      control.*directive->names = item.is(SfType::string) ? item.text : std::string_view();
      break;
    case Form::delta:
    case Form::open_delta: {
      std::uint32_t& seconds = control.*directive->seconds;
      seconds = no_delta;
      if (item.is(SfType::integer)) {
        seconds = item.number < 0 ? 0 : static_cast<std::uint32_t>(std::min<std::int64_t>(item.number, delta_max));
      }
      break;
    }
  }
}

}  // namespace

std::optional<std::uint32_t> parse_delta(std::string_view text) noexcept {
  if (text.empty() || !all_chars(text, char_digit)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value >= delta_max) return delta_max;
  }
  return static_cast<std::uint32_t>(value);
}

CacheControl cache_control(const FieldList& fields) noexcept {
  CacheControl control;
  if (!fields.has(FieldKind::cache_control)) return control;
  for (const Field& field : fields.all()) {
    if (field.kind != FieldKind::cache_control) continue;
    ListItems items(field.value());
    while (items.next()) read_directive(control, items.item());
    control.broken |= items.broken();
  }
  return control;
}

std::optional<CacheControl> targeted_cache_control(const FieldList& fields, std::string_view name) noexcept {
  CacheControl control;
  for (const Field& field : fields.all()) {
    if (field.name_size != name.size() || !equals_ignoring_case(field.name(), name)) continue;
    SfDictionary members(field.value());
    while (members.next()) {
      control.present = true;
      read_member(control, members.key(), members.item());
    }
    if (members.broken()) return std::nullopt;  // RFC 9213 2.1: as if the field were not there
  }
  if (!control.present) return std::nullopt;
  return control;
}

}  // namespace gatehouse::http
