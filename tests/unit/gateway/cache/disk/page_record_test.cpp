// Records of content in pages: they tell whose they are, and damage shows.
#include "gateway/cache/disk/page_record.hpp"

#include <gtest/gtest.h>

#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

const PageId id{{11, 12}, 99, 3};

TEST(PageRecord, is_known_by_key_filling_and_number) {
  const std::string content(content_chunk + 100, 'p');
  const std::string record = encode_page(id, content) + content;
  EXPECT_EQ(record.size(), page_content_at(content.size()) + content.size());
  EXPECT_TRUE(page_is_sound(id, record, content.size()));
  EXPECT_FALSE(page_is_sound({{11, 13}, 99, 3}, record, content.size()));
  EXPECT_FALSE(page_is_sound({{11, 12}, 98, 3}, record, content.size()));
  EXPECT_FALSE(page_is_sound({{11, 12}, 99, 4}, record, content.size()));
  EXPECT_FALSE(page_is_sound(id, std::string_view(record).substr(0, record.size() - 1), content.size() - 1));
}

TEST(PageRecord, shows_every_flipped_bit) {
  const std::string content(300, 'p');
  const std::string good = encode_page(id, content) + content;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string record = good;
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(page_is_sound(id, record, content.size())) << bit;
  }
}

/// The head of an object of three pages.
std::string paged_head(const PageList& list) {
  const BodyRef body = test::body_of(std::string(2 * page_size + 1, 'x'));
  return encode_object(*test::object_of("https://a.example/film", body), 42, &list);
}

TEST(PageRecord, the_head_says_where_the_pages_are_and_which_segment_is_the_oldest) {
  const PageList list{7, {{5, 100}, {4, 200}, {6, 0}}};
  const std::string bytes = paged_head(list);
  const auto head = read_record_head(bytes, 1u << 20);
  ASSERT_TRUE(head && record_is_sound(*head, bytes));
  EXPECT_EQ(head->type, RecordType::paged);
  const auto pages = decode_pages(*head, bytes);
  ASSERT_TRUE(pages);
  EXPECT_EQ(pages->list.generation, 7u);
  EXPECT_EQ(pages->list.places, list.places);
  EXPECT_EQ(pages->length, 2 * page_size + 1);
  EXPECT_EQ(pages->oldest, 4u);
  const ObjectRef object = decode_object(*head, bytes, {});
  ASSERT_TRUE(object);
  EXPECT_EQ(object->key_text(), "https://a.example/film");
  EXPECT_EQ(object->checked().epoch, 42u);
}

TEST(PageRecord, a_head_with_too_few_pages_for_its_length_is_none) {
  const std::string bytes = paged_head({7, {{5, 100}, {4, 200}}});
  const auto head = read_record_head(bytes, 1u << 20);
  ASSERT_TRUE(head);
  EXPECT_FALSE(decode_pages(*head, bytes));
}

}  // namespace
}  // namespace gatehouse::cache
