#include "gateway/cdn/signed_policy.hpp"

#include <charconv>

#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

/// Reads the one shape of JSON that a policy has. Every function leaves the reader behind what it read, or says false; the
/// depth is that of the shape.
class PolicyReader {
 public:
  explicit PolicyReader(std::string_view text) noexcept : text_(text) {}

  std::optional<Policy> read() {
    const bool good = members([this](std::string_view name) { return name == "Statement" && once(statements_) && statements(); });
    skip_space();
    if (!good || !text_.empty() || !statements_ || !expires_) return {};
    return std::move(policy_);
  }

 private:
  /// One statement, or an array of one.
  bool statements() {
    skip_space();
    if (!eat('[')) return statement();
    if (!statement()) return false;
    skip_space();
    return eat(']');
  }

  bool statement() {
    return members([this](std::string_view name) {
      if (name == "Resource") return !policy_.resource && string(policy_.resource.emplace());
      return name == "Condition" && once(condition_) && condition();
    });
  }

  bool condition() {
    return members([this](std::string_view name) {
      if (name == "DateLessThan") return once(expires_) && date(policy_.expires);
      if (name == "DateGreaterThan") return !policy_.not_before && date(policy_.not_before.emplace());
      return name == "IpAddress" && !policy_.source && address();
    });
  }

  bool date(std::int64_t& out) {
    bool given = false;
    return members([&](std::string_view name) { return name == "AWS:EpochTime" && once(given) && number(out); }) && given;
  }

  bool address() {
    bool given = false;
    std::string text;
    if (!members([&](std::string_view name) { return name == "AWS:SourceIp" && once(given) && string(text); }) || !given) return false;
    const auto block = filters::parse_cidr(text, filters::HostBits::clear);
    if (!block || !block->base.is_v4() || text.find(':') != std::string::npos) return false;
    policy_.source = *block;
    return true;
  }

  /// An object; `value` is called behind the colon of each member.
  template <class Value>
  bool members(Value&& value) {
    skip_space();
    if (!eat('{')) return false;
    do {
      std::string name;
      skip_space();
      if (!string(name)) return false;
      skip_space();
      if (!eat(':') || !value(std::string_view(name))) return false;
      skip_space();
    } while (eat(','));
    return eat('}');
  }

  bool string(std::string& out) {
    skip_space();
    if (!eat('"')) return false;
    while (!text_.empty() && text_.front() != '"') {
      const char c = take();
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') out += c;
      else if (!escaped(out)) return false;
    }
    return eat('"');
  }

  /// What stands behind a backslash. JSON has no `\?`, but the documentation writes it so: it stays as it is.
  bool escaped(std::string& out) {
    constexpr std::string_view plain = "\"\\/";
    if (text_.empty()) return false;
    const char c = take();
    if (plain.find(c) != plain.npos) return out += c, true;
    if (c == '?') return out += "\\?", true;
    if (c != 'u' || text_.size() < 4) return false;
    unsigned code = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + 4, code, 16);
    // URLs are ASCII, so nothing beyond it can match.
    if (error != std::errc() || end != text_.data() + 4 || code < 0x20 || code > 0x7e) return false;
    text_.remove_prefix(4);
    out += static_cast<char>(code);
    return true;
  }

  bool number(std::int64_t& out) {
    skip_space();
    const std::size_t size = std::min(text_.find_first_not_of("0123456789"), text_.size());
    const auto value = policy_time(text_.substr(0, size));
    text_.remove_prefix(size);
    if (value) out = *value;
    return value.has_value();
  }

  /// Notes that a member stands there; false when it does so a second time.
  static bool once(bool& given) noexcept { return !std::exchange(given, true); }
  void skip_space() noexcept { text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size())); }
  bool eat(char c) noexcept {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  char take() noexcept {
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }

  std::string_view text_;
  Policy policy_;
  bool statements_{false};
  bool condition_{false};
  bool expires_{false};
};

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

constexpr std::string_view query_mark = "\\?";  // begins the query of a resource

/// Whether a section's pattern stands for a text. When characters differ, the last `*` takes one more: never more steps than
/// the product of both lengths.
bool fits(std::string_view pattern, std::string_view text, bool any_case = false) noexcept {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t p = 0, t = 0, star = none, resume = 0;
  while (t < text.size()) {
    const bool escaped = pattern.substr(p).starts_with(query_mark);
    const char wanted = p == pattern.size() ? '\0' : escaped ? '?' : pattern[p];
    if (wanted == '*') {
      star = p++;
      resume = t;
      continue;
    }
    const bool same = any_case ? http::lower(wanted) == http::lower(text[t]) : wanted == text[t];
    if (p < pattern.size() && (same || (wanted == '?' && !escaped))) {
      p += escaped ? query_mark.size() : 1;
      ++t;
    } else if (star != none) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == none;
}

}  // namespace

std::string SignedUrl::text() const {
  std::string out;
  out.reserve(scheme.size() + authority.size() + path.size() + query.size() + 4);
  out.append(scheme).append("://").append(authority).append(path);
  if (has_query) out.append("?").append(query);
  return out;
}

std::optional<std::int64_t> policy_time(std::string_view text) noexcept {
  std::int64_t value = 0;
  if (text.empty() || text.size() > 10 || !http::all_chars(text, http::char_digit) || (text.front() == '0' && text.size() > 1)) return {};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value <= policy_time_max ? std::optional(value) : std::nullopt;
}

bool Policy::admits(const filters::Address& client) const noexcept {
  if (!source) return true;
  if (!client.is_v4()) return false;
  const unsigned bits = source->length - 96u;
  const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
  return ((client.v4() ^ source->base.v4()) & mask) == 0;
}

std::string canned_policy(std::string_view url, std::int64_t expires) {
  std::string out = R"({"Statement":[{"Resource":")";
  out += url;
  out += R"(","Condition":{"DateLessThan":{"AWS:EpochTime":)";
  out += std::to_string(expires);
  return out += "}}}]}";
}

std::string custom_policy(const Policy& policy) {
  std::string out = R"({"Statement":[{)";
  if (policy.resource) {
    out += R"("Resource":)";
    append_quoted(out, *policy.resource);
    out += ',';
  }
  out += R"("Condition":{"DateLessThan":{"AWS:EpochTime":)" + std::to_string(policy.expires) + "}";
  if (policy.not_before) out += R"(,"DateGreaterThan":{"AWS:EpochTime":)" + std::to_string(*policy.not_before) + "}";
  if (policy.source) {
    out += R"(,"IpAddress":{"AWS:SourceIp":)";
    append_quoted(out, filters::to_string(*policy.source));
    out += '}';
  }
  return out += "}}]}";
}

std::optional<Policy> parse_policy(std::string_view json) {
  if (json.size() > policy_size_max) return {};
  return PolicyReader(json).read();
}

bool covers(std::string_view resource, const SignedUrl& url) {
  if (resource == url.text()) return true;
  const std::size_t slash = resource.find('/');
  const std::size_t colon = resource.find("://");
  std::string_view scheme = "*";
  if (colon != resource.npos && colon + 1 == slash) {
    scheme = resource.substr(0, colon);
    resource.remove_prefix(colon + 3);
  } else if (!resource.starts_with('*')) {
    return false;
  }
  if (!fits(scheme, url.scheme, true)) return false;

  const std::string_view domain = resource.substr(0, std::min(resource.find('/'), resource.find(query_mark)));
  if (!fits(domain, url.authority, true)) return false;
  resource.remove_prefix(domain.size());
  if (resource.empty() && domain.ends_with('*')) return true;

  const std::size_t mark = resource.find(query_mark);
  const std::string_view path = mark == 0 || resource.empty() ? "/" : resource.substr(0, mark);
  if (!fits(path, url.path)) return false;
  if (mark == resource.npos) return !url.has_query || path.ends_with('*');
  return url.has_query && fits(resource.substr(mark + query_mark.size()), url.query);
}

std::string resource_of(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '?') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace gatehouse::cdn
