// What kind of device a client says it is, by its User-Agent: what CloudFront-Is-*-Viewer are made of. A handful of words
// decides, since that is all that User-Agents have in common; who hides behind another's User-Agent is taken for it. A
// client that fits nothing is a desktop. Pure; any thread.
#pragma once

#include <string_view>

namespace gatehouse::cdn {

/// One of mobile, tablet, smart_tv and desktop is true; the systems come beside it.
struct Device {
  bool mobile{false};
  bool tablet{false};
  bool smart_tv{false};
  bool desktop{false};
  bool android{false};
  bool ios{false};
};

Device device_of(std::string_view user_agent) noexcept;

}  // namespace gatehouse::cdn
