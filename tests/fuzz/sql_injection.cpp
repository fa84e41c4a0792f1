// SQL injection detection on any bytes: total, evidence exactly when it finds something, tokens that never overlap.
#include <cstdint>
#include <cstdlib>

#include "injection/detect.hpp"
#include "injection/sql_lexer.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  Evidence evidence;
  const bool found = detect_sql_injection(value, evidence);
  if (found == evidence.text().empty()) std::abort();
  for (const sql::Dialect dialect : {sql::Dialect::mysql, sql::Dialect::ansi}) {
    sql::SqlLexer lexer(value, 0, dialect);
    std::size_t last = 0;
    for (sql::Token token = lexer.next(); token.kind != sql::Kind::finish; token = lexer.next()) {
      if (token.begin < last || token.end <= token.begin || token.end > size) std::abort();
      last = token.end;
    }
  }
  return 0;
}
