#include "gateway/cdn/accept_encoding.hpp"

#include <array>

#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

/// RFC 9110 12.4.2: whether the parameters of a list member give it a weight of 0.
bool refused(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    const std::size_t end = parameters.find(';');
    const std::string_view parameter = http::trim(parameters.substr(0, end));
    parameters = end == std::string_view::npos ? std::string_view() : parameters.substr(end + 1);
    if (parameter.size() < 3 || http::lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

Coding coding_of(std::string_view name) noexcept {
  if (http::equals_ignoring_case(name, "gzip") || http::equals_ignoring_case(name, "x-gzip")) return Coding::gzip;
  if (http::equals_ignoring_case(name, "br")) return Coding::br;
  if (http::equals_ignoring_case(name, "zstd")) return Coding::zstd;
  return Coding::identity;
}

}  // namespace

std::string_view coding_name(Coding coding) noexcept {
  constexpr std::array<std::string_view, codings> names{"identity", "gzip", "br", "zstd"};
  return names[static_cast<unsigned>(coding)];
}

Codings accepted_codings(const http::FieldList& request) noexcept {
  Codings accepted, excluded;
  if (!request.has(http::FieldKind::accept_encoding)) return accepted;
  for (const http::Field& field : request.all()) {
    if (field.kind != http::FieldKind::accept_encoding) continue;
    for (http::ListItems items(field.value()); items.next();) {
      const std::string_view item = items.item();
      const std::size_t end = item.find(';');
      const Coding coding = coding_of(http::trim(item.substr(0, end)));
      if (coding == Coding::identity) continue;
      const bool no = end != std::string_view::npos && refused(item.substr(end + 1));
      (no ? excluded : accepted).insert(coding);
    }
  }
  Codings out;
  for (const Coding coding : {Coding::gzip, Coding::br, Coding::zstd}) {
    if (accepted.has(coding) && !excluded.has(coding)) out.insert(coding);
  }
  return out;
}

std::string_view accept_encoding_text(Codings codings) noexcept {
  constexpr std::array<std::string_view, 8> texts{"", "gzip", "br", "br,gzip", "zstd", "gzip,zstd", "br,zstd", "br,gzip,zstd"};
  return texts[(codings.has(Coding::gzip) ? 1u : 0u) + (codings.has(Coding::br) ? 2u : 0u) + (codings.has(Coding::zstd) ? 4u : 0u)];
}

Coding best_coding(Codings codings) noexcept {
  for (const Coding coding : {Coding::zstd, Coding::br, Coding::gzip}) {
    if (codings.has(coding)) return coding;
  }
  return Coding::identity;
}

}  // namespace gatehouse::cdn
