// What `gatehouse status` shows, made from the JSON of /v1/status. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace gatehouse::cli {

/// Tolerates members that are missing, so that an older or newer gateway can be asked too.
std::string status_text(const boost::json::value& document);

}  // namespace gatehouse::cli
