// @rx: a regular expression. With references in its argument it is compiled when it runs, which is slow and rare.
#include "match/regex.hpp"

#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

class Rx final : public Operator {
 public:
  Rx(Regex regex, std::string text) : regex_(std::move(regex)), text_(std::move(text)) {}

  bool matches(std::string_view value, MatchContext& context) const override {
    const Found found = regex_.search(value, context.regex_space(), context.wants_captures ? &context.captures : nullptr);
    if (found == Found::limit) context.limit_reached();
    return found == Found::yes;
  }
  std::vector<Pattern> patterns() const override { return {{Pattern::Kind::regex, text_}}; }
  void prepare() const override { regex_.quicken(); }

 private:
  Regex regex_;
  std::string text_;
};

class DynamicRx final : public Operator {
 public:
  explicit DynamicRx(Template argument) : argument_(std::move(argument)) {}

  bool matches(std::string_view value, MatchContext& context) const override {
    const auto regex = Regex::compile(context.expand(argument_));
    if (!regex) return false;
    const Found found = regex->search(value, context.regex_space(), context.wants_captures ? &context.captures : nullptr);
    if (found == Found::limit) context.limit_reached();
    return found == Found::yes;
  }
  bool depends_on_value_only() const noexcept override { return false; }
  Template* argument() noexcept override { return &argument_; }

 private:
  Template argument_;
};

}  // namespace

MadeOperator make_rx(const OperatorSource& source) {
  if (!source.argument.constant()) return std::shared_ptr<Operator>(std::make_shared<DynamicRx>(source.argument));
  auto regex = Regex::compile(source.text);
  if (!regex) return Failure{OperatorProblem{"bad regular expression: " + regex.error().message, "", regex.error().offset}};
  return std::shared_ptr<Operator>(std::make_shared<Rx>(std::move(*regex), source.text));
}

}  // namespace gatehouse::filters
