// What the kinds of value share while a tree becomes structs: the path of the field that is being read, the
// environment, the folder of relative names, and the problems found so far. One load, one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats.hpp"
#include "gatehouse/config/load.hpp"
#include "places.hpp"
#include "tree.hpp"

namespace gatehouse::config {

class Reader {
 public:
  Reader(const std::string& file, const std::string& folder, const Environment& environment, Problems& problems)
      : file_(file), folder_(folder), environment_(environment), problems_(problems) {}

  /// Makes the path one step longer while it lives, and notes where that field was written.
  class Step {
   public:
    Step(Reader& reader, std::string_view key, const Node& node);
    Step(Reader& reader, std::size_t index, const Node& node);
    ~Step() { reader_.path_.resize(length_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
    std::size_t length_;
  };

  void error(const Node& at, std::string message, std::string hint = {});
  void error(const Node& at, const Complaint& complaint) { error(at, complaint.message, complaint.hint); }
  /// "expected <wanted>, found ..." with what a person would try next.
  void expected(const Node& at, std::string_view wanted, std::string hint = {});
  void unknown_key(const Entry& entry, const std::vector<std::string_view>& known);
  void missing_key(const Node& map, std::string_view key, std::string_view meaning);

  /// The text of a single value with the environment filled in, or none (and a problem) if it is no single value.
  std::optional<std::string> scalar(const Node& node, std::string_view wanted);

  /// A relative file name as seen from the configuration file's folder.
  std::string resolve(const std::string& path) const;

  Position position(const Node& node) const { return {file_, node.line, node.column}; }
  Places& places() noexcept { return places_; }

 private:
  const std::string& file_;
  const std::string& folder_;
  const Environment& environment_;
  Problems& problems_;
  Places places_;
  std::string path_;
};

}  // namespace gatehouse::config
