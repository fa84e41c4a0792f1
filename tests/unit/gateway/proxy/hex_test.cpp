#include "gateway/proxy/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::proxy {
namespace {

template <unsigned Digits>
std::string hex(std::uint64_t number) {
  std::string text(Digits + 2, '.');
  char* const end = put_hex<Digits>(text.data(), number);
  EXPECT_EQ(end, text.data() + Digits);
  return text;
}

TEST(Hex, writes_the_lowest_digits_in_order_and_nothing_behind_them) {
  EXPECT_EQ(hex<16>(0x0123456789abcdef), "0123456789abcdef..");
  EXPECT_EQ(hex<8>(0x0123456789abcdef), "89abcdef..");
  EXPECT_EQ(hex<2>(0xf0), "f0..");
  EXPECT_EQ(hex<16>(0), "0000000000000000..");
}

}  // namespace
}  // namespace gatehouse::proxy
