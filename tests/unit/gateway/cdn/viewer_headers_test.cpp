#include "gateway/cdn/viewer_headers.hpp"

#include <gtest/gtest.h>

#include "tests/support/geo_files.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cdn {
namespace {

using gatehouse::testing::GeoTestFiles;
using gatehouse::testing::Lines;
using gatehouse::testing::request;
using enum ViewerHeader;

class ViewerHeaders : public ::testing::Test {
 protected:
  std::string value(ViewerHeader header, const Viewer& viewer) { return std::string(viewer_value(header, viewer, scratch_)); }

  runtime::BufferPool buffers_;
  exchange::Scratch scratch_{buffers_};
  std::shared_ptr<const filters::GeoDatabase> geo_ =
      *filters::GeoDatabase::open({GeoTestFiles::get().places(), GeoTestFiles::get().networks()});
};

TEST_F(ViewerHeaders, are_known_by_name_in_any_letter_case) {
  for (unsigned i = 0; i < viewer_headers; ++i) {
    const auto header = static_cast<ViewerHeader>(i);
    EXPECT_EQ(viewer_header(viewer_header_name(header)), header);
    EXPECT_TRUE(is_viewer_header_name(viewer_header_name(header))) << viewer_header_name(header);
  }
  EXPECT_EQ(viewer_header("cloudfront-viewer-country"), country);
  EXPECT_EQ(viewer_header("CLOUDFRONT-IS-SMARTTV-VIEWER"), is_smart_tv);
  EXPECT_EQ(viewer_header("CloudFront-Viewer-Planet"), std::nullopt);
  EXPECT_TRUE(is_viewer_header_name("CloudFront-Viewer-Planet")) << "what may come to mean something";
  EXPECT_TRUE(is_viewer_header_name("cloudfront-is-robot-viewer"));
  EXPECT_FALSE(is_viewer_header_name("CloudFront-Policy"));
  EXPECT_FALSE(is_viewer_header_name("X-CloudFront-Viewer-Country"));
}

TEST_F(ViewerHeaders, that_differ_from_client_to_client_are_no_part_of_a_key) {
  for (const ViewerHeader header : {address, asn, tls, header_order, header_count}) EXPECT_FALSE(may_be_in_key(header));
  for (const ViewerHeader header : {country, city, is_mobile, forwarded_proto, http_version, time_zone}) EXPECT_TRUE(may_be_in_key(header));
}

TEST_F(ViewerHeaders, say_where_the_client_is) {
  const auto asked = request();
  const net::Address malmo = *net::Address::parse("192.0.2.10:46532");
  const Viewer viewer{.request = *asked, .client = malmo, .geo = geo_.get()};
  EXPECT_EQ(value(country, viewer), "SE");
  EXPECT_EQ(value(country_name, viewer), "Sweden");
  EXPECT_EQ(value(country_region, viewer), "M");
  EXPECT_EQ(value(country_region_name, viewer), "Sk%C3%A5ne County");
  EXPECT_EQ(value(city, viewer), "Malm%C3%B6");
  EXPECT_EQ(value(latitude, viewer), "55.60590");
  EXPECT_EQ(value(longitude, viewer), "13.00070");
  EXPECT_EQ(value(metro_code, viewer), "");
  EXPECT_EQ(value(postal_code, viewer), "211 22");
  EXPECT_EQ(value(time_zone, viewer), "Europe/Stockholm");
  EXPECT_EQ(value(asn, viewer), "64500");
  EXPECT_EQ(value(address, viewer), "192.0.2.10:46532");
  const net::Address seattle = *net::Address::parse("198.51.100.9");
  const Viewer american{.request = *asked, .client = seattle, .geo = geo_.get()};
  EXPECT_EQ(value(longitude, american), "-122.33210");
  EXPECT_EQ(value(metro_code, american), "819");
  EXPECT_EQ(value(address, american), "198.51.100.9:0");
}

TEST_F(ViewerHeaders, of_unknown_places_are_empty) {
  const auto asked = request();
  const net::Address nowhere = *net::Address::parse("[2001:db8:1::5]:443");
  const net::Address local = *net::Address::parse("unix:/run/a.sock");
  for (const Viewer& viewer : {Viewer{.request = *asked, .client = nowhere}, Viewer{.request = *asked, .client = local, .geo = geo_.get()}}) {
    for (const ViewerHeader header : {country, country_name, country_region, city, latitude, longitude, metro_code, postal_code, time_zone, asn}) {
      EXPECT_EQ(value(header, viewer), "") << viewer_header_name(header);
    }
  }
  EXPECT_EQ(value(address, {.request = *asked, .client = nowhere}), "2001:db8:1::5:443") << "no brackets";
  EXPECT_EQ(value(address, {.request = *asked, .client = local}), "");
}

TEST_F(ViewerHeaders, say_what_the_device_is) {
  const auto asked = request({"User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) Mobile/15E148"});
  const net::Address client;
  const Viewer viewer{.request = *asked, .client = client};
  EXPECT_EQ(value(is_mobile, viewer), "true");
  EXPECT_EQ(value(is_ios, viewer), "true");
  for (const ViewerHeader header : {is_android, is_desktop, is_smart_tv, is_tablet}) EXPECT_EQ(value(header, viewer), "false");
  const auto silent = request();
  EXPECT_EQ(value(is_desktop, {.request = *silent, .client = client}), "true");
}

TEST_F(ViewerHeaders, say_how_the_request_came) {
  const auto asked = request({"Host: a", "X-One: 1", "accept: */*", "x-ONE: 2"});
  const net::Address client;
  const Viewer plain{.request = *asked, .client = client};
  EXPECT_EQ(value(header_order, plain), "Host:X-One:accept:x-ONE");
  EXPECT_EQ(value(header_count, plain), "4");
  EXPECT_EQ(value(forwarded_proto, plain), "http");
  EXPECT_EQ(value(http_version, plain), "1.1");
  EXPECT_EQ(value(tls, plain), "");
  asked->version_minor = 0;
  EXPECT_EQ(value(http_version, plain), "1.0");
  Viewer secure{.request = *asked, .client = client, .secure = true, .tls_version = "TLSv1.3", .tls_cipher = "TLS_AES_128_GCM_SHA256"};
  EXPECT_EQ(value(forwarded_proto, secure), "https");
  EXPECT_EQ(value(tls, secure), "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake");
  secure.tls_resumed = true;
  EXPECT_EQ(value(tls, secure), "TLSv1.3:TLS_AES_128_GCM_SHA256:sessionResumed");
  secure.connection_reused = true;
  EXPECT_EQ(value(tls, secure), "TLSv1.3:TLS_AES_128_GCM_SHA256:connectionReused");
}

TEST_F(ViewerHeaders, the_order_of_many_names_is_cut) {
  Lines lines;
  for (int i = 0; i < 100; ++i) lines.push_back(std::string(99, 'n') + std::to_string(i % 10) + ": v");
  const auto asked = request(lines);
  const net::Address client;
  const std::string order = value(header_order, {.request = *asked, .client = client});
  EXPECT_EQ(order.size(), 7680u);
  EXPECT_EQ(order.substr(0, 102), std::string(99, 'n') + "0:n");
  const auto none = request();
  EXPECT_EQ(value(header_order, {.request = *none, .client = client}), "");
  EXPECT_EQ(value(header_count, {.request = *none, .client = client}), "0");
}

}  // namespace
}  // namespace gatehouse::cdn
