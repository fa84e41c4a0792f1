#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "builtin/builtin.hpp"
#include "gatehouse/filters/geo.hpp"

namespace gatehouse::filters {

namespace {

/// Serves clients of some countries only, or all but those of some. Who is refused gets 403; a client whose country the
/// database does not know is served. Settings: `restriction_type`: whitelist or blacklist; `locations`: ISO 3166-1 alpha-2
/// codes; `database`: the file of the places.
class GeoRestriction final : public Filter {
 public:
  using Code = std::array<char, 2>;

  GeoRestriction(std::shared_ptr<const GeoDatabase> database, std::vector<Code> locations, bool listed_pass)
      : database_(std::move(database)), locations_(std::move(locations)), listed_pass_(listed_pass) {
    std::ranges::sort(locations_);
  }
  std::string_view name() const noexcept override { return "geo_restriction"; }

  Verdict on_request_head(const RequestView& request, Transaction& transaction) const override {
    const std::string_view country = database_->country(request.client);
    if (country.size() != 2) return Verdict::pass;
    const bool listed = std::ranges::binary_search(locations_, Code{country[0], country[1]});
    if (listed == listed_pass_) return Verdict::pass;
    transaction.respond(Reply::forbidden("geo_restriction"));
    return Verdict::respond;
  }

 private:
  std::shared_ptr<const GeoDatabase> database_;
  std::vector<Code> locations_;
  bool listed_pass_;
};

/// What the settings come to, and what is wrong with them.
struct Reading {
  std::shared_ptr<const GeoDatabase> database;
  std::vector<GeoRestriction::Code> locations;
  std::string_view type;
  std::vector<SettingProblem> problems;

  void read_database(const Setting& setting) {
    if (setting.values.empty()) return;
    auto opened = GeoDatabase::open({setting.values.front(), {}});
    if (opened) {
      database = std::move(*opened);
    } else {
      problems.push_back({"database", 0, opened.error(), ""});
    }
  }
  void read_locations(const Setting& setting) {
    for (std::size_t i = 0; i < setting.values.size(); ++i) {
      const std::string& code = setting.values[i];
      if (!country_name(code).empty()) {
        locations.push_back({code[0], code[1]});
        continue;
      }
      const std::string_view meant = country_meant(code);
      const std::string hint = meant.empty() ? "codes have two letters, such as SE" : "did you mean " + std::string(meant) + "?";
      problems.push_back({"locations", i, "'" + code + "' is no country's code (ISO 3166-1)", hint});
    }
  }
  void read_type(const Setting& setting) {
    const std::string_view given = setting.values.empty() ? std::string_view() : setting.values.front();
    if (given == "whitelist" || given == "blacklist") {
      type = given;
    } else {
      problems.push_back({"restriction_type", 0, "'" + std::string(given) + "' is neither whitelist nor blacklist", ""});
    }
  }
  void require(bool there, const char* setting, const char* what) {
    const auto named = [setting](const SettingProblem& problem) { return problem.setting == setting; };
    if (!there && std::ranges::none_of(problems, named)) problems.push_back({setting, 0, what, ""});
  }
};

}  // namespace

MadeFilter make_geo_restriction(Settings settings) {
  Reading reading;
  for (const Setting& setting : settings) {
    if (setting.name == "database") {
      reading.read_database(setting);
    } else if (setting.name == "locations") {
      reading.read_locations(setting);
    } else if (setting.name == "restriction_type") {
      reading.read_type(setting);
    } else {
      reading.problems.push_back({std::string(setting.name), 0, "geo_restriction has no such setting",
                                  "restriction_type, locations and database exist"});
    }
  }
  reading.require(reading.database != nullptr, "database", "a database of places is needed");
  reading.require(!reading.locations.empty(), "locations", "at least one country is needed");
  reading.require(!reading.type.empty(), "restriction_type", "whitelist or blacklist is needed");
  if (!reading.problems.empty()) return Failure{std::move(reading.problems)};
  return std::unique_ptr<const Filter>(
      std::make_unique<GeoRestriction>(std::move(reading.database), std::move(reading.locations), reading.type == "whitelist"));
}

}  // namespace gatehouse::filters
