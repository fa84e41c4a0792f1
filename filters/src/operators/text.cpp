// @within @contains @containsWord @streq @strmatch @beginsWith @endsWith: case-sensitive comparisons with a text whose
// references are filled in when the rule runs.
#include "core/ascii.hpp"
#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

using Text = std::string_view;

template <bool (*Holds)(Text value, Text argument)>
class TextCompare final : public Operator {
 public:
  explicit TextCompare(Template argument) : argument_(std::move(argument)), constant_(argument_.constant()) {}

  bool matches(Text value, MatchContext& context) const override {
    const Text argument = constant_ ? argument_.text() : context.expand(argument_);
    return Holds(value, argument);
  }
  bool depends_on_value_only() const noexcept override { return constant_; }
  Template* argument() noexcept override { return &argument_; }

 private:
  Template argument_;
  bool constant_;
};

bool is_word_byte(char c) noexcept { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

bool is_within(Text value, Text argument) { return argument.find(value) != Text::npos; }
bool has(Text value, Text argument) { return value.find(argument) != Text::npos; }
bool has_word(Text value, Text argument) {
  for (std::size_t at = value.find(argument); at != Text::npos; at = value.find(argument, at + 1)) {
    const std::size_t end = at + argument.size();
    if ((at == 0 || !is_word_byte(value[at - 1])) && (end == value.size() || !is_word_byte(value[end]))) return true;
  }
  return false;
}
bool is_same(Text value, Text argument) { return value == argument; }
bool begins(Text value, Text argument) { return value.substr(0, argument.size()) == argument; }
bool ends(Text value, Text argument) {
  return value.size() >= argument.size() && value.substr(value.size() - argument.size()) == argument;
}

template <bool (*Holds)(Text, Text)>
MadeOperator make(const OperatorSource& source) {
  return std::shared_ptr<Operator>(std::make_shared<TextCompare<Holds>>(source.argument));
}

}  // namespace

MadeOperator make_within(const OperatorSource& source) { return make<is_within>(source); }
MadeOperator make_contains(const OperatorSource& source) { return make<has>(source); }
MadeOperator make_contains_word(const OperatorSource& source) { return make<has_word>(source); }
MadeOperator make_streq(const OperatorSource& source) { return make<is_same>(source); }
MadeOperator make_strmatch(const OperatorSource& source) { return make<has>(source); }
MadeOperator make_begins_with(const OperatorSource& source) { return make<begins>(source); }
MadeOperator make_ends_with(const OperatorSource& source) { return make<ends>(source); }

}  // namespace gatehouse::filters
