#include "gatehouse/filters/chain.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "gatehouse/filters/registry.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace gatehouse::filters {
namespace {

/// Passes, and counts how often it was run.
class Passing final : public Filter {
 public:
  explicit Passing(int& runs) : runs_(runs) {}
  std::string_view name() const noexcept override { return "passing"; }
  Verdict on_request_head(const RequestView&, Transaction&) const override { return ++runs_, Verdict::pass; }

 private:
  int& runs_;
};

class Asking final : public Filter {
 public:
  std::string_view name() const noexcept override { return "asking"; }
  Verdict on_request_head(const RequestView& request, Transaction& transaction) const override {
    transaction.ask({std::string(request.client_text), 10, 60});
    return Verdict::ask;
  }
  Verdict on_answer(const Answer& answer, const RequestView&, Transaction& transaction) const override {
    if (answer.used <= 10) return Verdict::pass;
    transaction.respond(Reply::too_many_requests("quota", answer.retry_after_s));
    return Verdict::respond;
  }
};

class Chains : public testing::Test {
 protected:
  Chain chain() {
    std::vector<std::unique_ptr<const Filter>> filters;
    filters.push_back(std::make_unique<Passing>(before_));
    filters.push_back(std::make_unique<Asking>());
    filters.push_back(std::make_unique<Passing>(after_));
    return Chain(std::move(filters));
  }
  int before_{0}, after_{0};
  RequestView request_;
  Transaction transaction_;
};

TEST_F(Chains, pass_a_request_that_no_filter_objects_to) {
  EXPECT_EQ(Chain().on_request_head(request_, transaction_), Verdict::pass);
  EXPECT_EQ(transaction_.reply(), nullptr);
  EXPECT_EQ(transaction_.decided_by(), "");
}

TEST_F(Chains, go_on_behind_the_filter_that_asked) {
  const Chain asking = chain();
  request_.client_text = "192.0.2.1";
  ASSERT_EQ(asking.on_request_head(request_, transaction_), Verdict::ask);
  EXPECT_EQ(transaction_.question()->key, "192.0.2.1");
  EXPECT_EQ(after_, 0);
  EXPECT_EQ(asking.on_answer({3, 0}, request_, transaction_), Verdict::pass);
  EXPECT_EQ(transaction_.question(), nullptr);
  EXPECT_EQ(before_, 1);
  EXPECT_EQ(after_, 1);
}

TEST_F(Chains, stop_at_the_filter_that_answers) {
  const Chain asking = chain();
  ASSERT_EQ(asking.on_request_head(request_, transaction_), Verdict::ask);
  ASSERT_EQ(asking.on_answer({11, 30}, request_, transaction_), Verdict::respond);
  EXPECT_EQ(after_, 0);
  EXPECT_EQ(transaction_.decided_by(), "asking");
  EXPECT_EQ(transaction_.reason(), "quota");
  EXPECT_EQ(transaction_.reply()->status, 429);
  ASSERT_EQ(transaction_.reply()->fields.size(), 1u);
  EXPECT_EQ(transaction_.reply()->fields[0].value, "30");
}

TEST_F(Chains, allocate_nothing_while_requests_pass) {
  const std::vector<std::string> allow{"10.0.0.0/8", "2001:db8::/32"}, deny{"10.9.0.0/16"};
  const Setting settings[] = {{"allow", allow}, {"deny", deny}};
  std::vector<std::unique_ptr<const Filter>> filters;
  filters.push_back(std::move(find_filter_kind("access_list")->make(settings)).value());
  const Chain list(std::move(filters));
  request_.client = parse_address("10.1.2.3").value();
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    Transaction transaction;
    ASSERT_EQ(list.on_request_head(request_, transaction), Verdict::pass);
  }
  EXPECT_EQ(allocations, before);
}

TEST(FieldsView, is_walked_in_order_and_found_by_name_whatever_the_letter_case) {
  const std::vector<FieldView> fields{{"Host", "a"}, {"X-Two", "b"}, {"x-two", "c"}};
  const auto at = [](const void* context, std::uint32_t index, FieldView& field) noexcept {
    const auto& list = *static_cast<const std::vector<FieldView>*>(context);
    if (index >= list.size()) return false;
    field = list[index];
    return true;
  };
  const FieldsView view(at, &fields);
  std::string values;
  view.each([&](const FieldView& field) { values += field.value; });
  EXPECT_EQ(values, "abc");
  EXPECT_EQ(view.find("x-TWO"), "b");
  EXPECT_EQ(view.find("x-three").data(), nullptr);
  EXPECT_EQ(FieldsView().find("host").data(), nullptr);
}

}  // namespace
}  // namespace gatehouse::filters
