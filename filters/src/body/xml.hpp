// XmlParser: XML bodies by way of expat. The text of all elements is joined into one value, each attribute is a value.
// Nothing outside the document is ever loaded. A document that declares an entity is refused: expanding it here could
// be made to cost gigabytes, and not expanding it would inspect other text than the origin reads.
#pragma once

#include <memory>

#include "body/sink.hpp"

namespace gatehouse::filters {

class XmlParser final : public BodyParser {
 public:
  XmlParser(BodySink& sink, const BodyLimits& limits);
  ~XmlParser() override;
  bool feed(std::string_view piece) override;
  bool finish() override;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace gatehouse::filters
