// JsonParser: JSON bodies as arguments, flattened the way ModSecurity v2 does it. Member names are joined with dots;
// a list repeats its own name: {"a":{"b":[1,2]}} gives a.b.b=1 and a.b.b=2, [1] gives array.array=1. Strings come
// decoded, numbers as written, true, false, null as empty. A key that occurs twice is reported twice. A lone scalar is
// named json: an origin may accept it, so it has to be seen.
#pragma once

#include <memory>

#include "body/sink.hpp"

namespace gatehouse::filters {

class JsonParser final : public BodyParser {
 public:
  JsonParser(BodySink& sink, const BodyLimits& limits);
  ~JsonParser() override;
  bool feed(std::string_view piece) override;
  bool finish() override;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace gatehouse::filters
