// The only home of libmaxminddb. A lookup walks the mapped tree and the mapped data; nothing is copied or allocated.
#include <maxminddb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "gatehouse/filters/geo.hpp"

namespace gatehouse::filters {

struct GeoDatabase::File {
  MMDB_s mmdb{};
  bool open{false};
  ~File() {
    if (open) MMDB_close(&mmdb);
  }
};

namespace {

/// The entry of an address, if the file has one.
bool find(const MMDB_s& mmdb, const Address& address, MMDB_entry_s& entry) noexcept {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const sockaddr* key = reinterpret_cast<const sockaddr*>(&v6);
  if (address.is_v4()) {
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(address.v4());
    key = reinterpret_cast<const sockaddr*>(&v4);
  } else {
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), address.bytes.size());
  }
  // An IPv6 address in a database of IPv4 is an error of the library's; here it is merely not known.
  int error = MMDB_SUCCESS;
  const MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&mmdb, key, &error);
  if (error != MMDB_SUCCESS || !found.found_entry) return false;
  entry = found.entry;
  return true;
}

/// The value behind some keys. Damaged data is a value that is not there.
template <class... Name>
std::optional<MMDB_entry_data_s> value(MMDB_entry_s& entry, std::uint32_t type, const Name*... names) noexcept {
  MMDB_entry_data_s data{};
  const char* const end = nullptr;
  if (MMDB_get_value(&entry, &data, names..., end) != MMDB_SUCCESS) return std::nullopt;
  if (!data.has_data || data.type != type) return std::nullopt;
  return data;
}

template <class... Name>
std::string_view text_at(MMDB_entry_s& entry, const Name*... names) noexcept {
  const auto data = value(entry, MMDB_DATA_TYPE_UTF8_STRING, names...);
  return data ? std::string_view(data->utf8_string, data->data_size) : std::string_view();
}

template <class... Name>
std::optional<double> coordinate(MMDB_entry_s& entry, const Name*... names) noexcept {
  const auto data = value(entry, MMDB_DATA_TYPE_DOUBLE, names...);
  return data ? std::optional(data->double_value) : std::nullopt;
}

/// Writers choose the width of a number.
template <class... Name>
std::uint32_t number(MMDB_entry_s& entry, const Name*... names) noexcept {
  if (const auto wide = value(entry, MMDB_DATA_TYPE_UINT32, names...)) return wide->uint32;
  const auto narrow = value(entry, MMDB_DATA_TYPE_UINT16, names...);
  return narrow ? narrow->uint16 : 0;
}

void read_place(MMDB_entry_s& entry, GeoPlace& place) noexcept {
  place.country = text_at(entry, "country", "iso_code");
  place.country_name = text_at(entry, "country", "names", "en");
  place.continent = text_at(entry, "continent", "code");
  place.continent_name = text_at(entry, "continent", "names", "en");
  place.region = text_at(entry, "subdivisions", "0", "iso_code");
  place.region_name = text_at(entry, "subdivisions", "0", "names", "en");
  place.city = text_at(entry, "city", "names", "en");
  place.postal_code = text_at(entry, "postal", "code");
  place.time_zone = text_at(entry, "location", "time_zone");
  place.latitude = coordinate(entry, "location", "latitude");
  place.longitude = coordinate(entry, "location", "longitude");
  place.metro_code = number(entry, "location", "metro_code");
}

void read_network(MMDB_entry_s& entry, GeoPlace& place) noexcept {
  place.asn = number(entry, "autonomous_system_number");
  place.as_organization = text_at(entry, "autonomous_system_organization");
}

}  // namespace

GeoDatabase::GeoDatabase() = default;
GeoDatabase::~GeoDatabase() = default;

Result<std::unique_ptr<GeoDatabase::File>, std::string> GeoDatabase::open_file(const std::string& name) {
  auto file = std::make_unique<File>();
  const int status = MMDB_open(name.c_str(), MMDB_MODE_MMAP, &file->mmdb);
  if (status == MMDB_SUCCESS) {
    file->open = true;
    return file;
  }
  const bool unreadable = status == MMDB_FILE_OPEN_ERROR || status == MMDB_IO_ERROR;
  if (unreadable) return Failure{"cannot read '" + name + "': " + std::strerror(errno)};
  return Failure{"'" + name + "' is no database in MaxMind's format, or damaged: " + MMDB_strerror(status)};
}

Result<std::shared_ptr<const GeoDatabase>, std::string> GeoDatabase::open(const GeoFiles& files) {
  const std::shared_ptr<GeoDatabase> out(new GeoDatabase());
  if (!files.places.empty()) {
    GH_TRY(out->places_, open_file(files.places));
  }
  if (!files.networks.empty()) {
    GH_TRY(out->networks_, open_file(files.networks));
  }
  return std::shared_ptr<const GeoDatabase>(out);
}

GeoPlace GeoDatabase::locate(const Address& address) const noexcept {
  GeoPlace place;
  MMDB_entry_s entry{};
  if (places_ && find(places_->mmdb, address, entry)) {
    read_place(entry, place);
    read_network(entry, place);  // some databases have both
  }
  if (networks_ && find(networks_->mmdb, address, entry)) read_network(entry, place);
  return place;
}

std::string_view GeoDatabase::country(const Address& address) const noexcept {
  MMDB_entry_s entry{};
  return places_ && find(places_->mmdb, address, entry) ? text_at(entry, "country", "iso_code") : std::string_view();
}

}  // namespace gatehouse::filters
