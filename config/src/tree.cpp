// yaml-cpp calls back for each scalar, list and map with its mark; a stack of open containers turns that into a tree.
// Three limits hold while it grows: nesting, the number of values, and (through the alias rule) the size of what
// repeats. yaml-cpp itself only bounds nesting, at 500 levels.
#include "tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "quote.hpp"

namespace gatehouse::config {
namespace {

/// Ends the parse from inside a handler; yaml-cpp has no other way out. Never leaves parse_tree().
struct Stop {
  YAML::Mark mark;
  std::string message;
  std::string hint;
};

/// Values in the tree. Its depth is bounded, so recursion is safe; the same holds for copies and destructors.
std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  for (const Node& item : node.items) size += size_of(item);
  for (const Entry& entry : node.entries) size += size_of(entry.value);
  return size;
}

std::size_t height_of(const Node& node) {
  std::size_t height = 0;
  for (const Node& item : node.items) height = std::max(height, height_of(item));
  for (const Entry& entry : node.entries) height = std::max(height, height_of(entry.value));
  return height + 1;
}

/// Builds the tree. Open containers live on a stack; a finished value goes into the container below it.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& name, const LoadOptions& options, Problems& problems)
      : name_(name), options_(options), problems_(problems) {}

  std::optional<Node> take() { return std::exchange(document_, std::nullopt); }
  bool complete() const { return document_.has_value(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(start(Node::Kind::nothing, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{mark, "an alias cannot stand inside the value it repeats", {}};
    // Both limits are looked at before the copy is made: this is where a small file becomes a huge tree.
    if (open_.size() + height_of(found->second) > options_.depth_max) throw too_deep(mark);
    nodes_ += size_of(found->second);
    if (nodes_ > options_.nodes_max) throw too_many(mark);
    finish(found->second, YAML::NullAnchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_tag(mark, tag);
    Node node = start(Node::Kind::scalar, mark);
    node.text = text;
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open_.push_back({start(Node::Kind::list, mark), anchor, std::nullopt});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open_.push_back({start(Node::Kind::map, mark), anchor, std::nullopt});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<Entry> key;                      // of a map: read, its value is next
    std::unordered_map<std::string, int> lines{};  // of a map: the keys it has, and where
  };

  Stop too_deep(const YAML::Mark& mark) const {
    return {mark, fmt::format("nested deeper than {} levels", options_.depth_max), {}};
  }
  Stop too_many(const YAML::Mark& mark) const {
    return {mark, fmt::format("more than {} values, counting what aliases repeat", options_.nodes_max), {}};
  }

  // "!" marks a quoted scalar and "?" a plain value; both mean that nobody wrote a tag.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "!" || tag == "?") return;
    throw Stop{mark, "YAML tags are not supported: " + quote(tag), "remove the tag; the key decides the type"};
  }

  Node start(Node::Kind kind, const YAML::Mark& mark) {
    if (open_.size() >= options_.depth_max) throw too_deep(mark);
    if (++nodes_ > options_.nodes_max) throw too_many(mark);
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void close() {
    Open top = std::move(open_.back());
    open_.pop_back();
    finish(std::move(top.node), top.anchor);
  }

  /// Puts a complete value where it belongs: into the list or map around it, or it is the document.
  void finish(Node node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    if (open_.empty()) {
      document_ = std::move(node);
    } else if (open_.back().node.kind == Node::Kind::list) {
      open_.back().node.items.push_back(std::move(node));
    } else if (!open_.back().key) {
      open_.back().key = key_of(node);
    } else {
      add_entry(open_.back(), std::move(node));
    }
  }

  static Entry key_of(const Node& node) {
    if (node.kind != Node::Kind::scalar) {
      const YAML::Mark mark = mark_at(node);
      throw Stop{mark, fmt::format("a key has to be a word, found {}", words_of(node.kind)), {}};
    }
    return {node.text, node.line, node.column, {}};
  }

  static YAML::Mark mark_at(const Node& node) {
    YAML::Mark mark;
    mark.line = node.line - 1;
    mark.column = node.column - 1;
    return mark;
  }

  void add_entry(Open& map, Node value) {
    Entry entry = std::move(*map.key);
    map.key.reset();
    // An empty value has no place of its own: yaml-cpp reports that of whatever comes next.
    if (value.kind == Node::Kind::nothing) value.line = entry.line, value.column = entry.column;
    entry.value = std::move(value);
    const auto [first, is_new] = map.lines.emplace(entry.key, entry.line);
    if (is_new) {
      map.node.entries.push_back(std::move(entry));
    } else {
      duplicate(entry, first->second);
    }
  }

  void duplicate(const Entry& entry, int first_line) {
    Problem problem;
    problem.file = name_;
    problem.line = entry.line;
    problem.column = entry.column;
    problem.message = fmt::format("key {} is given twice; the first one is on line {}", quote(entry.key), first_line);
    problem.hint = "remove one of them";
    problems_.add(std::move(problem));
  }

  const std::string& name_;
  const LoadOptions& options_;
  Problems& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> document_;
  std::size_t nodes_{0};
};

/// Where the first byte stands that is no text.
void refuse_bytes(std::string_view text, const std::string& name, Problems& problems) {
  Problem problem;
  problem.file = name;
  problem.message =
      text.find('\0') != std::string_view::npos ? "the file holds a NUL byte" : "the file is not UTF-8 text";
  problem.hint = "save it as plain UTF-8";
  problems.add(std::move(problem));
}

/// One document and no other. A stream without any (only comments) is a document of nothing.
std::optional<Node> run(std::string_view text, Builder& builder) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  if (!parser.HandleNextDocument(builder)) return Node{};
  std::optional<Node> document = builder.take();
  if (parser.HandleNextDocument(builder) && builder.complete()) {
    const std::optional<Node> second = builder.take();
    YAML::Mark mark;
    mark.line = second->line - 1;
    mark.column = second->column - 1;
    throw Stop{mark, "a second document starts here", "a configuration is one document: remove the '---'"};
  }
  return document;
}

}  // namespace

std::string_view words_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::nothing:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a mapping";
  }
  return "nothing";
}

std::optional<Node> parse_tree(std::string_view text, const std::string& name, const LoadOptions& options,
                               Problems& problems) {
  // yaml-cpp would guess UTF-16 and UTF-32; other tools that read the file would not.
  if (text.find('\0') != std::string_view::npos || !is_utf8(text)) {
    refuse_bytes(text, name, problems);
    return std::nullopt;
  }
  Problem problem;
  problem.file = name;
  try {
    Builder builder(name, options, problems);
    return run(text, builder);
  } catch (const Stop& stop) {
    problem.line = stop.mark.line + 1;
    problem.column = stop.mark.column + 1;
    problem.message = stop.message;
    problem.hint = stop.hint;
  } catch (const YAML::Exception& exception) {
    problem.line = exception.mark.line + 1;
    problem.column = exception.mark.column + 1;
    problem.message = "this is not valid YAML: " + exception.msg;
    problem.hint =
        "look at indentation, colons and quotes here and one line above; a value with signs in it wants quotes";
  }
  problems.add(std::move(problem));
  return std::nullopt;
}

}  // namespace gatehouse::config
