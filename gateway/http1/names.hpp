// The names of the layers below that every file of this folder uses.
#pragma once

#include "gateway/exchange/exchange.hpp"
#include "gateway/exchange/wire.hpp"

namespace gatehouse::http1 {

using exchange::Errc;
using exchange::Fault;
using exchange::Side;
using exchange::Try;
using exchange::Wire;
using gatehouse::Failure;
using runtime::Task;
using std::chrono::milliseconds;

}  // namespace gatehouse::http1
