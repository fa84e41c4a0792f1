// Keys about where clients are, and the form of a country's code.
#include <fmt/format.h>

#include "gatehouse/filters/geo.hpp"
#include "quote.hpp"
#include "review.hpp"
#include "sections.hpp"

namespace gatehouse::config {
namespace {

std::optional<Complaint> check_country(std::string& value) {
  if (!filters::country_name(value).empty()) return {};
  const std::string_view meant = filters::country_meant(value);
  const std::string hint = meant.empty() ? "codes have two letters, such as SE" : fmt::format("did you mean {}?", quote(std::string(meant)));
  return Complaint{fmt::format("{} is no country's code", quote(value)), hint};
}

}  // namespace

const Format country_code{"country code", "ISO 3166-1, two capital letters", 1, 64, check_country};

const Section<Geo>& geo_section() {
  static const Section<Geo> section{
      .meaning = "Where clients are, by their addresses: databases in MaxMind's format (`.mmdb`). A reload opens them again.",
      .keys = {
          key("database", &Geo::database, text(file_name),
              "A city or country database, for `geo_restriction`, `CloudFront-Viewer-Country` and the like, and `@geoLookup`. Put a new one "
              "in its place by renaming; a file that is overwritten while it is in use ends the process."),
          key("asn_database", &Geo::asn_database, text(file_name), "A database of autonomous systems, for `CloudFront-Viewer-ASN`."),
      }};
  return section;
}

const Section<GeoRestriction>& geo_restriction_section() {
  static const Section<GeoRestriction> section{
      .meaning = "Admits or refuses clients by the country of their address, with 403. Who is nowhere in `geo.database` is served.",
      .keys = {
          key("restriction_type", &GeoRestriction::restriction_type,
              choice<RestrictionType>({{"whitelist", RestrictionType::whitelist}, {"blacklist", RestrictionType::blacklist}}),
              "Whether the countries of the list are served and no others, or all others.")
              .required()
              .source("RestrictionType"),
          key("locations", &GeoRestriction::locations, list(text(country_code), 1), "The countries.").required().source("Locations"),
      }};
  return section;
}

void review_geo(const Config& config, Findings& findings) {
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const std::vector<Filter>& filters = config.listeners[i].filters;
    for (std::size_t j = 0; j < filters.size(); ++j) {
      if (!filters[j].geo_restriction || !config.geo.database.empty()) continue;
      findings.error(item(item("listeners", i) + ".filters", j) + ".geo_restriction", "nobody's country is known without a database",
                     "name one in geo.database");
    }
  }
}

}  // namespace gatehouse::config
