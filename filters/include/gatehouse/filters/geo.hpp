// Where an address is: country, region, city and so on, and the autonomous system it belongs to, out of databases in
// MaxMind's format. The files are mapped into memory; what is found are views of them, valid as long as the database
// lives. Immutable once open; any thread. The names of countries (ISO 3166-1) are a table of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/filters/address.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::filters {

/// What is known of an address; empty, zero or nothing where it is not. Names are English.
struct GeoPlace {
  std::string_view country;  // ISO 3166-1 alpha-2
  std::string_view country_name;
  std::string_view continent;  // AF, AN, AS, EU, NA, OC, SA
  std::string_view continent_name;
  std::string_view region;  // ISO 3166-2 without the country; the broadest subdivision
  std::string_view region_name;
  std::string_view city;
  std::string_view postal_code;
  std::string_view time_zone;  // IANA
  std::optional<double> latitude, longitude;
  std::uint32_t metro_code{0};  // of the United States
  std::uint32_t asn{0};
  std::string_view as_organization;

  /// Whether anything but the autonomous system is known.
  bool known() const noexcept { return !country.empty() || !continent.empty() || latitude.has_value(); }
};

/// Which files to open; an empty name is none.
struct GeoFiles {
  std::string places;    // a city or country database
  std::string networks;  // an ASN database
};

class GeoDatabase {
 public:
  /// The database of these files, or why one cannot be used.
  static Result<std::shared_ptr<const GeoDatabase>, std::string> open(const GeoFiles& files);
  ~GeoDatabase();
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;

  /// All that is known of an address.
  GeoPlace locate(const Address& address) const noexcept;
  /// Its country alone, which takes a fraction of the time; empty: not known.
  std::string_view country(const Address& address) const noexcept;

 private:
  struct File;
  GeoDatabase();
  static Result<std::unique_ptr<File>, std::string> open_file(const std::string& name);

  std::unique_ptr<File> places_;    // null: none
  std::unique_ptr<File> networks_;  // null: none
};

/// The English short name of a country by its ISO 3166-1 alpha-2 code in upper case; empty when there is none.
std::string_view country_name(std::string_view code) noexcept;
/// The code that somebody meant who wrote something else: another letter case, a name, a code in use elsewhere such as UK.
/// Empty when nothing is near.
std::string_view country_meant(std::string_view text) noexcept;

}  // namespace gatehouse::filters
