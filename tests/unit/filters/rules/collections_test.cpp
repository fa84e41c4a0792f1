#include "inspect.hpp"

namespace gatehouse::filters::test {
namespace {

/// A host with a clock of its own and a store.
class Host final : public Surroundings {
 public:
  explicit Host(Collections* store) : store_(store) {}
  std::uint64_t now_us() const noexcept override { return now_s * 1'000'000; }
  Collections* collections() const noexcept override { return store_; }
  std::uint64_t now_s{1'000'000};

 private:
  Collections* store_;
};

constexpr const char* counting = R"(
SecCollectionTimeout 600
SecAction "id:1,phase:1,pass,nolog,noauditlog,initcol:ip=%{REMOTE_ADDR}"
SecAction "id:2,phase:1,pass,nolog,noauditlog,setvar:ip.count=+1,expirevar:ip.count=60"
SecRule IP:count "@gt 2" "id:3,phase:1,deny,status:429"
SecRule IP:is_new "@eq 1" "id:4,phase:1,pass,log"
SecRule ARGS:forget "@streq 1" "id:5,phase:1,pass,nolog,noauditlog,setvar:!ip.count"
)";

class Counting : public testing::Test {
 protected:
  void SetUp() override {
    rules = load(counting);
    ASSERT_NE(rules, nullptr);
    space = std::make_unique<Workspace>(*rules);
  }
  /// The status and, for a new collection, a star.
  std::string ask(const Host& host, const std::string& target = "/") {
    Inspection inspection(*rules, *space, host);
    Request request;
    request.target = target;
    const Decision decision = inspect(inspection, request);
    inspection.finish();
    std::string text = std::to_string(decision.status);
    for (const MatchedRule& match : inspection.matches()) text += match.id == 4 ? "*" : "";
    return text;
  }

  std::shared_ptr<const RuleSet> rules;
  std::unique_ptr<Workspace> space;
  MemoryCollections store;
};

TEST_F(Counting, goes_on_from_request_to_request) {
  const Host host(&store);
  EXPECT_EQ(ask(host), "0*");
  EXPECT_EQ(ask(host), "0");
  EXPECT_EQ(ask(host), "429");
  EXPECT_EQ(store.size(), 1u);
}

TEST_F(Counting, ends_with_the_request_without_a_store) {
  const Host host(nullptr);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(host), "0*");
}

TEST_F(Counting, forgets_a_variable_when_it_expires) {
  Host host(&store);
  ask(host), ask(host);
  host.now_s += 61;
  EXPECT_EQ(ask(host), "0");
}

TEST_F(Counting, forgets_the_collection_after_its_timeout) {
  Host host(&store);
  ask(host), ask(host);
  host.now_s += 601;
  EXPECT_EQ(ask(host), "0*");
}

TEST_F(Counting, forgets_what_a_rule_deletes) {
  const Host host(&store);
  ask(host), ask(host, "/?forget=1");
  EXPECT_EQ(ask(host), "0");
}

TEST_F(Counting, adds_up_requests_that_overlap) {
  const Host host(&store);
  ask(host);
  {
    Inspection one(*rules, *space, host), two(*rules, *space, host);
    inspect(one, {}), inspect(two, {});
    one.finish(), two.finish();
  }
  EXPECT_EQ(ask(host), "429");
}

TEST(Collections, that_no_rule_opened_do_not_exist) {
  const auto rules = load(R"(SecAction "id:1,phase:1,pass,nolog,noauditlog,setvar:ip.x=1"
SecRule &IP:x "@eq 0" "id:2,phase:1,deny")");
  ASSERT_NE(rules, nullptr);
  MemoryCollections store;
  const Host host(&store);
  Workspace space(*rules);
  Inspection inspection(*rules, space, host);
  EXPECT_EQ(inspect(inspection, {}).rule_id, 2u);
  inspection.finish();
  EXPECT_EQ(store.size(), 0u);
}

TEST(MemoryCollections, has_no_more_than_it_may) {
  MemoryCollections store(64);
  const CollectionChange change{CollectionChange::Kind::set, "x", "1", 0, 0};
  for (std::uint64_t i = 0; i < 5000; ++i) store.store({"ip", std::to_string(i)}, 1000 + i, 60, {&change, 1});
  EXPECT_LE(store.size(), 64u);
  CollectionState state;
  EXPECT_TRUE(store.load({"ip", "4999"}, 6000, state));
  ASSERT_EQ(state.members.size(), 1u);
  EXPECT_EQ(state.members[0].text, "1");
}

}  // namespace
}  // namespace gatehouse::filters::test
