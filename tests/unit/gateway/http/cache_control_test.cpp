// Cache directives: what is read, and that a wrong text is read so that less is reused.
#include "gateway/http/cache_control.hpp"

#include <gtest/gtest.h>

#include "tests/support/made_message.hpp"

namespace gatehouse::http {
namespace {

using testing::Lines;
using testing::response;

/// Directives with the message that they are views of.
struct Read : CacheControl {
  Read(const CacheControl& control, testing::Made<Response> made) : CacheControl(control), message(std::move(made)) {}
  testing::Made<Response> message;
};

Read read(Lines values) {
  for (std::string& value : values) value.insert(0, "Cache-Control: ");
  auto made = response(std::move(values));
  const CacheControl control = cache_control(made->fields);
  return {control, std::move(made)};
}

struct AgeRow {
  Lines lines;
  std::uint32_t max_age;
};

TEST(CacheControl, reads_max_age_leniently_but_never_in_favour_of_reuse) {
  const AgeRow rows[]{
      {{"max-age=3600"}, 3600},
      {{"MaX-aGe=3600"}, 3600},
      {{"foobar, max-age=3600"}, 3600},
      {{"max-age=003600"}, 3600},
      {{"max-age=\"3600\""}, 3600},
      {{"max-age =3600"}, 3600},
      {{"max-age= 3600"}, 3600},
      {{"max-age=2147483647"}, 2147483647U},
      {{"max-age=2147483648"}, delta_max},
      {{"max-age=99999999999999999999999"}, delta_max},
      {{"max-age=-3600"}, 0},
      {{"max-age='3600'"}, 0},
      {{"max-age=3600.0"}, 0},
      {{"max-age=3600.5"}, 0},
      {{"max-age=a3600"}, 0},
      {{"max-age=3600a"}, 0},
      {{"max-age="}, 0},
      {{"max-age"}, 0},
      {{"max-age=1800, max-age=1"}, 1800},
      {{"max-age=1800", "max-age=1"}, 1800},
      {{"max-age=1, max-age=1800"}, 1},
      {{"max-age=a, max-age=1800"}, 0},
      {{"extension=\"max-age=3600\", max-age=1"}, 1},
      {{"max-age=1, extension=\"max-age=3600\""}, 1},
      {{"extension=\"a\\\", max-age=3600\""}, no_delta},
      {{"x-max-age=3600"}, no_delta},
      {{""}, no_delta},
  };
  for (const AgeRow& row : rows) EXPECT_EQ(read(row.lines).max_age, row.max_age) << row.lines[0];
}

TEST(CacheControl, joins_its_lines) {
  const Read control = read({"max-age=1, public", "s-maxage=2,Must-Revalidate", ", ,no-transform"});
  EXPECT_EQ(control.max_age, 1U);
  EXPECT_EQ(control.s_maxage, 2U);
  EXPECT_TRUE(control.public_ && control.must_revalidate && control.no_transform && control.present);
  EXPECT_FALSE(control.no_store || control.no_cache || control.private_ || control.broken);
}

TEST(CacheControl, is_not_present_when_there_is_none) {
  EXPECT_FALSE(read({}).present);
  EXPECT_FALSE(read({" , "}).present);
  EXPECT_TRUE(read({"nothing-to-see-here"}).present);
}

TEST(CacheControl, what_restricts_counts_with_an_argument_and_what_permits_does_not) {
  const Read control = read({"no-store=1, must-revalidate=x, public=1, immutable=1, must-understand=1"});
  EXPECT_TRUE(control.no_store && control.must_revalidate);
  EXPECT_FALSE(control.public_ || control.immutable || control.must_understand);
}

TEST(CacheControl, no_cache_and_private_may_name_fields) {
  const Read named = read({"no-cache=\"a, b\"", "private=Set-Cookie"});
  EXPECT_EQ(named.no_cache_fields, "a, b");
  EXPECT_EQ(named.private_fields, "Set-Cookie");
  EXPECT_FALSE(named.no_cache || named.private_);
  for (const char* text : {"no-cache", "no-cache=\"\"", "no-cache=\" \"", "no-cache=\"a\", no-cache=\"b\"", "no-cache, no-cache=\"a\""}) {
    EXPECT_TRUE(read({text}).no_cache) << text;
  }
}

TEST(CacheControl, an_open_quotation_mark_makes_it_broken) {
  EXPECT_TRUE(read({"max-age=3600, extension=\"no-store"}).broken);
  EXPECT_FALSE(read({"max-age=3600, extension=\"no-store\""}).broken);
}

TEST(CacheControl, reads_the_wishes_of_clients) {
  const Read wishes = read({"max-stale, min-fresh=5, only-if-cached"});
  EXPECT_EQ(wishes.max_stale, delta_max);
  EXPECT_EQ(wishes.min_fresh, 5U);
  EXPECT_TRUE(wishes.only_if_cached);
  EXPECT_EQ(read({"max-stale=10"}).max_stale, 10U);
}

std::optional<Read> targeted(Lines values) {
  for (std::string& value : values) value.insert(0, "CDN-Cache-Control: ");
  auto made = response(std::move(values));
  const auto control = targeted_cache_control(made->fields, "cdn-cache-control");
  if (!control) return std::nullopt;
  return Read(*control, std::move(made));
}

TEST(TargetedCacheControl, is_a_dictionary_or_nothing) {
  EXPECT_EQ(targeted({"max-age=3600"})->max_age, 3600U);
  EXPECT_EQ(targeted({"max-age=99999999999"})->max_age, delta_max);
  EXPECT_EQ(targeted({"max-age=-1"})->max_age, 0U);
  EXPECT_EQ(targeted({"max-age=1, max-age=2"})->max_age, 2U);
  EXPECT_EQ(targeted({"max-age=1", "no-store"})->no_store, true);
  EXPECT_EQ(targeted({"max-age=60;ext=1"})->max_age, 60U);
  for (const Lines& lines : {Lines{}, Lines{""}, Lines{"max-age=10000, &&&&&"}, Lines{"MaX-aGe=3600"}, Lines{"max-age =100"},
                             Lines{"max-age= 100"}, Lines{"max-age=1", "&"}, Lines{"no-store,"}}) {
    EXPECT_FALSE(targeted(lines).has_value());
  }
}

TEST(TargetedCacheControl, a_value_of_another_type_voids_the_directive_alone) {
  const auto control = targeted({"max-age=\"10000\", s-maxage=1.5, no-store=yes, private=1, public=?0, must-revalidate"});
  ASSERT_TRUE(control.has_value());
  EXPECT_FALSE(control->has_lifetime() || control->no_store || control->private_ || control->public_);
  EXPECT_TRUE(control->must_revalidate);
  EXPECT_EQ(targeted({"no-cache=\"a, b\""})->no_cache_fields, "a, b");
}

}  // namespace
}  // namespace gatehouse::http
