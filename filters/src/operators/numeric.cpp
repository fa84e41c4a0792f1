// @eq @ne @ge @gt @le @lt: integers. Both sides are read the way atoi reads them, so text is 0 and `1abc` is 1.
#include "core/ascii.hpp"
#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

using Number = std::int64_t;

template <bool (*Holds)(Number value, Number argument)>
class NumberCompare final : public Operator {
 public:
  explicit NumberCompare(Template argument)
      : argument_(std::move(argument)), constant_(argument_.constant()), number_(leading_integer(argument_.text())) {}

  bool matches(std::string_view value, MatchContext& context) const override {
    return Holds(leading_integer(value), constant_ ? number_ : leading_integer(context.expand(argument_)));
  }
  bool depends_on_value_only() const noexcept override { return constant_; }
  Template* argument() noexcept override { return &argument_; }

 private:
  Template argument_;
  bool constant_;
  Number number_;
};

bool is_equal(Number value, Number argument) { return value == argument; }
bool is_other(Number value, Number argument) { return value != argument; }
bool is_no_less(Number value, Number argument) { return value >= argument; }
bool is_greater(Number value, Number argument) { return value > argument; }
bool is_no_greater(Number value, Number argument) { return value <= argument; }
bool is_less(Number value, Number argument) { return value < argument; }

template <bool (*Holds)(Number, Number)>
MadeOperator make(const OperatorSource& source) {
  return std::shared_ptr<Operator>(std::make_shared<NumberCompare<Holds>>(source.argument));
}

}  // namespace

MadeOperator make_eq(const OperatorSource& source) { return make<is_equal>(source); }
MadeOperator make_ne(const OperatorSource& source) { return make<is_other>(source); }
MadeOperator make_ge(const OperatorSource& source) { return make<is_no_less>(source); }
MadeOperator make_gt(const OperatorSource& source) { return make<is_greater>(source); }
MadeOperator make_le(const OperatorSource& source) { return make<is_no_greater>(source); }
MadeOperator make_lt(const OperatorSource& source) { return make<is_less>(source); }

}  // namespace gatehouse::filters
