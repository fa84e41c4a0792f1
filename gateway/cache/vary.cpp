#include "gateway/cache/vary.hpp"

#include <algorithm>
#include <array>

#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

using http::FieldKind;

// A selector is one entry a name, each ended by a line feed, which no field value contains: `=` and the normalised value, or
// nothing when the request has no such field. So a missing field differs from an empty one.
constexpr char entry_end = '\n';

void append_lower(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out += text;
  for (std::size_t i = start; i < out.size(); ++i) out[i] = http::lower(out[i]);
}

bool less_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const char of_a = http::lower(a[i]), of_b = http::lower(b[i]);
    if (of_a != of_b) return of_a < of_b;
  }
  return a.size() < b.size();
}

/// One field name, asked for in all its lines.
class Lines {
 public:
  Lines(const http::FieldList& fields, std::string_view name) noexcept
      : fields_(fields.all()), name_(name), kind_(http::field_kind(name)) {}

  bool next() noexcept {
    while (at_ < fields_.size()) {
      const http::Field& field = fields_[at_++];
      if (field.kind != kind_) continue;
      if (kind_ == FieldKind::other && !http::equals_ignoring_case(field.name(), name_)) continue;
      value_ = field.value();
      return true;
    }
    return false;
  }
  std::string_view value() const noexcept { return value_; }

 private:
  std::span<const http::Field> fields_;
  std::string_view name_;
  FieldKind kind_;
  std::size_t at_{0};
  std::string_view value_;
};

/// A value of unknown syntax: RFC 9111 4.1 allows to join lines and to drop blanks that list syntax does not need.
void append_plain(std::string& out, Lines lines) {
  const std::size_t start = out.size();
  while (lines.next()) {
    for (http::ListItems items(lines.value()); items.next();) {
      if (out.size() != start) out += ',';
      out += items.item();
    }
  }
}

/// A member of Accept-Encoding or Accept-Language.
struct Preference {
  std::string_view name;
  int weight{1000};  // RFC 9110 12.4.2: thousandths
};

/// `0.5` in thousandths. What is no weight counts as none given.
int weight_of(std::string_view text) noexcept {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 1000;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && unit != 0 && http::is_char(text[i], http::char_digit); ++i, unit /= 10) {
    weight += (text[i] - '0') * unit;
  }
  return std::min(weight, 1000);
}

Preference preference_of(std::string_view item) noexcept {
  Preference out{http::without_parameters(item), 1000};
  for (std::size_t at = item.find(';'); at != std::string_view::npos; at = item.find(';', at + 1)) {
    std::string_view parameter = http::trim(item.substr(at + 1));
    parameter = http::trim(parameter.substr(0, parameter.find(';')));
    if (http::starts_with_ignoring_case(parameter, "q=")) out.weight = weight_of(parameter.substr(2));
  }
  return out;
}

/// The members of all lines; a client that names more than fit is taken at its word (append_plain).
struct Preferences {
  std::array<Preference, 16> list;
  std::size_t size{0};
  bool overflow{false};

  explicit Preferences(Lines lines) noexcept {
    while (lines.next()) {
      for (http::ListItems items(lines.value()); items.next();) {
        overflow = overflow || size == list.size();
        if (!overflow) list[size++] = preference_of(items.item());
      }
    }
  }
  std::span<Preference> all() noexcept { return {list.data(), size}; }
};

/// Accept-Encoding: the codings that are accepted. Their weights do not matter, any of them is good. identity always is, unless
/// excluded; gzip has an old name (RFC 9110 8.4.1.3).
void append_encodings(std::string& out, const Lines& lines) {
  Preferences accepted(lines);
  if (accepted.overflow) return append_plain(out, lines);
  bool any = false;
  for (Preference& coding : accepted.all()) {
    if (http::equals_ignoring_case(coding.name, "x-gzip")) coding.name = "gzip";
    any = any || (coding.name == "*" && coding.weight != 0);
  }
  std::ranges::sort(accepted.all(), less_ignoring_case, &Preference::name);
  std::string_view last;
  const std::size_t start = out.size();
  for (const Preference& coding : accepted.all()) {
    const bool identity = http::equals_ignoring_case(coding.name, "identity");
    const bool excluded = coding.weight == 0;
    // An exclusion says something only where the coding would be accepted without it.
    if (excluded ? !(any || identity || coding.name == "*") : identity) continue;
    if (http::equals_ignoring_case(coding.name, last)) continue;
    last = coding.name;
    if (out.size() != start) out += ',';
    if (excluded) out += '!';
    append_lower(out, coding.name);
  }
}

/// The same for the one line that nearly everybody sends. Browsers of one kind send the same text over and over, so the last
/// one's meaning is kept.
void append_usual_encodings(std::string& out, const Lines& lines) {
  Lines only(lines);
  only.next();
  const std::string_view value = only.value();
  if (only.next()) return append_encodings(out, lines);
  thread_local struct {
    std::string value, codings;
    bool known{false};
  } last;
  if (!last.known || value != last.value) {
    last.codings.clear();
    append_encodings(last.codings, lines);
    last.value = value;
    last.known = true;
  }
  out += last.codings;
}

/// Accept-Language: the languages by rank, `;` between ranks and `,` within one; those that are refused behind `!`.
void append_languages(std::string& out, const Lines& lines) {
  Preferences languages(lines);
  if (languages.overflow) return append_plain(out, lines);
  std::ranges::sort(languages.all(), [](const Preference& a, const Preference& b) {
    return a.weight != b.weight ? a.weight > b.weight : less_ignoring_case(a.name, b.name);
  });
  const Preference* last = nullptr;
  for (const Preference& language : languages.all()) {
    if (last != nullptr) out += last->weight == language.weight ? ',' : ';';
    if (language.weight == 0) out += '!';
    append_lower(out, language.name);
    last = &language;
  }
}

void append_entry(std::string& out, std::string_view name, const http::FieldList& request) {
  const Lines lines(request, name);
  if (Lines(lines).next()) {
    out += '=';
    if (name == "accept-encoding") append_usual_encodings(out, lines);
    else if (name == "accept-language") append_languages(out, lines);
    else append_plain(out, lines);
  }
  out += entry_end;
}

std::string_view next_entry(std::string_view& selector) noexcept {
  const std::string_view entry = selector.substr(0, selector.find(entry_end));
  selector.remove_prefix(std::min(entry.size() + 1, selector.size()));
  return entry;
}

/// Whether two selectors differ in Accept-Language alone.
bool same_but_language(std::string_view names, std::string_view a, std::string_view b) noexcept {
  while (!names.empty()) {
    const std::string_view name = next_name(names);
    const std::string_view of_a = next_entry(a), of_b = next_entry(b);
    if (name != "accept-language" && of_a != of_b) return false;
  }
  return true;
}

}  // namespace

void vary_names(const http::FieldList& response, std::string& out) {
  out.clear();
  if (!response.has(FieldKind::vary)) return;
  std::array<std::string_view, 32> names;
  std::size_t size = 0;
  for (Lines lines(response, "vary"); lines.next();) {
    for (http::ListItems items(lines.value()); items.next();) {
      // RFC 9110 12.5.5: `*` anywhere in the list. So are more names than any honest response has, and what is no name.
      if (size == names.size() || !http::is_token(items.item()) || items.item() == "*") {
        out = vary_never;
        return;
      }
      names[size++] = items.item();
    }
  }
  const std::span sorted(names.data(), size);
  std::ranges::sort(sorted, less_ignoring_case);
  std::string_view last;
  for (const std::string_view name : sorted) {
    if (http::equals_ignoring_case(name, last)) continue;
    last = name;
    if (!out.empty()) out += ',';
    append_lower(out, name);
  }
}

std::string_view next_name(std::string_view& rest) noexcept {
  const std::string_view name = rest.substr(0, rest.find(','));
  rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  return name;
}

void selector(std::string_view names, const http::FieldList& request, std::string& out) {
  out.clear();
  if (names == vary_never) return;
  while (!names.empty()) append_entry(out, next_name(names), request);
}

VariantMatch match(const Variant& variant, const http::FieldList& request, std::string& scratch) {
  if (variant.names.empty()) return VariantMatch::exact;
  if (variant.names == vary_never) return VariantMatch::none;
  selector(variant.names, request, scratch);
  if (scratch == variant.selector) return VariantMatch::exact;
  if (variant.content_language.empty() || !same_but_language(variant.names, variant.selector, scratch)) return VariantMatch::none;
  const bool best = http::equals_ignoring_case(sole_best_language(request), variant.content_language);
  return best ? VariantMatch::by_language : VariantMatch::none;
}

std::string_view sole_best_language(const http::FieldList& request) noexcept {
  Preferences languages(Lines(request, "accept-language"));
  if (languages.overflow) return {};
  Preference best{{}, 0};
  bool alone = false;
  for (const Preference& language : languages.all()) {
    if (language.weight < best.weight) continue;
    alone = language.weight > best.weight;
    best = language;
  }
  return alone && best.name != "*" ? best.name : std::string_view();
}

}  // namespace gatehouse::cache
