// Run: what is to be written down about the request.
#include "gatehouse/filters/audit.hpp"

#include "rules/run.hpp"

namespace gatehouse::filters {

namespace {

/// A name or value of a form, encoded as far as it must be to be read again.
void append_encoded(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '%' && c != '&' && c != '=' && c != '+') {
      out += c;
    } else {
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
}

}  // namespace

void Run::perform(const AuditPartsChange& effect) {
  if (effect.change == '=') audit_parts_ = {};
  if (effect.change == '-') {
    audit_parts_.remove(effect.parts);
  } else {
    audit_parts_.add(effect.parts);
  }
}

/// Whether content has to be kept for the record, which rules may still ask for when it has passed.
bool Run::audit_keeps_request_body() const noexcept {
  const bool possible = audit_ != AuditMode::off || program_->audit_switched_on;
  AuditParts parts = audit_parts_;
  parts.add(program_->audit_parts_added);
  return possible && parts.has_any(AuditParts("CI"));
}

bool Run::audit_wanted() const {
  const bool relevant = audited_match_ || detected_.outcome != Outcome::pass;
  if (audit_ == AuditMode::off || program_->settings.mode == EngineMode::off) return false;
  if (audit_ == AuditMode::on || relevant) return true;
  const Regex* const statuses = program_->settings.audit_relevant_status.get();
  if (statuses == nullptr || final_status_ == 0) return false;
  const std::string text = std::to_string(final_status_);
  return statuses->search(text, space_->regex) == Found::yes;
}

AuditRecord Run::audit() const {
  AuditRecord record;
  record.wanted = audit_wanted();
  record.parts = audit_parts_;
  if (!record.wanted) return record;
  if (audit_parts_.has('B')) record.request_fields = request_fields_;
  const bool compact = audit_parts_.has('I') && body_.format() == BodyFormat::multipart;
  if (compact) {
    for (const auto& argument : body_.arguments()) {
      if (!record.request_body.empty()) record.request_body += '&';
      append_encoded(record.request_body, argument.name);
      record.request_body += '=';
      append_encoded(record.request_body, argument.value);
    }
  } else if (audit_parts_.has_any(AuditParts("CI"))) {
    record.request_body = body_.raw();
  }
  if (audit_parts_.has('J')) {
    for (const auto& file : body_.files()) record.files.push_back({file.field, file.name, file.bytes});
  }
  if (audit_parts_.has('F')) record.response_fields = response_fields_;
  if (audit_parts_.has('E')) record.response_body = response_text_.text();
  return record;
}

}  // namespace gatehouse::filters
