// JSON documents as text. Boost's own serializer writes every double in scientific form (5E0), which is valid but no
// joy to people and scripts that search for `"traffic_dial":5`; this one writes numbers as a person would. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace gatehouse::admin {

/// On one line, without spaces, with a line feed at the end.
std::string write_json(const boost::json::value& document);

}  // namespace gatehouse::admin
