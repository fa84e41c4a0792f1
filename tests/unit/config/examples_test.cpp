#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "gatehouse/config/load.hpp"

namespace gatehouse::config {
namespace {

const std::filesystem::path folder = std::filesystem::path(GATEHOUSE_SOURCE_DIR) / "config" / "examples";

/// Fails the test with what the user would read.
Config load_example(const std::string& name) {
  Problems warnings;
  LoadOptions options;
  options.environment = [](std::string_view) { return std::nullopt; };
  options.warnings = &warnings;
  const auto loaded = load_file((folder / name).string(), options);
  EXPECT_TRUE(loaded) << to_text(loaded.error());
  EXPECT_TRUE(warnings.empty()) << to_text(warnings);
  return loaded ? *loaded : Config{};
}

TEST(Examples, every_file_loads_without_a_problem) {
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    load_example(entry.path().filename().string());
    seen.insert(entry.path().filename().string());
  }
  for (const char* promised :
       {"minimal.yaml", "two-regions.yaml", "https.yaml", "path-routing.yaml", "hardened-limits.yaml", "compose.yaml"}) {
    EXPECT_TRUE(seen.contains(promised)) << promised;
  }
}

TEST(Examples, minimal_takes_its_origin_from_the_default_of_a_variable) {
  const Config config = load_example("minimal.yaml");
  ASSERT_EQ(config.target_groups.size(), 1u);
  EXPECT_EQ(config.target_groups[0].endpoints.at(0).address, "127.0.0.1:9001");
  EXPECT_EQ(config.listeners.at(0).default_actions.at(0).forward->target_groups.at(0).name, "web");
}

TEST(Examples, https_finds_its_certificates_beside_itself) {
  const Config config = load_example("https.yaml");
  EXPECT_EQ(config.certificates.at(0).certificate_file, (folder / "shop.pem").string());
  EXPECT_EQ(config.certificates.at(1).private_key_command.at(0), "vault");
}

TEST(Examples, compose_serves_its_admin_api_to_named_hosts) {
  const Config config = load_example("compose.yaml");
  EXPECT_EQ(config.admin.listen, "0.0.0.0:9900");
  EXPECT_EQ(config.admin.allowed_hosts, (std::vector<std::string>{"localhost", "gateway"}));
}

TEST(Examples, compose_names_the_services_of_docker_compose) {
  std::ifstream file(folder.parent_path().parent_path() / "docker-compose.yml");
  const std::string services{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(services, testing::HasSubstr("./config/examples/compose.yaml:"));
  const Config config = load_example("compose.yaml");
  for (const Endpoint& endpoint : config.target_groups.at(0).endpoints) {
    const std::string name = endpoint.address.substr(0, endpoint.address.find(':'));
    EXPECT_THAT(services, testing::HasSubstr("\n  " + name + ":\n")) << name;
  }
}

}  // namespace
}  // namespace gatehouse::config
