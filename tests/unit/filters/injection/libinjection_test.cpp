// A development comparison with libinjection, as ModSecurity's library exports it, over our own vectors: it reports where
// the two disagree and asserts that ours finds no less. Skipped where the library is not installed.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "injection/detect.hpp"

namespace gatehouse::filters {
namespace {

using FindSql = int (*)(const char*, std::size_t, char[]);
using FindXss = int (*)(const char*, std::size_t);

struct Tally {
  int values{0}, ours{0}, theirs{0};
};

class Libinjection : public ::testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen("libmodsecurity.so.3", RTLD_LAZY | RTLD_LOCAL);
    if (library_ == nullptr) GTEST_SKIP() << "libmodsecurity.so.3 is not installed";
    sql_ = reinterpret_cast<FindSql>(dlsym(library_, "libinjection_sqli"));
    xss_ = reinterpret_cast<FindXss>(dlsym(library_, "libinjection_xss"));
    if (sql_ == nullptr || xss_ == nullptr) GTEST_SKIP() << "libmodsecurity.so.3 exports no libinjection";
  }
  // The library stays loaded: it registers things that outlive dlclose.

  void compare(const std::string& value, bool is_sql, Tally& tally) {
    char fingerprint[16] = {};
    Evidence evidence;
    const bool theirs = is_sql ? sql_(value.data(), value.size(), fingerprint) != 0 : xss_(value.data(), value.size()) != 0;
    const bool ours = is_sql ? detect_sql_injection(value, evidence) : detect_xss(value);
    ++tally.values;
    tally.ours += ours;
    tally.theirs += theirs;
    if (ours == theirs) return;
    std::printf("  %s only: %s  [%s]\n", ours ? "ours" : "libinjection", value.c_str(), ours ? std::string(evidence.text()).c_str() : fingerprint);
  }

  void* library_{nullptr};
  FindSql sql_{nullptr};
  FindXss xss_{nullptr};
};

TEST_F(Libinjection, finds_no_attack_of_ours_that_we_miss) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/injection_attacks.cases");
  Tally sql, xss;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("sql ", 0) == 0) compare(line.substr(4), true, sql);
    if (line.rfind("xss ", 0) == 0 && line.find("\\n") == std::string::npos) compare(line.substr(4), false, xss);
  }
  std::printf("sql: %d values, ours %d, libinjection %d\n", sql.values, sql.ours, sql.theirs);
  std::printf("xss: %d values, ours %d, libinjection %d\n", xss.values, xss.ours, xss.theirs);
  EXPECT_GE(sql.ours, sql.theirs);
  EXPECT_GE(xss.ours, xss.theirs);
}

TEST_F(Libinjection, sees_attacks_in_near_misses_where_we_see_none) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/injection_benign.cases");
  Tally sql, xss;
  for (std::string line; std::getline(file, line);) {
    compare(line, true, sql);
    compare(line, false, xss);
  }
  std::printf("near-misses: %d, libinjection calls %d of them SQL and %d of them script\n", sql.values, sql.theirs, xss.theirs);
  EXPECT_EQ(sql.ours, 0);
  EXPECT_EQ(xss.ours, 0);
}

}  // namespace
}  // namespace gatehouse::filters
