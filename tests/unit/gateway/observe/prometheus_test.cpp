#include "gateway/observe/prometheus.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <set>

#include "gateway/observe/exposition.hpp"

namespace gatehouse::observe {
namespace {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value{0};
};

struct Family {
  std::string type;
  std::string help;
  std::vector<Sample> samples;
};

/// A strict reader of exposition format 0.0.4: every family once, with HELP then TYPE, all its samples together; no
/// series twice; histograms with ascending cumulative buckets that end in +Inf = count.
class Reader {
 public:
  explicit Reader(const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
      const auto end = text.find('\n', at);
      if (end == std::string::npos) {
        problem("the last line has no end", "");
        break;
      }
      line(text.substr(at, end - at));
      at = end + 1;
    }
    for (const auto& [name, family] : families) {
      if (family.type == "histogram") check_histogram(name, family);
    }
  }

  std::map<std::string, Family> families;
  std::vector<std::string> problems;

  std::optional<double> value(const std::string& name, const std::map<std::string, std::string>& labels) const {
    for (const auto& [family_name, family] : families) {
      for (const Sample& sample : family.samples) {
        if (sample.name == name && sample.labels == labels) return sample.value;
      }
    }
    return std::nullopt;
  }

 private:
  void problem(const std::string& what, const std::string& where) { problems.push_back(what + ": " + where); }

  static bool is_name(const std::string& text, bool colon) {
    if (text.empty() || (std::isdigit(static_cast<unsigned char>(text[0])) != 0)) return false;
    for (const char c : text) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && !(colon && c == ':')) return false;
    }
    return true;
  }

  void line(const std::string& text) {
    if (text.rfind("# HELP ", 0) == 0) {
      const auto space = text.find(' ', 7);
      if (space == std::string::npos) return problem("HELP without text", text);
      current_ = text.substr(7, space - 7);
      if (!is_name(current_, true)) problem("bad name", text);
      if (families.count(current_) != 0) problem("family twice", text);
      families[current_].help = text.substr(space + 1);
    } else if (text.rfind("# TYPE ", 0) == 0) {
      if (text.rfind("# TYPE " + current_ + " ", 0) != 0) return problem("TYPE does not follow its HELP", text);
      families[current_].type = text.substr(8 + current_.size());
      static const std::set<std::string> types{"counter", "gauge", "histogram"};
      if (types.count(families[current_].type) == 0) problem("bad type", text);
    } else {
      sample(text);
    }
  }

  void sample(const std::string& text) {
    Sample out;
    std::size_t at = text.find_first_of("{ ");
    if (at == std::string::npos) return problem("no value", text);
    out.name = text.substr(0, at);
    if (text[at] == '{' && !labels(text, ++at, out)) return problem("bad labels", text);
    if (at >= text.size() || text[at] != ' ') return problem("no space before the value", text);
    const std::string number = text.substr(at + 1);
    char* end = nullptr;
    out.value = number == "+Inf" ? HUGE_VAL : std::strtod(number.c_str(), &end);
    if (number.empty() || (end != nullptr && *end != 0)) return problem("bad value", text);
    Family& family = families[current_];
    const std::string suffix = out.name.rfind(current_, 0) == 0 ? out.name.substr(current_.size()) : "?";
    const bool fits = family.type == "histogram" ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count"
                                                 : suffix.empty();
    if (!fits) problem("sample outside its family", text);
    if (family.type == "counter" && out.name.rfind("_total") != out.name.size() - 6) problem("counter not _total", text);
    if (!seen_.insert({out.name, out.labels}).second) problem("series twice", text);
    family.samples.push_back(std::move(out));
  }

  static bool labels(const std::string& text, std::size_t& at, Sample& out) {
    while (at < text.size()) {
      const auto equals = text.find("=\"", at);
      if (equals == std::string::npos) return false;
      const std::string name = text.substr(at, equals - at);
      if (!is_name(name, false) || name.rfind("__", 0) == 0) return false;
      std::string value;
      for (at = equals + 2; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] != '\\') {
          value += text[at];
        } else if (++at < text.size() && (text[at] == '\\' || text[at] == '"' || text[at] == 'n')) {
          value += text[at] == 'n' ? '\n' : text[at];
        } else {
          return false;
        }
      }
      if (!out.labels.emplace(name, value).second) return false;
      if (++at >= text.size()) return false;
      if (text[at++] == '}') return true;
      if (text[at - 1] != ',') return false;
    }
    return false;
  }

  void check_histogram(const std::string& name, const Family& family) {
    std::map<std::map<std::string, std::string>, std::vector<std::pair<double, double>>> buckets;
    for (const Sample& sample : family.samples) {
      if (sample.name != name + "_bucket") continue;
      auto labels = sample.labels;
      if (labels.count("le") == 0) return problem("bucket without le", name);
      const std::string le = labels["le"];
      labels.erase("le");
      buckets[labels].emplace_back(le == "+Inf" ? HUGE_VAL : std::strtod(le.c_str(), nullptr), sample.value);
    }
    for (const auto& [labels, rows] : buckets) {
      for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].first <= rows[i - 1].first || rows[i].second < rows[i - 1].second) problem("buckets fall", name);
      }
      if (!std::isinf(rows.back().first)) problem("no +Inf bucket", name);
      if (value(name + "_count", labels) != rows.back().second) problem("count is not +Inf", name);
      if (!value(name + "_sum", labels)) problem("no sum", name);
    }
  }

  std::string current_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen_;
};

TEST(PrometheusText, label_values_survive_whatever_they_hold) {
  PrometheusText out;
  out.family("x_total", "Help with \\ and\nline end", MetricType::counter);
  const std::string odd = "a\\b\"c\nd{e},f=\"g\xc3\xa9";
  out.sample({{"name", odd}, {"other", ""}}, std::uint64_t{18446744073709551615u});
  const Reader reader(out.text());
  EXPECT_TRUE(reader.problems.empty()) << reader.problems.front();
  ASSERT_EQ(reader.families.at("x_total").samples.size(), 1u);
  EXPECT_EQ(reader.families.at("x_total").samples[0].labels.at("name"), odd);
  EXPECT_EQ(reader.families.at("x_total").help, "Help with \\\\ and\\nline end");
  EXPECT_NE(out.text().find(" 18446744073709551615\n"), std::string::npos);
}

TEST(PrometheusText, numbers_are_written_as_prometheus_reads_them) {
  PrometheusText out;
  out.family("g", "A gauge.", MetricType::gauge);
  out.sample({{"n", "a"}}, 0.1);
  out.sample({{"n", "b"}}, HUGE_VAL);
  out.sample({{"n", "c"}}, -HUGE_VAL);
  out.sample({{"n", "d"}}, std::nan(""));
  out.sample({}, 1e300);
  EXPECT_NE(out.text().find("g{n=\"a\"} 0.1\n"), std::string::npos);
  EXPECT_NE(out.text().find("g{n=\"b\"} +Inf\n"), std::string::npos);
  EXPECT_NE(out.text().find("g{n=\"c\"} -Inf\n"), std::string::npos);
  EXPECT_NE(out.text().find("g{n=\"d\"} NaN\n"), std::string::npos);
  EXPECT_NE(out.text().find("g 1e+300\n"), std::string::npos);
}

TEST(Exposition, the_whole_page_is_well_formed_and_says_what_was_counted) {
  MetricsRegistry registry(
      MetricNames{{"none", "connect_failed"}, {"client", "origin", "gateway"}, {"dial", "failover"}});
  WorkerMetrics& worker = registry.add_worker();
  worker.listener(registry.listener("https")).accepted.add(2);
  worker.listener(registry.listener("https")).handshake(HandshakeResult::ok, TlsVersion::tls_1_3, false);
  worker.listener(registry.listener("https")).rejected(Rejection::connection_limit);
  RouteSeries& route = worker.route(registry.route({"https", "10"}));
  route.finished(200, 1'500'000, 500, 7000);
  route.finished(502, 70'000'000'000, 10, 20);
  route.fault(1, 1);
  EndpointSeries& endpoint = worker.endpoint(registry.endpoint({"web", "[::1]:80", "eu", "a"}));
  endpoint.answered(200, 900'000);
  endpoint.active.add(1);
  worker.region(registry.region({"web", "eu"})).chosen(1);

  Exposition page(registry);
  page.add([](PrometheusText& out) {
    const EndpointGauge endpoints[]{{"web", "[::1]:80", "eu", "a", true, 128}};
    const RegionGauge regions[]{{"eu", 12.5}};
    write_endpoint_gauges(out, endpoints);
    write_region_gauges(out, regions);
    write_process_counts(out, ProcessCounts{3, 1, 1.5e9, 7, 0});
    write_build_info(out, "0.1.0", "clang");
  });
  const Reader reader(page.text());
  EXPECT_TRUE(reader.problems.empty()) << reader.problems.front();

  using Map = std::map<std::string, std::string>;
  EXPECT_EQ(reader.value("gatehouse_requests_total", Map{{"listener", "https"}, {"route", "10"}, {"code", "200"}}), 1);
  EXPECT_EQ(reader.value("gatehouse_requests_total", Map{{"listener", "https"}, {"route", "10"}, {"code", "502"}}), 1);
  EXPECT_EQ(reader.value("gatehouse_request_duration_seconds_bucket",
                         Map{{"listener", "https"}, {"route", "10"}, {"le", "0.0016"}}), 1);
  EXPECT_EQ(reader.value("gatehouse_request_duration_seconds_count", Map{{"listener", "https"}, {"route", "10"}}), 2);
  EXPECT_NEAR(*reader.value("gatehouse_request_duration_seconds_sum", Map{{"listener", "https"}, {"route", "10"}}),
              70.0015, 1e-6);
  EXPECT_EQ(reader.value("gatehouse_faults_total", Map{{"reason", "connect_failed"}, {"side", "origin"},
                                                       {"listener", "https"}, {"route", "10"}}), 1);
  const Map at{{"target_group", "web"}, {"endpoint", "[::1]:80"}, {"region", "eu"}, {"zone", "a"}};
  EXPECT_EQ(reader.value("gatehouse_upstream_requests_active", at), 1);
  EXPECT_EQ(reader.value("gatehouse_endpoint_healthy", at), 1);
  EXPECT_EQ(reader.value("gatehouse_endpoint_weight", at), 128);
  EXPECT_EQ(reader.value("gatehouse_region_traffic_dial", Map{{"region", "eu"}}), 12.5);
  EXPECT_EQ(reader.value("gatehouse_region_connections_total",
                         Map{{"target_group", "web"}, {"region", "eu"}, {"reason", "failover"}}), 1);
  EXPECT_EQ(reader.value("gatehouse_connections_active", Map{{"listener", "https"}}), 2);
  EXPECT_EQ(reader.value("gatehouse_tls_handshakes_total", Map{{"listener", "https"}, {"result", "ok"},
                                                               {"version", "TLSv1.3"}, {"resumed", "false"}}), 1);
  EXPECT_EQ(reader.value("gatehouse_access_log_dropped_total", Map{}), 7);
  EXPECT_EQ(reader.value("gatehouse_config_reloads_total", Map{{"result", "failed"}}), 1);
}

TEST(Exposition, the_process_family_says_what_the_kernel_says) {
  PrometheusText out;
  write_process(out);
  const Reader reader(out.text());
  EXPECT_TRUE(reader.problems.empty()) << reader.problems.front();
  EXPECT_GT(*reader.value("process_resident_memory_bytes", {}), 1e6);
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_NEAR(*reader.value("process_start_time_seconds", {}), now, 600);
  const double before = *reader.value("process_open_fds", {});
  const int fd = ::dup(0);
  PrometheusText after;
  write_process(after);
  ::close(fd);
  EXPECT_EQ(*Reader(after.text()).value("process_open_fds", {}), before + 1);
}

}  // namespace
}  // namespace gatehouse::observe
