// KeptBody: content of which no more than a given number of bytes is kept; the rest is read and dropped, so that the
// connection can go on. A body for Beast's parsers.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/optional.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <limits>
#include <string>

namespace gatehouse::control_http {

struct KeptBody {
  struct value_type {
    std::string text;
    std::uint64_t bytes_max{std::numeric_limits<std::uint64_t>::max()};
  };

  class reader {
   public:
    template <class Header>
    reader(Header&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t bytes = 0;
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
        const std::uint64_t room = body_.bytes_max - body_.text.size();
        body_.text.append(static_cast<const char*>(piece.data()), static_cast<std::size_t>(std::min<std::uint64_t>(room, piece.size())));
        bytes += piece.size();
      }
      return bytes;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace gatehouse::control_http
