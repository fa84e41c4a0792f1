// Replies that the gateway makes itself: a rule's fixed response or redirect, a filter's answer, an error page. Each
// sends one complete reply on the exchange.
#pragma once

#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

/// A complete reply; the views must live until it is sent.
struct OwnReply {
  std::uint16_t status{200};
  std::string_view content_type;  // empty: no content
  std::string_view body;
};

/// Sends it, with the fields added to `head` besides.
/// own_reply, emptied.
http::Response& fresh_head(Exchange& x);

Task<Try<void>> reply(Exchange& x, http::Response& head, const OwnReply& own);

/// Step 3's and step 2's own answers.
Task<Try<void>> reply_fixed(Passage& passage, const config::FixedResponse& fixed);
Task<Try<void>> reply_redirect(Passage& passage, const config::Redirect& redirect);
Task<Try<void>> reply_of_filter(Passage& passage, const filters::Reply& answer);

/// The page for a fault: status, what the client can do about it, the request's id. Nothing is said about origins.
Task<Try<void>> reply_fault(Passage& passage, const Fault& fault);

}  // namespace gatehouse::proxy
