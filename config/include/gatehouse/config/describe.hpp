// Every key of the configuration in words. The same table reads the file, so nothing here can be out of step with what
// is accepted; docs/configuration.md and config/schema/gatehouse.schema.json are these texts, and a test compares them.
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"

namespace gatehouse::config {

struct KeyDescription {
  std::string path;           // listeners[].tls.certificates
  std::string type;           // "duration", "list of name", "mapping"
  std::string default_value;  // from the struct; empty: none worth naming
  std::string range;          // in words; may be empty
  std::string meaning;
  std::string source;  // AWS's name for it, or where it comes from; may be empty
  bool required{false};
  bool restart{false};  // a reload cannot change it
};

/// All keys, depth first, in the order of the documentation.
std::vector<KeyDescription> describe();

/// docs/configuration.md
std::string documentation();

/// config/schema/gatehouse.schema.json, JSON Schema 2020-12
std::string json_schema();

/// The configuration in force, defaults filled in, with the keys of the file. Commands that yield secrets are left out.
std::string to_json(const Config& config);

}  // namespace gatehouse::config
