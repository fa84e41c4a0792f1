#include "gateway/proxy/request_view.hpp"

namespace gatehouse::proxy {
namespace {

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = *static_cast<const http::FieldList*>(context);
  if (index >= fields.all().size()) return false;
  field = {fields.all()[index].name(), fields.all()[index].value()};
  return true;
}

}  // namespace

filters::RequestView request_view(const Passage& passage) noexcept {
  const http::Request& request = passage.x.request;
  filters::RequestView view;
  view.method = request.method_text;
  view.scheme = passage.x.connection->secure ? "https" : "http";
  view.host = request.authority;
  view.path = request.path;
  view.query = request.query;
  view.target = request.target;
  view.version = request.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  view.client = passage.client().ip();
  view.client_text = passage.client_text;
  view.fields = filters::FieldsView(&field_at, &request.fields);
  return view;
}

}  // namespace gatehouse::proxy
