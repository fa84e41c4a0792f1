// The table of faults: every error has a name of its own, a side and a status that fit together.
#include "gateway/exchange/fault.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::exchange {
namespace {

constexpr int last = static_cast<int>(last_errc);

TEST(Fault, has_a_name_of_its_own_for_every_error) {
  std::set<std::string_view> names;
  for (int i = 0; i <= last; ++i) {
    const std::string_view name = fault_name(static_cast<Errc>(i));
    EXPECT_NE(name, "unknown") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
    for (const char c : name) EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') << name;
  }
  EXPECT_EQ(fault_name(static_cast<Errc>(last + 1)), "unknown");
  EXPECT_EQ(fault_name(Errc::encoding_in_http_1_0), "encoding_in_http_1_0");
}

TEST(Fault, has_a_status_that_fits_its_side) {
  for (int i = 1; i <= last; ++i) {
    const Fault fault = fault_of(static_cast<Errc>(i));
    EXPECT_EQ(fault.what, static_cast<Errc>(i));
    const std::string_view name = fault_name(fault.what);
    // 501 and 505 speak of what this gateway cannot do, though it is the client who asked for it.
    if (fault.side == Side::client) EXPECT_TRUE(fault.status / 100 == 4 || fault.status == 501 || fault.status == 505) << name;
    if (fault.side == Side::origin) EXPECT_TRUE(fault.status == 502 || fault.status == 504) << name;
    if (fault.retry != Retry::never) EXPECT_EQ(fault.side, Side::origin) << name;
  }
}

TEST(Fault, has_the_status_that_aws_load_balancers_answer_with) {
  EXPECT_EQ(fault_of(Errc::bad_field_name).status, 400);
  EXPECT_EQ(fault_of(Errc::head_timeout).status, 408);
  EXPECT_EQ(fault_of(Errc::request_line_too_long).status, 414);
  EXPECT_EQ(fault_of(Errc::client_closed).status, 460);
  EXPECT_EQ(fault_of(Errc::too_many_addresses).status, 463);
  EXPECT_EQ(fault_of(Errc::unknown_transfer_encoding).status, 501);
  EXPECT_EQ(fault_of(Errc::origin_head_too_large).status, 502);
  EXPECT_EQ(fault_of(Errc::no_endpoint).status, 503);
  EXPECT_EQ(fault_of(Errc::connect_timeout).status, 504);
  EXPECT_EQ(fault_of(Errc::version_not_supported).status, 505);
  EXPECT_EQ(fault_of(Errc::redirect_too_long).status, 507);
}

TEST(Fault, may_be_retried_only_as_far_as_the_origin_can_have_seen_it) {
  EXPECT_EQ(fault_of(Errc::connect_failed).retry, Retry::always);
  EXPECT_EQ(fault_of(Errc::connect_timeout).retry, Retry::always);
  EXPECT_EQ(fault_of(Errc::origin_closed).retry, Retry::if_idempotent);
  EXPECT_EQ(fault_of(Errc::origin_bad_head).retry, Retry::never);
  EXPECT_EQ(fault_of(Errc::origin_timeout).retry, Retry::never);
}

}  // namespace
}  // namespace gatehouse::exchange
