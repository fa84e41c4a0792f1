#include "reader.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "expand.hpp"
#include "nearest.hpp"
#include "quote.hpp"

namespace gatehouse::config {

Reader::Step::Step(Reader& reader, std::string_view key, const Node& node)
    : reader_(reader), length_(reader.path_.size()) {
  if (length_ > 0) reader.path_ += '.';
  reader.path_ += key;
  reader.places_.set(reader.path_, {node.line, node.column});
}

Reader::Step::Step(Reader& reader, std::size_t index, const Node& node)
    : reader_(reader), length_(reader.path_.size()) {
  reader.path_ += fmt::format("[{}]", index);
  reader.places_.set(reader.path_, {node.line, node.column});
}

void Reader::error(const Node& at, std::string message, std::string hint) {
  Problem problem;
  problem.file = file_;
  problem.line = at.line;
  problem.column = at.column;
  problem.field = path_;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  problems_.add(std::move(problem));
}

void Reader::expected(const Node& at, std::string_view wanted, std::string hint) {
  const std::string found = at.kind == Node::Kind::scalar ? quote(at.text) : std::string(words_of(at.kind));
  if (hint.empty() && at.kind == Node::Kind::nothing) hint = "give it a value, or remove the key";
  error(at, fmt::format("expected {}, found {}", wanted, found), std::move(hint));
}

void Reader::unknown_key(const Entry& entry, const std::vector<std::string_view>& known) {
  Node at;
  at.line = entry.line;
  at.column = entry.column;
  std::string hint;
  if (entry.key == "<<") hint = "merge keys are not supported; repeat the keys";
  if (hint.empty() && !problems_.full()) hint = suggestion(entry.key, known, "keys here");
  error(at, fmt::format("unknown key {}", quote(entry.key)), hint);
}

void Reader::missing_key(const Node& map, std::string_view key, std::string_view meaning) {
  error(map, fmt::format("'{}' is missing", key), std::string(meaning));
}

std::optional<std::string> Reader::scalar(const Node& node, std::string_view wanted) {
  if (node.kind != Node::Kind::scalar) {
    expected(node, wanted);
    return std::nullopt;
  }
  Result<std::string, Complaint> text = expand(node.text, environment_);
  if (!text) {
    error(node, text.error());
    return std::nullopt;
  }
  // Names, paths and addresses go to system calls, and for those a "\0" in quotes would be the end.
  if (text->find('\0') != std::string::npos) {
    error(node, "the value holds a NUL byte");
    return std::nullopt;
  }
  return *std::move(text);
}

std::string Reader::resolve(const std::string& path) const {
  if (folder_.empty()) return path;
  return (std::filesystem::path(folder_) / path).lexically_normal().string();
}

}  // namespace gatehouse::config
