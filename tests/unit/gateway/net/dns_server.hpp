// DnsServer: a DNS server for tests on a loopback UDP port, in the test's own io_context (RFC 1035). Answers A and AAAA
// from a table that the test changes as it likes, and counts the questions.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/net/address.hpp"
#include "gateway/runtime/control_task.hpp"

namespace gatehouse::net {

namespace asio = boost::asio;

/// Runs the io_context until `reached` says yes; false when that takes longer than any healthy machine needs.
inline bool run_until(asio::io_context& io, const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  io.restart();
  while (!reached() && std::chrono::steady_clock::now() < deadline) io.run_one_for(std::chrono::milliseconds(20));
  return reached();
}

struct DnsRecord {
  std::vector<std::string> addresses;  // of either family
  std::uint32_t ttl{60};
  bool fails{false};  // SERVFAIL
};

class DnsServer {
 public:
  explicit DnsServer(asio::io_context& io) : socket_(io, {asio::ip::address_v4::loopback(), 0}) {
    runtime::start_control_task(io, "dns", [this] { return serve(); });
  }
  std::string server() const { return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port()); }
  void close() { socket_.close(); }

  std::map<std::string, DnsRecord> records;
  bool silent{false};
  int questions{0};

 private:
  runtime::ControlTask<> serve() {
    std::string packet;
    while (true) {
      packet.resize(1500);
      asio::ip::udp::endpoint from;
      const auto [error, size] =
          co_await socket_.async_receive_from(asio::buffer(packet), from, runtime::control_token);
      if (error) co_return;
      ++questions;
      packet.resize(size);
      if (silent) continue;
      const std::string reply = answer(packet);
      co_await socket_.async_send_to(asio::buffer(reply), from, runtime::control_token);
    }
  }

  static void put(std::string& to, std::uint32_t number, int bytes) {
    while (bytes-- > 0) to += static_cast<char>(number >> (8 * bytes) & 0xff);
  }

  std::string answer(const std::string& question) const {
    std::string name;
    std::size_t at = 12;
    while (question.at(at) != 0) {
      const auto length = static_cast<std::size_t>(question[at]);
      name += (name.empty() ? "" : ".") + question.substr(at + 1, length);
      at += length + 1;
    }
    const unsigned type = static_cast<unsigned char>(question.at(at + 2));
    const std::size_t end = at + 5;
    std::string rows;
    std::uint32_t count = 0;
    const auto record = records.find(name);
    const bool known = record != records.end();
    for (const std::string& text : known ? record->second.addresses : std::vector<std::string>()) {
      const filters::Address ip = Address::parse(text)->ip();
      if (type != (ip.is_v4() ? 1u : 28u)) continue;
      const std::size_t skipped = ip.is_v4() ? 12 : 0;
      put(rows, 0xc00c, 2);  // the name of the question
      put(rows, type, 2);
      put(rows, 1, 2);
      put(rows, record->second.ttl, 4);
      put(rows, static_cast<std::uint32_t>(16 - skipped), 2);
      rows.append(reinterpret_cast<const char*>(ip.bytes.data()) + skipped, 16 - skipped);
      ++count;
    }
    std::string reply = question.substr(0, 2);
    const unsigned code = !known ? 3 : record->second.fails ? 2 : 0;
    put(reply, 0x8580 | code, 2);
    put(reply, 1, 2);
    put(reply, count, 2);
    put(reply, 0, 4);
    return reply + question.substr(12, end - 12) + rows;
  }

  asio::ip::udp::socket socket_;
};

}  // namespace gatehouse::net
