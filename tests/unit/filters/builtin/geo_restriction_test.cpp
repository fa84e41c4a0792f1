#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gatehouse/filters/chain.hpp"
#include "gatehouse/filters/registry.hpp"
#include "tests/support/geo_files.hpp"

namespace gatehouse::filters {
namespace {

using gatehouse::testing::GeoTestFiles;
using Texts = std::vector<std::string>;

struct Wanted {
  Texts type, locations, database;
};

MadeFilter make(const Wanted& wanted) {
  const Setting settings[] = {{"restriction_type", wanted.type}, {"locations", wanted.locations}, {"database", wanted.database}};
  return find_filter_kind("geo_restriction")->make(settings);
}

/// Whether a client at that address is served, and with which status it is refused.
int status_of(const Wanted& wanted, std::string_view address) {
  MadeFilter made = make(wanted);
  EXPECT_TRUE(made);
  RequestView request;
  request.client = *parse_address(address);
  Transaction transaction;
  const Verdict verdict = (*made)->on_request_head(request, transaction);
  if (verdict == Verdict::pass) return 200;
  EXPECT_EQ(transaction.reason(), "geo_restriction");
  return transaction.reply()->status;
}

TEST(GeoRestriction, serves_the_countries_of_a_whitelist) {
  const Wanted wanted{{"whitelist"}, {"US", "SE"}, {GeoTestFiles::get().places()}};
  EXPECT_EQ(status_of(wanted, "192.0.2.1"), 200);
  EXPECT_EQ(status_of(wanted, "2001:db8:5e::1"), 200);
  EXPECT_EQ(status_of(wanted, "198.51.100.1"), 200);
  EXPECT_EQ(status_of(wanted, "203.0.113.1"), 403);
  EXPECT_EQ(status_of(wanted, "2001:db8:de::1"), 403);
}

TEST(GeoRestriction, refuses_the_countries_of_a_blacklist) {
  const Wanted wanted{{"blacklist"}, {"NO"}, {GeoTestFiles::get().places()}};
  EXPECT_EQ(status_of(wanted, "203.0.113.1"), 403);
  EXPECT_EQ(status_of(wanted, "192.0.2.1"), 200);
}

TEST(GeoRestriction, serves_whom_nobody_can_place) {
  EXPECT_EQ(status_of({{"whitelist"}, {"SE"}, {GeoTestFiles::get().places()}}, "127.0.0.1"), 200);
  EXPECT_EQ(status_of({{"blacklist"}, {"SE"}, {GeoTestFiles::get().places()}}, "::1"), 200);
}

TEST(GeoRestriction, reports_everything_that_is_wrong_with_its_settings) {
  const MadeFilter made = make({{"greylist"}, {"SE", "UK", "Atlantis"}, {"/none.mmdb"}});
  ASSERT_FALSE(made);
  std::string said;
  for (const SettingProblem& problem : made.error()) {
    said += problem.setting + "[" + std::to_string(problem.index) + "] " + problem.message + " (" + problem.hint + ")\n";
  }
  EXPECT_EQ(said,
            "restriction_type[0] 'greylist' is neither whitelist nor blacklist ()\n"
            "locations[1] 'UK' is no country's code (ISO 3166-1) (did you mean GB?)\n"
            "locations[2] 'Atlantis' is no country's code (ISO 3166-1) (codes have two letters, such as SE)\n"
            "database[0] cannot read '/none.mmdb': No such file or directory ()\n");
  const MadeFilter empty = make({});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().size(), 3u);
}

}  // namespace
}  // namespace gatehouse::filters
