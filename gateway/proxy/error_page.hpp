// Custom error responses (aws-cloudfront 6): a page of the listener in place of an error, be it the origin's, the cache's or the
// gateway's own. Whoever is about to send an error asks whether a page replaces it and, if so, fails instead; the request then
// starts again at step 2 as one for the page.
#pragma once

#include <algorithm>

#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

/// The page for an error of this exchange; null: none, or it is sent already.
inline const ErrorPage* page_for(const Passage& passage, std::uint16_t status) noexcept {
  if (status < 400 || passage.page != nullptr || !passage.caching) return nullptr;
  const std::vector<ErrorPage>& pages = passage.listener.error_pages;
  const auto found = std::ranges::find(pages, status, &ErrorPage::error);
  return found == pages.end() ? nullptr : &*found;
}

inline bool is_replaced(const Passage& passage, std::uint16_t status) noexcept { return page_for(passage, status) != nullptr; }

/// Why a response is not sent to the client, with its status. An origin that is in trouble is known by it.
inline Fault not_for_the_client(Errc what, std::uint16_t status) noexcept {
  Fault fault = exchange::fault_of(what);
  fault.status = status;
  const bool in_trouble = status == 502 || status == 503 || status == 504;
  if (!in_trouble && what == Errc::replaced_by_page) fault.side = Side::gateway;
  return fault;
}

}  // namespace gatehouse::proxy
