// Parts of a request that policies choose: parameters of a query, cookies, and fields that are written anew. What is chosen
// is the same text in the cache's key and in the request to the origin, so that nothing reaches an origin unseen by the key
// (parameter cloaking). Pure; one thread.
#pragma once

#include <string_view>

#include "gateway/cache/policy.hpp"
#include "gateway/exchange/scratch.hpp"
#include "gateway/http/field.hpp"

namespace gatehouse::cdn {

/// Names that one of two lists selects.
struct EitherList {
  const cache::NameList& one;
  const cache::NameList& other;

  bool selects(std::string_view name) const noexcept { return one.selects(name) || other.selects(name); }
  bool none() const noexcept { return one.selection == cache::Selection::none && other.selection == cache::Selection::none; }
  bool all() const noexcept { return one.selection == cache::Selection::all || other.selection == cache::Selection::all; }
};

/// The parameters of a query that are selected, in their order, as they stand there. Names are compared without decoding them:
/// who writes a name in another way has another parameter, for the key and for the origin alike.
std::string_view select_parameters(const EitherList& lists, std::string_view query, exchange::Scratch& scratch);

/// The selected `name=value` pairs of all Cookie fields, sorted by name, with "; " between (RFC 6265 4.2.1).
std::string_view select_cookies(const EitherList& lists, const http::FieldList& request, exchange::Scratch& scratch);

/// Adds a field behind the others: for more of them than FieldList::add() has room for. False when the list is full.
bool push_field(http::FieldList& fields, std::string_view name, std::string_view value, exchange::Scratch& scratch);

}  // namespace gatehouse::cdn
