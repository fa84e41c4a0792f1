#include "gatehouse/filters/geo.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/geo_files.hpp"

namespace gatehouse::filters {
namespace {

using gatehouse::testing::GeoTestFiles;

const GeoTestFiles& files() { return GeoTestFiles::get(); }
std::string temporary(const char* name) { return ::testing::TempDir() + std::to_string(getpid()) + name; }

std::shared_ptr<const GeoDatabase> opened(const GeoFiles& which) {
  const auto database = GeoDatabase::open(which);
  EXPECT_TRUE(database) << (database ? "" : database.error());
  return database ? *database : nullptr;
}

GeoPlace place(const GeoDatabase& database, std::string_view address) { return database.locate(*parse_address(address)); }

TEST(GeoDatabase, knows_all_of_a_place) {
  const auto database = opened({files().places(), files().networks()});
  for (const char* address : {"192.0.2.77", "2001:db8:5e::1"}) {
    const GeoPlace found = place(*database, address);
    EXPECT_EQ(found.country, "SE");
    EXPECT_EQ(found.country_name, "Sweden");
    EXPECT_EQ(found.continent, "EU");
    EXPECT_EQ(found.continent_name, "Continent EU");
    EXPECT_EQ(found.region, "M") << "the broadest subdivision";
    EXPECT_EQ(found.region_name, "Sk\xc3\xa5ne County");
    EXPECT_EQ(found.city, "Malm\xc3\xb6");
    EXPECT_EQ(found.postal_code, "211 22");
    EXPECT_EQ(found.time_zone, "Europe/Stockholm");
    EXPECT_DOUBLE_EQ(found.latitude.value(), 55.6059);
    EXPECT_DOUBLE_EQ(found.longitude.value(), 13.0007);
    EXPECT_EQ(found.metro_code, 0u);
    EXPECT_TRUE(found.known());
  }
  EXPECT_EQ(place(*database, "192.0.2.77").asn, 64500u);
  EXPECT_EQ(place(*database, "192.0.2.77").as_organization, "Example Net");
  EXPECT_EQ(place(*database, "2001:db8:5e::1").asn, 4200000000u);
  EXPECT_EQ(place(*database, "198.51.100.1").metro_code, 819u);
}

TEST(GeoDatabase, leaves_empty_what_it_does_not_know) {
  const auto database = opened({files().places(), files().networks()});
  const GeoPlace country_only = place(*database, "203.0.113.5");
  EXPECT_EQ(country_only.country, "NO");
  EXPECT_EQ(country_only.city, "");
  EXPECT_FALSE(country_only.latitude.has_value());
  EXPECT_EQ(country_only.asn, 0u);
  const GeoPlace network_only = place(*database, "2001:db8:ffff::1");
  EXPECT_EQ(network_only.asn, 4200000000u);
  EXPECT_FALSE(network_only.known());
  for (const char* address : {"127.0.0.1", "198.51.100.200", "::1", "fe80::1", "255.255.255.255"}) {
    EXPECT_FALSE(place(*database, address).known()) << address;
    EXPECT_EQ(database->country(*parse_address(address)), "") << address;
  }
}

TEST(GeoDatabase, works_with_either_file_alone) {
  const auto places = opened({files().places(), ""});
  EXPECT_EQ(places->country(*parse_address("2001:db8:de::9")), "DE");
  EXPECT_EQ(place(*places, "192.0.2.1").asn, 0u);
  const auto networks = opened({"", files().networks()});
  EXPECT_EQ(place(*networks, "192.0.2.1").asn, 64500u);
  EXPECT_EQ(networks->country(*parse_address("192.0.2.1")), "");
  EXPECT_FALSE(place(*opened({}), "192.0.2.1").known());
}

TEST(GeoDatabase, says_why_a_file_cannot_be_used) {
  const auto missing = GeoDatabase::open({temporary("none.mmdb"), ""});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), "cannot read '" + temporary("none.mmdb") + "': No such file or directory");
  const std::string text = temporary("text.mmdb");
  std::ofstream(text) << "this is no database";
  const auto wrong = GeoDatabase::open({"", text});
  ASSERT_FALSE(wrong);
  std::filesystem::remove(text);
  EXPECT_NE(wrong.error().find("is no database in MaxMind's format, or damaged"), std::string::npos) << wrong.error();
}

std::string content_of(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(GeoDatabase, refuses_or_survives_damage_anywhere) {
  const std::string whole = content_of(files().places());
  const std::string name = temporary("damaged.mmdb");
  const auto try_all = [&](const std::string& content) {
    std::ofstream(name, std::ios::binary) << content;
    const auto database = GeoDatabase::open({name, ""});
    if (!database) return false;
    for (const char* address : {"192.0.2.77", "198.51.100.1", "203.0.113.5", "2001:db8:5e::1", "::1"}) {
      const GeoPlace found = place(**database, address);
      EXPECT_LT(found.city.size(), whole.size());
    }
    return true;
  };
  for (std::size_t size = 0; size < whole.size(); size += 97) EXPECT_FALSE(try_all(whole.substr(0, size))) << "cut at " << size;
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    try_all(damaged);
  }
  std::filesystem::remove(name);
}

TEST(Countries, have_codes_and_names) {
  EXPECT_EQ(country_name("SE"), "Sweden");
  EXPECT_EQ(country_name("AD"), "Andorra");
  EXPECT_EQ(country_name("ZW"), "Zimbabwe");
  for (const char* none : {"", "S", "se", "SWE", "XX", "EU", "UK", "ZZ", "AA"}) EXPECT_EQ(country_name(none), "") << none;
}

TEST(Countries, are_recognized_in_what_people_write) {
  EXPECT_EQ(country_meant("se"), "SE");
  EXPECT_EQ(country_meant("sweden"), "SE");
  EXPECT_EQ(country_meant("UK"), "GB");
  EXPECT_EQ(country_meant("usa"), "US");
  EXPECT_EQ(country_meant("Atlantis"), "");
}

}  // namespace
}  // namespace gatehouse::filters
