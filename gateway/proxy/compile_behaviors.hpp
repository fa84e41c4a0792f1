// The behaviors of a listener, with all that their policies say, ready for the data plane. Control thread.
#pragma once

#include "gatehouse/config/model.hpp"
#include "gateway/proxy/snapshot.hpp"

namespace gatehouse::proxy {

/// Fills in the behaviors and error pages of `out`; what they share goes into the snapshot, whose groups are there already.
/// The names that behaviors use have been checked.
void compile_behaviors(const config::Listener& listener, Snapshot& snapshot, CompiledListener& out);

}  // namespace gatehouse::proxy
