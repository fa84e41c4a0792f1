// Run: filling in references.
#include <array>

#include "core/ascii.hpp"
#include "rules/run.hpp"

namespace gatehouse::filters {

namespace {

struct Calendar {
  std::int64_t year, month, day, weekday;
};

/// The civil date of a day counted from 1970-01-01, proleptic Gregorian (after H. Hinnant's days_from_civil).
Calendar calendar_of(std::int64_t days) noexcept {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const std::int64_t civil_month = month < 10 ? month + 3 : month - 9;
  return {year_of_era + era * 400 + (civil_month <= 2 ? 1 : 0), civil_month, day_of_year - (153 * month + 2) / 5 + 1,
          (days % 7 + 11) % 7};
}

constexpr std::array<std::string_view, 5> body_formats{"", "URLENCODED", "MULTIPART", "JSON", "XML"};

/// TIME_* variables, in UTC.
std::int64_t clock_part(std::string_view key, std::uint64_t now_us) noexcept {
  const auto seconds = static_cast<std::int64_t>(now_us / 1'000'000);
  const Calendar date = calendar_of(seconds / 86'400);
  if (key == "hour") return seconds / 3600 % 24;
  if (key == "min") return seconds / 60 % 60;
  if (key == "sec") return seconds % 60;
  if (key == "day") return date.day;
  if (key == "mon") return date.month;
  if (key == "wday") return date.weekday;
  if (key == "year") return date.year;
  return seconds;
}

}  // namespace

std::string_view Run::name_of(const Matched& matched) {
  if (!matched.keyed) return matched.field;
  const std::size_t size = matched.field.size() + 1 + matched.key.size();
  char* text = arena_.room(size);
  char* end = std::copy(matched.field.begin(), matched.field.end(), text);
  *end++ = ':';
  std::copy(matched.key.begin(), matched.key.end(), end);
  return {text, size};
}

std::string_view Run::running_text(Field field, std::string_view key) {
  switch (field) {
    case Field::matched_var: return matched_.text.data() == nullptr ? std::string_view("", 0) : matched_.text;
    case Field::matched_var_name: return name_of(matched_);
    case Field::highest_severity: return number_text(static_cast<std::uint64_t>(highest_severity_));
    case Field::duration: return number_text(surroundings_->now_us() - began_us_);
    case Field::clock: return number_text(static_cast<std::uint64_t>(clock_part(key, surroundings_->now_us())));
    case Field::reqbody_processor: {
      const std::string_view name = body_formats[static_cast<std::size_t>(body_.format())];
      return name;
    }
    case Field::rule:
      if (rule_ == nullptr) return {};
      if (key == "id") return number_text(rule_->id);
      if (key == "msg") return expand(rule_->message);
      if (key == "logdata") return expand(rule_->data);
      if (key == "rev") return rule_->revision;
      if (key == "severity") return rule_->severity < 0 ? std::string_view() : number_text(static_cast<unsigned>(rule_->severity));
      return {};
    default: return {};
  }
}

std::string_view Run::look_up(const Reference& reference) {
  if (reference.slot != no_slot) {
    const Variable& variable = tx_.slot(reference.slot);
    return variable.is_set ? variable.text : std::string_view();
  }
  for (FieldSet rest = reference.fields; rest != 0; rest &= rest - 1) {
    const Field field = first_field(rest);
    for (const Value* value = values_.first(field); value != nullptr; value = values_.next(*value)) {
      if (reference.key.empty() || same_letters(reference.key, value->key)) return value->text;
    }
    for (const Named& each : named_) {
      if (each.collection == field && same_letters(reference.key, each.name)) return each.text;
    }
    const std::string_view text = running_text(field, reference.key);
    if (text.data() != nullptr) return text;
  }
  return {};
}

std::string_view Run::expand(const Template& text) {
  if (text.constant()) return text.text();
  auto* pieces = arena_.array<std::string_view>(text.parts().size());
  std::size_t count = 0, size = 0;
  for (const Template::Part& part : text.parts()) {
    pieces[count] = part.is_text ? std::string_view(part.text) : look_up(part.reference);
    size += pieces[count++].size();
  }
  if (count == 1) return pieces[0];
  char* room = arena_.room(size);
  char* end = room;
  for (std::size_t i = 0; i < count; ++i) end = std::copy(pieces[i].begin(), pieces[i].end(), end);
  return {room, size};
}

}  // namespace gatehouse::filters
