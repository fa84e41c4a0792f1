// The makers of the filters that ship with the library; registry.cpp lists them. Each takes settings as text and
// reports everything that is wrong with them at once.
#pragma once

#include "gatehouse/filters/registry.hpp"

namespace gatehouse::filters {

MadeFilter make_access_list(Settings settings);
MadeFilter make_geo_restriction(Settings settings);

}  // namespace gatehouse::filters
