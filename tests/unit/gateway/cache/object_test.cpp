// Stored responses: what goes in comes out, in how much memory.
#include "gateway/cache/object.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "gateway/cache/key_index.hpp"
#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

using test::Head;

TEST(Object, gives_back_the_head_it_was_made_from) {
  Head head(404);
  head.with("Content-Type", "text/html").with("x-own", "").with("Set-Cookie", "a=b").with("connection", "x");
  head.response.reason = "Gone fishing";
  head.response.fields.drop(http::FieldKind::connection);
  head.response.fields.add("via", "1.1 gatehouse");
  ObjectSpec spec;
  spec.key = {3, 4};
  spec.key_text = "https://a.example/b?c";
  const ObjectRef object = Object::make(head.response, spec, test::body_of("hello"));
  ASSERT_TRUE(object);

  http::Response out;
  object->head_into(out);
  EXPECT_EQ(out.status, 404);
  EXPECT_EQ(out.reason, "Gone fishing");
  EXPECT_EQ(out.body.kind, http::BodyKind::counted);
  EXPECT_EQ(out.body.length, 5u);
  ASSERT_EQ(out.fields.all().size(), 4u);
  EXPECT_EQ(out.fields.all()[0].text(), "Content-Type: text/html\r\n");
  EXPECT_EQ(out.fields.all()[1].name(), "x-own");
  EXPECT_EQ(out.fields.all()[1].value(), "");
  EXPECT_EQ(out.fields.first(http::FieldKind::set_cookie)->value(), "a=b");
  EXPECT_EQ(out.fields.first(http::FieldKind::via)->value(), "1.1 gatehouse");
  EXPECT_FALSE(out.fields.has(http::FieldKind::connection));
  EXPECT_EQ(object->key(), (Key{3, 4}));
  EXPECT_EQ(object->key_text(), "https://a.example/b?c");
}

TEST(Object, keeps_the_texts_that_select_it_and_its_tags_for_any_number_of_fields) {
  for (int fields = 0; fields < 4; ++fields) {
    Head head;
    for (int i = 0; i < fields; ++i) head.with("x", "y");
    const std::uint64_t tags[] = {11, 12, 13};
    ObjectSpec spec;
    spec.key_text = "http://a/";
    spec.vary_names = "accept-encoding";
    spec.selector = "gzip";
    spec.keyed = "header x: y\n";
    spec.tags = tags;
    const ObjectRef object = Object::make(head.response, spec, {});
    EXPECT_EQ(object->key_text(), "http://a/");
    EXPECT_EQ(object->vary_names(), "accept-encoding");
    EXPECT_EQ(object->selector(), "gzip");
    EXPECT_EQ(object->keyed(), "header x: y\n");
    EXPECT_TRUE(std::ranges::equal(object->tags(), tags));
    http::Response out;
    object->head_into(out);
    EXPECT_EQ(out.fields.all().size(), static_cast<std::size_t>(fields));
    EXPECT_EQ(out.reason, "OK");
  }
}

TEST(Object, is_not_made_of_a_head_that_cannot_be_packed) {
  const std::string long_value(65'536, 'v');
  const std::string long_name(1024, 'n');
  EXPECT_FALSE(Object::make(Head().with("a", long_value).response, {}, {}));
  EXPECT_FALSE(Object::make(Head().with(long_name, "b").response, {}, {}));
  Head many;
  for (int i = 0; i < 256; ++i) many.with("a", "b");
  EXPECT_FALSE(Object::make(many.response, {}, {}));
  EXPECT_TRUE(Object::make(Head().with("a", std::string_view(long_value).substr(1)).response, {}, {}));
}

TEST(Object, remembers_what_purging_found_out) {
  ObjectSpec spec;
  spec.epoch = 5;
  const ObjectRef object = test::object_of("http://a/", {}, spec);
  EXPECT_EQ(object->checked().epoch, 5u);
  EXPECT_FALSE(object->checked().soft);
  object->set_checked({9, true, false});
  EXPECT_EQ(object->checked().epoch, 9u);
  EXPECT_TRUE(object->checked().soft);
  EXPECT_FALSE(object->checked().gone);
}

TEST(Object, shares_a_body_with_the_one_that_takes_its_place) {
  const BodyRef body = test::body_of("shared");
  ObjectRef old = test::object_of("http://a/", body);
  const ObjectRef fresh = test::object_of("http://a/", old->body());
  old = {};
  EXPECT_EQ(fresh->body()->length(), 6u);
}

/// What an object costs beside its texts, fields (4 bytes each: kind and sizes), tags and content: the budget that the
/// cache promises. Counted as asked of the allocator; its rounding is part of what the store counts.
TEST(Object, costs_at_most_128_bytes_and_8_a_tag_with_its_body_and_its_share_of_the_index) {
  constexpr std::size_t objects = 50'000;
  KeyIndex index;
  std::deque<ObjectRef> all;
  std::size_t extra = 0;
  const std::uint64_t tags[] = {1, 2, 3, 4};
  for (std::size_t i = 0; i < objects; ++i) {
    const std::string url = "https://shop.example/assets/" + std::to_string(i);
    ObjectSpec spec;
    spec.tags = tags;
    all.push_back(test::object_of(url, test::body_of(std::string(100, 'x')), spec));
    index.insert(*all.back());
    http::Response head;
    all.back()->head_into(head);
    std::size_t bytes = url.size() + sizeof tags;
    for (const http::Field& field : head.fields.all()) bytes += field.text().size() + 4;
    extra += all.back()->packed_size() - bytes;
  }
  const double index_share = static_cast<double>(index.bytes()) / objects;
  const double each = static_cast<double>(extra) / objects + Body::overhead + index_share;
  RecordProperty("bytes_an_object", std::to_string(each));
  EXPECT_LE(each, 128.0);
  EXPECT_LE(index_share, 12.0);
}

TEST(KeyIndex, finds_all_objects_of_a_key_while_others_come_and_go) {
  KeyIndex index;
  std::deque<ObjectRef> all;
  for (int i = 0; i < 3000; ++i) {
    all.push_back(test::object_of("http://a/" + std::to_string(i / 3), {}));
    index.insert(*all.back());
  }
  for (int i = 0; i < 3000; i += 2) index.erase(*all[static_cast<std::size_t>(i)]);
  EXPECT_EQ(index.size(), 1500u);
  for (int i = 0; i < 3000; ++i) {
    const Object& object = *all[static_cast<std::size_t>(i)];
    EXPECT_EQ(index.has(object), i % 2 == 1) << i;
  }
  std::size_t of_first = 0;
  index.find(test::key_of("http://a/0"), [&](const Object&) { return ++of_first, false; });
  EXPECT_EQ(of_first, 1u);
  index.erase(*all[0]);  // not in it any more
  EXPECT_EQ(index.size(), 1500u);
}

}  // namespace
}  // namespace gatehouse::cache
