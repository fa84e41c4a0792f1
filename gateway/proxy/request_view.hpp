// How filters and web ACLs see an exchange: views of its request's head, nothing converted or copied. Valid as long as
// the exchange.
#pragma once

#include "gatehouse/filters/request_view.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

filters::RequestView request_view(const Passage& passage) noexcept;

}  // namespace gatehouse::proxy
