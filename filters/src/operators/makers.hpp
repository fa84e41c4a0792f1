// The makers behind the table of operators, one for each name.
#pragma once

#include "operators/operator.hpp"

namespace gatehouse::filters {

MadeOperator make_rx(const OperatorSource& source);
MadeOperator make_pm(const OperatorSource& source);
MadeOperator make_pm_from_file(const OperatorSource& source);
MadeOperator make_eq(const OperatorSource& source);
MadeOperator make_ne(const OperatorSource& source);
MadeOperator make_ge(const OperatorSource& source);
MadeOperator make_gt(const OperatorSource& source);
MadeOperator make_le(const OperatorSource& source);
MadeOperator make_lt(const OperatorSource& source);
MadeOperator make_within(const OperatorSource& source);
MadeOperator make_contains(const OperatorSource& source);
MadeOperator make_contains_word(const OperatorSource& source);
MadeOperator make_streq(const OperatorSource& source);
MadeOperator make_strmatch(const OperatorSource& source);
MadeOperator make_begins_with(const OperatorSource& source);
MadeOperator make_ends_with(const OperatorSource& source);
MadeOperator make_validate_byte_range(const OperatorSource& source);
MadeOperator make_validate_url_encoding(const OperatorSource& source);
MadeOperator make_validate_utf8_encoding(const OperatorSource& source);
MadeOperator make_ip_match(const OperatorSource& source);
MadeOperator make_ip_match_from_file(const OperatorSource& source);
MadeOperator make_unconditional_match(const OperatorSource& source);
MadeOperator make_no_match(const OperatorSource& source);
MadeOperator make_detect_sqli(const OperatorSource& source);
MadeOperator make_detect_xss(const OperatorSource& source);
MadeOperator make_geo_lookup(const OperatorSource& source);
MadeOperator make_rbl(const OperatorSource& source);

}  // namespace gatehouse::filters
