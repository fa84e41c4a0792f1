// gatehouse demo: the whole product on one machine in one command: four origins in two regions, a development
// certificate, HTTP and HTTPS listeners, the admin API. `demo origin` runs one origin by itself, for docker-compose.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "gatehouse/config/load.hpp"
#include "gateway/cli/demo_origin.hpp"
#include "gateway/cli/service.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/verbs.hpp"
#include "gateway/net/address.hpp"
#include "gateway/tls/development_certificate.hpp"

namespace gatehouse::cli {
namespace {

struct DemoOptions {
  std::uint16_t http_port{8080};
  std::uint16_t https_port{8443};
  std::string admin{"127.0.0.1:9900"};
  std::string folder;
  unsigned workers{0};
  DemoOriginOptions origin;
  std::string origin_listen{"127.0.0.1:9001"};
};

/// Where the development CA is kept: it is made once, so that a browser has to be told of it once.
std::string default_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != 0) return std::string(data) + "/gatehouse";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) return std::string(home) + "/.local/share/gatehouse";
  return "/tmp/gatehouse-demo-" + std::to_string(::getuid());
}

struct DemoEndpoint {
  const char* name;
  const char* region;
  const char* zone;
  unsigned weight;
};
constexpr DemoEndpoint endpoints[] = {
    {"eu-north-1a", "eu-north-1", "a", 192},
    {"eu-north-1b", "eu-north-1", "b", 64},
    {"eu-west-1a", "eu-west-1", "a", 128},
    {"eu-west-1b", "eu-west-1", "b", 128},
};

std::string configuration(const DemoOptions& options, const tls::DevelopmentCertificate& certificate, const std::vector<std::uint16_t>& ports) {
  std::string text = "version: 1\nadmin: { listen: \"" + options.admin + "\" }\nlogs: { access: { path: \"off\" } }\ndrain_timeout: 3s\n"
      "certificates:\n  - { name: development, certificate_file: \"" + certificate.certificate_file + "\", private_key_file: \"" +
      certificate.private_key_file + "\" }\n"
      "listeners:\n"
      "  - name: http\n    address: \"127.0.0.1:" + std::to_string(options.http_port) + "\"\n    protocol: HTTP\n"
      "    behaviors: [ { path_pattern: \"/static/*\", cache_policy: standard } ]\n"
      "    rules:\n"
      "      - { priority: 10, conditions: [ { path_pattern: [\"/hello\"] } ],\n"
      "          actions: [ { fixed_response: { status_code: 200, content_type: text/plain, message_body: \"Hello from Gatehouse.\\n\" } } ] }\n"
      "      - { priority: 20, conditions: [ { path_pattern: [\"/secure*\"] } ],\n"
      "          actions: [ { redirect: { protocol: HTTPS, port: \"" + std::to_string(options.https_port) + "\", status_code: 301 } } ] }\n"
      "    default_actions: [ { forward: { target_groups: [ { name: demo } ] } } ]\n"
      "  - name: https\n    address: \"127.0.0.1:" + std::to_string(options.https_port) + "\"\n    protocol: HTTPS\n"
      "    tls: { certificates: [development] }\n"
      "    default_actions: [ { forward: { target_groups: [ { name: demo } ] } } ]\n"
      "target_groups:\n  - name: demo\n"
      "    health_check: { path: /healthz, interval: 1s, timeout: 500ms, healthy_threshold: 2, unhealthy_threshold: 2 }\n"
      "    endpoints:\n";
  for (std::size_t i = 0; i < std::size(endpoints); ++i) {
    text += "      - { address: \"127.0.0.1:" + std::to_string(ports[i]) + "\", region: " + endpoints[i].region + ", zone: " +
            endpoints[i].zone + ", weight: " + std::to_string(endpoints[i].weight) + " }\n";
  }
  return text + "cache: { policies: [ { name: standard } ] }\nregions:\n  - { name: eu-north-1, traffic_dial: 100 }\n  - { name: eu-west-1, traffic_dial: 100 }\n";
}

void print_welcome(const Service& service, const DemoOptions& options, const tls::DevelopmentCertificate& certificate, std::uint16_t first_origin) {
  const std::string http = "http://localhost:" + std::to_string(options.http_port);
  const std::string https = "https://localhost:" + std::to_string(options.https_port);
  std::cout << "\nGatehouse demo: four origins in two regions behind one gateway. Ctrl-C ends it.\n\n"
            << "  HTTP    " << http << "\n  HTTPS   " << https << "   (development CA: " << certificate.ca_file << ")\n"
            << "  Admin   http://" << service.admin_address() << "/v1/status\n\n"
            << "Worth trying, in another terminal:\n\n"
            << "  curl " << http << "/\n      # run it again: the weights 192 and 64 take turns\n"
            << "  curl --cacert " << certificate.ca_file << " " << https << "/\n"
            << "  curl -X POST http://127.0.0.1:" << first_origin << "/demo/fail && sleep 3 && curl " << http
            << "/\n      # the first origin fails its checks, the second takes over; /demo/heal ends it\n\n"
            << "Twice, for the cache: curl -si " << http << "/static/page\n      # the second one is a hit, with an Age; the origin counts its requests\n\n"
            << "And: gatehouse status --admin " << service.admin_address() << "\n\n"
            << service.ready_line() << std::endl;
}

std::vector<DemoOriginOptions> origin_options() {
  std::vector<DemoOriginOptions> out;
  for (const DemoEndpoint& endpoint : endpoints) out.push_back({"127.0.0.1", 0, endpoint.name, endpoint.region});
  return out;
}

int demo(const DemoOptions& options) {
  const std::string folder = options.folder.empty() ? default_folder() : options.folder;
  const auto certificate = tls::development_certificate(folder, std::chrono::system_clock::now());
  if (!certificate) {
    std::cerr << "gatehouse demo: " << certificate.error() << '\n';
    return 1;
  }
  const DemoOrigins origins(origin_options());
  const std::string text = configuration(options, *certificate, origins.ports());
  const auto load = [&text] { return config::load_text(text, "demo"); };
  auto config = load();
  if (!config) {
    std::cerr << config::to_text(config.error());
    return 1;
  }
  Service service(worker_count(options.workers, *config), "demo", load);
  if (!service.start(std::move(*config))) return 1;
  print_welcome(service, options, *certificate, origins.ports().front());
  service.run();
  std::cout << "gatehouse demo: ended" << std::endl;
  return 0;
}

int demo_origin(const DemoOptions& options) {
  const auto where = net::split_host_port(options.origin_listen);
  if (!where || !where->port) {
    std::cerr << "gatehouse demo origin: --listen wants ADDRESS:PORT, not " << options.origin_listen << '\n';
    return 2;
  }
  DemoOriginOptions origin = options.origin;
  origin.address = std::string(where->host);
  origin.port = *where->port;
  return run_demo_origin(origin);
}

}  // namespace

void add_demo(Verb above) {
  auto options = std::make_shared<DemoOptions>();
  Verb verb = above.verb("demo", "See it work: a gateway with four origins in two regions on this machine");
  verb.option("--http-port", options->http_port, "Port of the HTTP listener").show_default();
  verb.option("--https-port", options->https_port, "Port of the HTTPS listener").show_default();
  verb.option("--admin", options->admin, "Address of the admin API").show_default();
  verb.option("--folder", options->folder, "Where the development certificate authority is kept");
  verb.option("--workers", options->workers, "Worker threads; default: one per core").between(1, 1024);
  Verb origin = verb.verb("origin", "Run one demo origin by itself");
  origin.option("--listen", options->origin_listen, "Address and port").show_default();
  origin.option("--name", options->origin.name, "What it calls itself").show_default();
  origin.option("--region", options->origin.region, "The region it says it is in").show_default();
  verb.does([options, origin] { return origin.called() ? demo_origin(*options) : demo(*options); });
}

}  // namespace gatehouse::cli
