// The store: lookups, variants, replacing, the budget, purging and sweeping.
#include "gateway/cache/store.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

constexpr auto any = [](const Object&) { return true; };

std::string url(std::size_t i) { return "http://a.example/o/" + std::to_string(i); }

ObjectRef variant(std::string_view of, std::string_view selector, std::int64_t at_ms, BodyRef body = {}) {
  ObjectSpec spec;
  spec.vary_names = "accept-language";
  spec.selector = selector;
  spec.freshness.response_ms = at_ms;
  return test::object_of(of, std::move(body), spec);
}

Found find(Store& store, std::string_view of) { return store.find(test::key_of(of), any); }

auto with_selector(std::string_view selector) {
  return [selector](const Object& object) { return object.selector() == selector; };
}

TEST(Store, finds_what_was_inserted) {
  Store store({});
  EXPECT_FALSE(find(store, url(1)).object);
  const ObjectRef object = test::object_of(url(1), test::body_of("x"));
  EXPECT_TRUE(store.insert(object));
  const Found found = find(store, url(1));
  EXPECT_EQ(found.object.get(), object.get());
  EXPECT_EQ(found.purged, Purged::valid);
  const StoreStats stats = store.stats();
  EXPECT_EQ(stats.objects, 1u);
  EXPECT_EQ(stats.hits, 1u);
  EXPECT_EQ(stats.misses, 1u);
}

TEST(Store, tells_variants_apart_and_knows_by_what_when_none_matches) {
  Store store({});
  store.insert(variant(url(1), "de", 10));
  store.insert(variant(url(1), "fr", 20));
  EXPECT_EQ(store.find(test::key_of(url(1)), with_selector("de")).object->selector(), "de");
  const Found none = store.find(test::key_of(url(1)), with_selector("en"));
  EXPECT_FALSE(none.object);
  ASSERT_TRUE(none.sibling);
  EXPECT_EQ(none.sibling->selector(), "fr") << "the newest";
  EXPECT_EQ(none.sibling->vary_names(), "accept-language");
}

TEST(Store, puts_an_object_in_the_place_of_the_variant_it_is_alike) {
  Store store({});
  store.insert(variant(url(1), "de", 10));
  store.insert(variant(url(1), "fr", 10));
  const ObjectRef fresh = variant(url(1), "de", 20);
  store.insert(fresh);
  EXPECT_EQ(store.stats().objects, 2u);
  EXPECT_EQ(store.find(test::key_of(url(1)), with_selector("de")).object.get(), fresh.get());
}

TEST(Store, keeps_so_many_variants_of_a_url_and_lets_the_oldest_go) {
  StoreOptions options;
  options.variants_max = 4;
  Store store(options);
  for (int i = 0; i < 10; ++i) store.insert(variant(url(1), std::to_string(i), i));
  EXPECT_EQ(store.stats().objects, 4u);
  EXPECT_FALSE(store.find(test::key_of(url(1)), with_selector("5")).object);
  EXPECT_TRUE(store.find(test::key_of(url(1)), with_selector("6")).object);
}

TEST(Store, takes_out_one_object_or_all_of_a_url) {
  Store store({});
  const ObjectRef first = variant(url(1), "de", 1);
  store.insert(first);
  store.insert(variant(url(1), "fr", 1));
  store.insert(test::object_of(url(2), {}));
  store.erase(*first);
  store.erase(*first);
  EXPECT_EQ(store.stats().objects, 2u);
  EXPECT_EQ(store.erase_url(test::key_of(url(1))), 1u);
  EXPECT_EQ(store.erase_url(test::key_of(url(1))), 0u);
  EXPECT_TRUE(find(store, url(2)).object);
}

TEST(Store, stays_within_its_budget_by_what_the_allocator_says) {
  StoreOptions options;
  options.bytes_max = 40u << 20;
  Store store(options);
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  std::size_t most = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    store.insert(test::object_of(url(i), test::body_of(std::string(200 + i * 7919 % 20'000, 'x'))));
    const std::size_t bytes = store.stats().bytes;
    most = std::max<std::size_t>(most, bytes);
    ASSERT_LE(bytes, options.bytes_max);
  }
  EXPECT_GT(most, options.bytes_max / 100 * 98) << "and it uses it";
  EXPECT_GT(store.stats().evicted, 10'000u);
#ifndef GATEHOUSE_SANITIZED
  const std::size_t taken = ::mallinfo2().uordblks + ::mallinfo2().hblkhd - before;
  EXPECT_LT(taken, options.bytes_max / 100 * 102);
#endif
}

TEST(Store, counts_content_as_it_arrives_and_refuses_what_grows_too_large) {
  StoreOptions options;
  options.bytes_max = 32u << 20;
  options.object_max = 1u << 20;
  Store store(options);
  EXPECT_FALSE(store.insert(test::object_of(url(1), Body::make(2u << 20)))) << "known from the start";
  const BodyRef body = Body::make(std::nullopt);
  const ObjectRef object = test::object_of(url(2), body);
  EXPECT_TRUE(store.insert(object));
  const std::uint64_t empty = store.stats().bytes;
  const std::string piece(100'000, 'x');
  int appended = 0;
  do {
    body->append(piece);
    ++appended;
  } while (appended < 100 && store.account(*object) == Accounted::stored);
  EXPECT_GT(appended, 5);
  EXPECT_LE(appended, 14) << "a block that is not full yet counts for nothing";
  EXPECT_FALSE(find(store, url(2)).object);
  EXPECT_LT(store.stats().bytes, empty);
  EXPECT_EQ(store.stats().refused, 2u);
  EXPECT_EQ(store.account(*object), Accounted::gone);
}

TEST(Store, finds_an_object_while_it_fills) {
  Store store({});
  const BodyRef body = Body::make(10);
  const ObjectRef object = test::object_of(url(1), body);
  store.insert(object);
  const Found found = find(store, url(1));
  ASSERT_TRUE(found.object);
  EXPECT_EQ(found.object->body()->state(), Body::State::filling);
  EXPECT_EQ(store.account(*object), Accounted::stored);
  body->append(std::string_view("0123456789"));
  body->finish();
  EXPECT_EQ(store.account(*object), Accounted::stored);
}

TEST(Store, does_not_find_what_was_purged_but_still_knows_how_it_varied) {
  Store store({});
  store.insert(variant(url(1), "de", 1));
  store.insert(test::object_of(url(2), {}));
  store.purges().purge(PurgeKind::url, url(1), PurgeMode::hard, 0);
  const Found purged = store.find(test::key_of(url(1)), with_selector("de"));
  EXPECT_FALSE(purged.object);
  ASSERT_TRUE(purged.sibling);
  EXPECT_EQ(purged.sibling->vary_names(), "accept-language");
  store.purges().purge(PurgeKind::all, {}, PurgeMode::soft, 0);
  EXPECT_EQ(find(store, url(2)).purged, Purged::soft);
}

TEST(Store, hits_what_was_asked_for_before_a_purge_and_came_after_it) {
  Store store({});
  ObjectSpec spec;
  spec.epoch = store.purges().epoch();
  store.purges().purge(PurgeKind::all, {}, PurgeMode::hard, 0);
  store.insert(test::object_of(url(1), {}, spec));
  EXPECT_FALSE(find(store, url(1)).object);
}

TEST(Store, sweeps_out_what_is_not_to_stay) {
  Store store({});
  for (std::size_t i = 0; i < 1000; ++i) store.insert(test::object_of(url(i), {}));
  store.purges().purge(PurgeKind::url, url(7), PurgeMode::hard, 0);
  std::size_t went = 0;
  for (std::size_t shard = 0; shard < store.shards(); ++shard) {
    went += store.sweep(shard, [&](const Object& object) { return store.purges().check(object) != Purged::gone; });
  }
  EXPECT_EQ(went, 1u);
  EXPECT_EQ(store.stats().objects, 999u);
}

TEST(Store, lets_who_holds_an_object_go_on_reading_after_it_was_evicted) {
  StoreOptions options;
  options.bytes_max = 16u << 20;
  Store store(options);
  const ObjectRef held = test::object_of(url(0), test::body_of(std::string(5000, 'h')));
  store.insert(held);
  for (std::size_t i = 1; i < 3000; ++i) store.insert(test::object_of(url(i), test::body_of(std::string(16'000, 'x'))));
  ASSERT_FALSE(find(store, url(0)).object);
  runtime::Worker worker(0, 1);
  Reader reader(worker, held->body());
  const auto piece = reader.at_hand();
  ASSERT_TRUE(piece);
  EXPECT_EQ(std::string((*piece)->bytes.data(), (*piece)->bytes.size()), std::string(5000, 'h'));
}

}  // namespace
}  // namespace gatehouse::cache
