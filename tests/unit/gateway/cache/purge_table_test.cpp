// Purging by epochs: what is hit by what, hard and soft, and what a check costs.
#include "gateway/cache/purge_table.hpp"

#include <gtest/gtest.h>

#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::string_view url = "https://shop.example/a/b/c.css?v=1";

class Purging : public ::testing::Test {
 protected:
  PurgeTable table{Secret{1, 2}};

  ObjectRef object(std::string_view of = url, std::span<const std::uint64_t> tags = {}) {
    ObjectSpec spec;
    spec.epoch = table.epoch();
    spec.tags = tags;
    return test::object_of(of, {}, spec);
  }
  /// What becomes of a new object of `of` after one hard purge.
  bool hits(PurgeKind kind, std::string_view text, std::string_view of = url) {
    const ObjectRef stored = object(of);
    table.purge(kind, text, PurgeMode::hard, 0);
    return table.check(*stored) == Purged::gone;
  }
};

TEST_F(Purging, by_url_hits_that_url_whatever_its_scheme) {
  EXPECT_TRUE(hits(PurgeKind::url, url));
  EXPECT_TRUE(hits(PurgeKind::url, "http://SHOP.example/a/b/c.css?v=1"));
  EXPECT_TRUE(hits(PurgeKind::url, "shop.example/a/b/c.css?v=1"));
  EXPECT_FALSE(hits(PurgeKind::url, "https://shop.example/a/b/c.css"));
  EXPECT_FALSE(hits(PurgeKind::url, "https://shop.example/a/b/C.css?v=1"));
  EXPECT_FALSE(hits(PurgeKind::url, "https://shop.example/a/b/"));
}

TEST_F(Purging, by_prefix_hits_whole_segments) {
  EXPECT_TRUE(hits(PurgeKind::prefix, "https://shop.example/a/b/"));
  EXPECT_TRUE(hits(PurgeKind::prefix, "https://shop.example/a/b"));
  EXPECT_TRUE(hits(PurgeKind::prefix, "https://shop.example/a"));
  EXPECT_TRUE(hits(PurgeKind::prefix, "https://shop.example/"));
  EXPECT_TRUE(hits(PurgeKind::prefix, "https://shop.example/a/b/c.css"));
  EXPECT_FALSE(hits(PurgeKind::prefix, "https://shop.example/a/b/c"));
  EXPECT_FALSE(hits(PurgeKind::prefix, "https://shop.example/b"));
  EXPECT_FALSE(hits(PurgeKind::prefix, "https://shop.example/a/b/c.css/d"));
  EXPECT_FALSE(hits(PurgeKind::prefix, "https://shop"));
}

TEST_F(Purging, by_path_hits_that_path_of_every_host) {
  EXPECT_TRUE(hits(PurgeKind::path, "/a/b/c.css?v=1"));
  EXPECT_TRUE(hits(PurgeKind::path, "/", "http://other.example/"));
  EXPECT_FALSE(hits(PurgeKind::path, "/a/b/c.css"));
  EXPECT_FALSE(hits(PurgeKind::path, "/A/b/c.css?v=1"));
  EXPECT_FALSE(hits(PurgeKind::path, "/a/b/"));
}

TEST_F(Purging, by_the_start_of_a_path_hits_whatever_goes_on_behind_it) {
  for (const char* start : {"/", "/a", "/a/", "/a/b/c.c", "/a/b/c.css", "/a/b/c.css?", "/a/b/c.css?v=1"}) {
    EXPECT_TRUE(hits(PurgeKind::path_start, start)) << start;
  }
  for (const char* start : {"/b", "/a/c", "/a/b/c.css?v=2", "/a/b/c.css?v=11", "/A"}) {
    EXPECT_FALSE(hits(PurgeKind::path_start, start)) << start;
  }
}

TEST_F(Purging, starts_of_several_lengths_are_told_apart_and_forgotten) {
  const ObjectRef stored = object();
  for (const char* start : {"/b", "/a/c/", "/a/b/c.cs_", "/x/y/z/1/2/3/4/5/6/7/8/9/0/1/2/3/4"}) table.purge(PurgeKind::path_start, start, PurgeMode::hard, 5);
  EXPECT_EQ(table.check(*stored), Purged::valid);
  PurgeTable restored(Secret{1, 2});
  for (const PurgeRecord& record : table.records()) restored.restore(record);
  restored.restore(table.purge(PurgeKind::path_start, "/a/b", PurgeMode::soft, 9));
  EXPECT_EQ(restored.check(PurgeTable::Subject{url, {}, 1}), Purged::soft);
  restored.drop_before(10);
  EXPECT_EQ(restored.size(), 0U);
  EXPECT_EQ(restored.check(PurgeTable::Subject{url, {}, restored.epoch()}), Purged::valid);
}

TEST_F(Purging, by_host_hits_that_host) {
  EXPECT_TRUE(hits(PurgeKind::host, "Shop.Example"));
  EXPECT_TRUE(hits(PurgeKind::host, "shop.example", "http://shop.example/"));
  EXPECT_FALSE(hits(PurgeKind::host, "example"));
  EXPECT_FALSE(hits(PurgeKind::host, "shop.example", "http://shop.example:8080/"));
}

TEST_F(Purging, by_tag_hits_what_carries_the_tag) {
  const std::uint64_t tags[] = {table.hash_of("red"), table.hash_of("blue")};
  const ObjectRef tagged = object(url, tags);
  const ObjectRef plain = object();
  table.purge(PurgeKind::tag, "green", PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*tagged), Purged::valid);
  table.purge(PurgeKind::tag, "blue", PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*tagged), Purged::gone);
  EXPECT_EQ(table.check(*plain), Purged::valid);
}

TEST_F(Purging, of_all_hits_all_that_was_asked_for_before) {
  const ObjectRef before = object();
  table.purge(PurgeKind::all, {}, PurgeMode::hard, 0);
  const ObjectRef after = object();
  EXPECT_EQ(table.check(*before), Purged::gone);
  EXPECT_EQ(table.check(*after), Purged::valid);
}

TEST_F(Purging, softly_lasts_until_it_is_purged_hard) {
  const ObjectRef stored = object();
  table.purge(PurgeKind::host, "shop.example", PurgeMode::soft, 0);
  EXPECT_EQ(table.check(*stored), Purged::soft);
  table.purge(PurgeKind::host, "other.example", PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*stored), Purged::soft);
  table.purge(PurgeKind::url, url, PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*stored), Purged::gone);
  table.purge(PurgeKind::url, url, PurgeMode::soft, 0);
  EXPECT_EQ(table.check(*stored), Purged::gone);
}

TEST_F(Purging, brings_an_objects_number_forward_so_that_the_next_check_is_one_compare) {
  const ObjectRef stored = object();
  table.purge(PurgeKind::host, "other.example", PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*stored), Purged::valid);
  EXPECT_EQ(stored->checked().epoch, table.epoch());
}

TEST_F(Purging, outlives_a_restart_through_its_records) {
  const ObjectRef stored = object();
  table.purge(PurgeKind::prefix, "shop.example/a", PurgeMode::soft, 10);
  table.purge(PurgeKind::host, "other.example", PurgeMode::hard, 20);
  PurgeTable restarted(Secret{1, 2});
  for (const PurgeRecord& record : table.records()) restarted.restore(record);
  EXPECT_EQ(restarted.epoch(), table.epoch());
  EXPECT_EQ(restarted.check({stored->key_text(), {}, stored->checked().epoch}), Purged::soft);
}

TEST_F(Purging, forgets_old_records_and_lets_nothing_come_back) {
  const ObjectRef hit = object();
  const ObjectRef other = object("http://b/");
  table.purge(PurgeKind::host, "shop.example", PurgeMode::hard, 1000);
  const ObjectRef young = object("http://b/");
  table.purge(PurgeKind::host, "c", PurgeMode::hard, 3000);
  table.drop_before(2000);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.check(*hit), Purged::gone);
  EXPECT_EQ(table.check(*other), Purged::gone);  // it was not checked since: it is older than anything may be
  EXPECT_EQ(table.check(*young), Purged::valid);
}

TEST_F(Purging, reads_a_path_of_thousands_of_segments_once) {
  std::string deep = "http://a";
  for (int i = 0; i < 4000; ++i) deep += "/s";
  const ObjectRef stored = object(deep);
  table.purge(PurgeKind::prefix, deep.substr(0, deep.size() - 2), PurgeMode::hard, 0);
  EXPECT_EQ(table.check(*stored), Purged::gone);
}

}  // namespace
}  // namespace gatehouse::cache
