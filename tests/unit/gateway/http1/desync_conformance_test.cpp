// The requests of AWS's HTTP desync guardian with its own verdicts: what it calls severe must be refused, what it calls
// compliant must be accepted, but for the exceptions listed with their reasons. Needs the data's folder in
// GATEHOUSE_DESYNC_DIR.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "cases.hpp"

namespace gatehouse::http1 {
namespace {

struct Vector {
  std::string name;
  std::string tier;
  std::string head;
};

/// YAML reads "\xa0" as U+00A0 and gives it in UTF-8; the vectors mean the byte.
std::string bytes_of(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      out += static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string text_of(const YAML::Node& node) { return node.IsDefined() && !node.IsNull() ? node.as<std::string>() : std::string(); }

/// The head as a client would send it. The vectors have no Host; a request needs one, and it is not what they test.
std::string head_of(const YAML::Node& node) {
  std::string head = bytes_of(text_of(node["method"])) + " " + text_of(node["uri"]) + " " + bytes_of(text_of(node["version"])) + "\r\n";
  bool has_host = false;
  for (const auto& field : node["headers"]) {
    const std::string name = bytes_of(text_of(field["name"]));
    has_host |= http::field_kind(name) == http::FieldKind::host;
    head += name + ": " + bytes_of(text_of(field["value"])) + "\r\n";
  }
  return head + (has_host ? "\r\n" : "Host: localhost\r\n\r\n");
}

std::vector<Vector> read_vectors(const std::string& folder) {
  std::vector<Vector> vectors;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    for (const auto& node : YAML::LoadFile(entry.path().string())) {
      vectors.push_back({text_of(node["name"]), text_of(node["expected"]["tier"]), head_of(node)});
    }
  }
  return vectors;
}

Scan scan_of(const std::string& head) {
  http::Request request;
  RequestScanner scanner;
  return scanner.scan(head, ScanLimits(), request);
}

/// Why a request that the guardian calls compliant is refused here; empty when there is no good reason.
std::string reason_to_refuse(const Scan& scan, const std::string& head) {
  const std::string target = head.substr(head.find(' ') + 1, head.find('\r') - head.find(' ') - 1);
  switch (scan.errc) {
    case Errc::unknown_transfer_encoding:
      return "codings besides chunked: AWS's load balancer answers 501 as well (aws-alb 8); nothing here decodes them";
    case Errc::bad_transfer_encoding:
      // RFC 9112 7.1: chunked has no parameters and their presence should be treated as an error.
      return head.find("chunked;") != std::string::npos ? "parameters of chunked" : "";
    case Errc::bad_target:
      if (target.find('#') != std::string::npos) return "a fragment is never sent (RFC 9112 3.2)";
      for (const char c : target) {
        if (static_cast<unsigned char>(c) >= 0x80) return "a target is ASCII (RFC 3986 2)";
      }
      return "";
    case Errc::bad_request_line: return target.starts_with(" HTTP/") ? "an empty target (RFC 9112 3.2)" : "";
    default: return "";
  }
}

class Desync : public testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("GATEHOUSE_DESYNC_DIR");
    if (folder == nullptr) GTEST_SKIP() << "GATEHOUSE_DESYNC_DIR is not set";
    vectors_ = read_vectors(folder);
    ASSERT_GT(vectors_.size(), 100u);
  }
  std::vector<Vector> vectors_;
};

TEST_F(Desync, what_is_severe_is_refused) {
  int severe = 0;
  for (const Vector& vector : vectors_) {
    if (vector.tier != "Severe") continue;
    ++severe;
    EXPECT_TRUE(scan_of(vector.head).refused()) << vector.name << "\n" << testing::PrintToString(vector.head);
  }
  EXPECT_GT(severe, 40);
}

TEST_F(Desync, what_is_compliant_is_accepted_but_for_good_reason) {
  int compliant = 0;
  int accepted = 0;
  for (const Vector& vector : vectors_) {
    if (vector.tier != "Compliant") continue;
    ++compliant;
    const Scan scan = scan_of(vector.head);
    if (scan.complete()) ++accepted;
    else EXPECT_NE(reason_to_refuse(scan, vector.head), "") << vector.name << ": " << exchange::fault_name(scan.errc) << "\n"
                                                            << testing::PrintToString(vector.head);
  }
  EXPECT_GT(compliant, 20);
  EXPECT_GT(accepted, compliant / 2);
}

}  // namespace
}  // namespace gatehouse::http1
