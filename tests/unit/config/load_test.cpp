#include "gatehouse/config/load.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

// The documented sample, without the parts that later versions add.
constexpr std::string_view documented = R"(
version: 1
admin: { listen: "127.0.0.1:9900" }
logs: { access: { path: stdout, format: json } }
certificates:
  - { name: shop, certificate_file: shop.pem, private_key_file: shop.key }
listeners:
  - name: http
    address: "0.0.0.0:8080"
    protocol: HTTP
    default_actions: [ { redirect: { protocol: HTTPS, port: "8443", status_code: 301 } } ]
  - name: https
    address: "0.0.0.0:8443"
    protocol: HTTPS
    tls: { security_policy: ELBSecurityPolicy-TLS13-1-2-Res-2021-06, certificates: [shop] }
    filters: [ { access_list: { deny: ["203.0.113.0/24"] } } ]
    rules:
      - priority: 10
        conditions: [ { path_pattern: ["/api/*"] } ]
        actions:
          - forward: { target_groups: [ { name: api, weight: 90 }, { name: web, weight: 10 } ] }
    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]
target_groups:
  - name: web
    protocol: HTTP
    algorithm: round_robin
    health_check: { protocol: HTTP, path: /healthz, interval: 5s, timeout: 2s,
                    healthy_threshold: 2, unhealthy_threshold: 2, matcher: "200-299" }
    endpoints:
      - { address: "127.0.0.1:9001", region: eu-north-1, zone: a, weight: 128 }
      - { address: "127.0.0.1:9003", region: eu-west-1, weight: 128 }
  - name: api
    endpoints: [ { address: "127.0.0.1:9002", region: eu-north-1 } ]
regions:
  - { name: eu-north-1, traffic_dial: 100 }
  - { name: eu-west-1, traffic_dial: 0 }
)";

TEST(Load, the_documented_sample_loads_as_it_stands) {
  const Config config = load_clean(documented);
  ASSERT_EQ(config.listeners.size(), 2u);
  EXPECT_EQ(config.listeners[0].default_actions.at(0).redirect->port, "8443");
  EXPECT_EQ(config.listeners[0].default_actions.at(0).redirect->path, "/#{path}");
  EXPECT_EQ(config.listeners[1].filters.at(0).access_list->deny.at(0), "203.0.113.0/24");
  EXPECT_EQ(config.listeners[1].rules.at(0).actions.at(0).forward->target_groups.at(0).weight, 90);
  EXPECT_EQ(config.target_groups.at(0).health_check.interval, 5s);
  EXPECT_EQ(config.target_groups.at(1).health_check.interval, 30s);
  EXPECT_EQ(config.regions.at(1).traffic_dial, 0);
}

TEST(Load, keys_of_features_that_do_not_exist_are_unknown) {
  EXPECT_THAT(problems_of(one_listener + "    http2: true\ncache: { memory: 1MiB, tape: { path: /dev/st0 } }\n"),
              ElementsAre(HasSubstr("5:5: listeners[0]: unknown key 'http2'"), HasSubstr("6:24: cache: unknown key 'tape'")));
}

TEST(Load, structs_know_where_they_were_written) {
  const Config config = load_clean(documented);
  EXPECT_EQ(config.listeners[1].position.line, 12);
  EXPECT_EQ(config.listeners[1].position.column, 5);
  EXPECT_EQ(config.listeners[1].position.file, "test.yaml");
  EXPECT_EQ(config.listeners[1].rules[0].conditions[0].position.line, 19);
  EXPECT_EQ(config.target_groups[0].endpoints[1].position.line, 31);
}

TEST(Load, relative_files_start_at_the_folder_of_the_configuration) {
  const std::string text = one_listener + "logs: { access: { path: access.log } }\n";
  EXPECT_EQ(load_text(text, "/etc/gatehouse/gw.yaml", test_options())->logs.access.path, "/etc/gatehouse/access.log");
  EXPECT_EQ(load_text(text, "gw.yaml", test_options())->logs.access.path, "access.log");
  LoadOptions options = test_options();
  options.folder = "/srv";
  EXPECT_EQ(load_text(text, "/etc/gatehouse/gw.yaml", options)->logs.access.path, "/srv/access.log");
  EXPECT_EQ(
      load_text(one_listener + "logs: { access: { path: /a/b.log } }", "/etc/x.yaml", test_options())->logs.access.path,
      "/a/b.log");
  EXPECT_EQ(
      load_text(one_listener + "logs: { access: { path: stderr } }", "/etc/x.yaml", test_options())->logs.access.path,
      "stderr");
}

TEST(Load, values_come_from_the_environment) {
  const auto admin = [](const std::string& value) {
    return load_clean(one_listener + "admin: { listen: " + value + " }\n").admin.listen;
  };
  EXPECT_EQ(admin("\"127.0.0.1:${PORT}\""), "127.0.0.1:9001");
  EXPECT_EQ(admin("\"127.0.0.1:${NOT_SET:-9002}\""), "127.0.0.1:9002");
  EXPECT_EQ(admin("'127.0.0.1:${EMPTY:-9003}'"), "127.0.0.1:9003");
  EXPECT_EQ(load_clean(one_listener + "workers: ${NOT_SET:-3}\n").workers, 3u);
}

TEST(Load, a_variable_never_becomes_structure_nor_is_expanded_again) {
  const Config config = load_clean(
      "listeners: [ { name: a, address: '127.0.0.1:80', default_actions: "
      "[ { fixed_response: { message_body: \"${TRICKY} $$ $5 $${PORT}\" } } ] } ]");
  EXPECT_EQ(config.listeners[0].default_actions[0].fixed_response->message_body, "a: [b, ${PORT}] $ $5 ${PORT}");
}

TEST(Load, a_variable_without_value_is_a_problem) {
  EXPECT_THAT(problems_of(one_listener + "workers: ${NOT_SET}\n"),
              ElementsAre("5:10: workers: environment variable 'NOT_SET' is not set "
                          "(set it, or give a default: ${NOT_SET:-value})"));
  EXPECT_THAT(problems_of(one_listener + "workers: \"${NOT SET}\"\n"),
              ElementsAre("5:10: workers: 'NOT SET' is no name of an environment variable "
                          "(write ${NAME} or ${NAME:-default}; a dollar sign itself is '$$')"));
  EXPECT_THAT(problems_of(one_listener + "workers: \"${PORT\"\n"),
              ElementsAre("5:10: workers: '${' has no closing '}' (a dollar sign itself is '$$')"));
}

TEST(Load, anchors_and_aliases_repeat_values) {
  const Config config = load_clean(
      "listeners:\n"
      "  - { name: a, address: '127.0.0.1:1', default_actions: &answer [ { fixed_response: { status_code: 404 } } ] }\n"
      "  - { name: b, address: '127.0.0.1:2', default_actions: *answer }\n");
  EXPECT_EQ(config.listeners[1].default_actions.at(0).fixed_response->status_code, 404);
}

class LoadFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-config-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(LoadFile, reads_the_file_and_resolves_beside_it) {
  const std::string path = (folder_ / "gw.yaml").string();
  std::ofstream(path) << one_listener << "logs: { access: { path: access.log } }\n";
  const auto loaded = load_file(path, test_options());
  ASSERT_TRUE(loaded) << to_text(loaded.error());
  EXPECT_EQ(loaded->logs.access.path, (folder_ / "access.log").string());
}

TEST_F(LoadFile, says_why_a_file_cannot_be_read) {
  const std::string missing = (folder_ / "no.yaml").string();
  EXPECT_EQ(to_text(load_file(missing).error()),
            missing + ": error: cannot open the file: No such file or directory\n");
  EXPECT_EQ(to_text(load_file(folder_.string()).error()), folder_.string() + ": error: this is a folder, not a file\n");
}

TEST_F(LoadFile, an_endless_file_ends) {
  LoadOptions options = test_options();
  options.bytes_max = 1000;
  EXPECT_EQ(to_text(load_file("/dev/zero", options).error()), "/dev/zero: error: the file is larger than 1000 bytes\n");
}

TEST(ProcessEnvironment, is_what_the_process_has) {
  ASSERT_EQ(setenv("GATEHOUSE_CONFIG_TEST", "here", 1), 0);
  EXPECT_EQ(process_environment("GATEHOUSE_CONFIG_TEST"), "here");
  EXPECT_EQ(process_environment("GATEHOUSE_CONFIG_TEST_NOT_SET"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::config
