// ValueTable: the members of all fields of one transaction, as lists in order of arrival. A member is two views; the
// table owns no text. TxTable: the tx variables, those that rules name in slots, others by name. One thread.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arena.hpp"
#include "core/ascii.hpp"
#include "rules/fields.hpp"

namespace gatehouse::filters {

struct Value {
  std::string_view key;
  std::string_view text;
  std::uint32_t next{0};  // index of the field's next member + 1
  Field field{};
};

class ValueTable {
 public:
  std::uint32_t add(Field field, std::string_view key, std::string_view text) {
    const auto index = static_cast<std::uint32_t>(values_.size());
    values_.push_back({key, text, 0, field});
    List& list = lists_[static_cast<unsigned>(field)];
    (list.last == 0 ? list.first : values_[list.last - 1].next) = index + 1;
    list.last = index + 1;
    ++list.count;
    return index;
  }
  const Value& at(std::uint32_t index) const noexcept { return values_[index]; }
  Value& at(std::uint32_t index) noexcept { return values_[index]; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(values_.size()); }
  std::uint32_t count(Field field) const noexcept { return lists_[static_cast<unsigned>(field)].count; }
  /// The field's first member, or null.
  const Value* first(Field field) const noexcept { return follow(lists_[static_cast<unsigned>(field)].first); }
  const Value* next(const Value& value) const noexcept { return follow(value.next); }
  std::uint32_t index_of(const Value& value) const noexcept { return static_cast<std::uint32_t>(&value - values_.data()); }
  void clear() noexcept { values_.clear(), lists_ = {}; }
  void drop(Field field) noexcept { lists_[static_cast<unsigned>(field)] = {}; }
  std::size_t bytes() const noexcept { return values_.capacity() * sizeof(Value); }

 private:
  struct List {
    std::uint32_t first{0}, last{0}, count{0};  // indexes + 1
  };
  const Value* follow(std::uint32_t link) const noexcept { return link == 0 ? nullptr : &values_[link - 1]; }

  std::vector<Value> values_;
  std::array<List, field_count> lists_{};
};

/// A variable's text and whether it exists. Views end with the transaction.
struct Variable {
  std::string_view name;
  std::string_view text;
  bool is_set{false};
};

class TxTable {
 public:
  void start(std::size_t slots) { slots_.assign(slots, {}), named_.clear(); }
  Variable& slot(std::int32_t slot) noexcept { return slots_[static_cast<std::size_t>(slot)]; }
  const Variable& slot(std::int32_t slot) const noexcept { return slots_[static_cast<std::size_t>(slot)]; }
  std::vector<Variable>& slots() noexcept { return slots_; }
  std::vector<Variable>& named() noexcept { return named_; }
  const std::vector<Variable>& slots() const noexcept { return slots_; }
  const std::vector<Variable>& named() const noexcept { return named_; }

 private:
  std::vector<Variable> slots_;
  std::vector<Variable> named_;  // those that no rule calls by a constant name
};

}  // namespace gatehouse::filters
