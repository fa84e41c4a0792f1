// Rows of a tests/cases/*.cases file whose texts are quoted: "..." with \\ \" \n \r and \xHH. Lines that start with # and empty
// lines are no rows.
#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::testing {

struct CaseRow {
  int line{0};
  std::string head;                // the text before the first quote, without the blank
  std::vector<std::string> texts;  // the quoted texts, unescaped
};

/// Reads one quoted text that starts at `at`, and moves `at` behind it.
inline std::string quoted(std::string_view row, std::size_t& at) {
  std::string out;
  for (++at; at < row.size() && row[at] != '"'; ++at) {
    if (row[at] != '\\') {
      out += row[at];
    } else if (row[++at] == 'x') {
      out += static_cast<char>(std::stoi(std::string(row.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else {
      out += row[at] == 'n' ? '\n' : row[at] == 'r' ? '\r' : row[at];
    }
  }
  ++at;
  return out;
}

inline std::vector<CaseRow> read_cases(const std::string& path) {
  std::ifstream file(path);
  std::vector<CaseRow> rows;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text[0] == '#') continue;
    std::size_t at = text.find('"');
    CaseRow row{line, text.substr(0, at == 0 || at == std::string::npos ? 0 : at - 1), {}};
    for (; at < text.size(); at = text.find('"', at)) row.texts.push_back(quoted(text, at));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace gatehouse::testing
