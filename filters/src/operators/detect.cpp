// @detectSQLi @detectXSS @unconditionalMatch @noMatch.
#include "injection/detect.hpp"

#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

class DetectSqli final : public Operator {
 public:
  bool matches(std::string_view value, MatchContext& context) const override {
    Evidence evidence;
    if (!detect_sql_injection(value, evidence)) return false;
    if (!context.wants_captures) return true;
    // The evidence dies with this call, so the context keeps the letters.
    context.captures.texts[0] = context.keep(evidence.text());
    context.captures.count = 1;
    return true;
  }
};

class DetectXss final : public Operator {
 public:
  bool matches(std::string_view value, MatchContext& context) const override {
    if (!detect_xss(value)) return false;
    if (context.wants_captures) context.captures.texts[0] = value, context.captures.count = 1;
    return true;
  }
};

class UnconditionalMatch final : public Operator {
 public:
  bool matches(std::string_view, MatchContext&) const override { return true; }
};

class NoMatch final : public Operator {
 public:
  bool matches(std::string_view, MatchContext&) const override { return false; }
};

}  // namespace

MadeOperator make_detect_sqli(const OperatorSource&) { return std::shared_ptr<Operator>(std::make_shared<DetectSqli>()); }
MadeOperator make_detect_xss(const OperatorSource&) { return std::shared_ptr<Operator>(std::make_shared<DetectXss>()); }
MadeOperator make_unconditional_match(const OperatorSource&) {
  return std::shared_ptr<Operator>(std::make_shared<UnconditionalMatch>());
}
MadeOperator make_no_match(const OperatorSource&) { return std::shared_ptr<Operator>(std::make_shared<NoMatch>()); }

}  // namespace gatehouse::filters
