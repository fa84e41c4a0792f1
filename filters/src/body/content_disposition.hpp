// The two header fields that shape a multipart body: the request's Content-Type with its boundary, and a part's
// Content-Disposition (RFC 7578 4.2). Read strictly; what is accepted with a doubt is noted in MultipartFlags. Pure.
#pragma once

#include <string>
#include <string_view>

#include "body/multipart_flags.hpp"

namespace gatehouse::filters {

/// The boundary that a Content-Type names; empty when there is none, several, or one that cannot be one.
std::string read_boundary(std::string_view content_type, MultipartFlags& flags);

struct Disposition {
  std::string name;
  std::string file_name;
  bool has_name{false};
  bool has_file_name{false};
};

/// Reads a Content-Disposition value; false when it is not form-data with a name, or breaks the grammar.
bool read_disposition(std::string_view value, Disposition& disposition, MultipartFlags& flags);

}  // namespace gatehouse::filters
