#include "gatehouse/config/describe.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support.hpp"

namespace gatehouse::config {
namespace {

std::string committed(const std::string& path) {
  std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr const char* how = "run: ninja gatehouse-config-docs && config/gatehouse-config-docs <top of the repository>";

TEST(Describe, the_documentation_is_in_step) { EXPECT_EQ(committed("docs/configuration.md"), documentation()) << how; }

TEST(Describe, the_schema_is_in_step) {
  EXPECT_EQ(committed("config/schema/gatehouse.schema.json"), json_schema()) << how;
}

TEST(Describe, defaults_come_from_the_structs) {
  std::map<std::string, KeyDescription> keys;
  for (const KeyDescription& key : describe()) keys[key.path] = key;
  EXPECT_EQ(keys.at("limits.request_headers").default_value, "64KiB");
  EXPECT_EQ(keys.at("target_groups[].health_check.interval").default_value, "30s");
  EXPECT_EQ(keys.at("target_groups[].health_check.interval").range, "100ms to 5m");
  EXPECT_EQ(keys.at("target_groups[].health_check.interval").source, "HealthCheckIntervalSeconds (5-300)");
  EXPECT_TRUE(keys.at("workers").restart);
  EXPECT_TRUE(keys.at("listeners[].name").required);
}

TEST(Describe, a_configuration_is_shown_with_its_defaults_and_without_secrets) {
  const std::string json = to_json(
      load_clean(one_listener +
                 "    protocol: HTTPS\n    tls: { certificates: [c] }\n"
                 "certificates: [ { name: c, certificate_file: /c.pem, private_key_command: [print, password] } ]\n"));
  EXPECT_NE(json.find("\"drain_timeout\": \"30s\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"private_key_command\": \"(hidden)\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"forward\": null"), std::string::npos) << json;
  EXPECT_NE(json.find("\"certificates\": [\n          \"c\"\n        ]"), std::string::npos) << json;
  EXPECT_EQ(json.find("password"), std::string::npos) << json;
}

}  // namespace
}  // namespace gatehouse::config
