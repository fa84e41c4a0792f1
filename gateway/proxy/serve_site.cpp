// Step 6 for a target group that is a folder: there is nothing to pick, to lease or to try again.
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/static_fetch.hpp"
#include "gateway/proxy/transfer.hpp"

namespace gatehouse::proxy {

Task<Try<void>> Proxy::serve_site(Passage& passage, exchange::Piece first) {
  passage.endpoint = nullptr;  // of another group, tried before
  StaticFetch files(passage.x, *passage.group->site, *passage.group->group.config().static_site);
  const Transfer transfer_of{passage, files, pipes_, first, {}};
  co_return co_await transfer(transfer_of);
}

}  // namespace gatehouse::proxy
