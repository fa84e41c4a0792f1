#include "gateway/cdn/device.hpp"

#include <array>
#include <span>

#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

/// More than any browser sends; the rest of a longer text decides nothing.
constexpr std::size_t looked_at = 1024;

bool has(std::string_view text, std::string_view word) noexcept { return text.find(word) != std::string_view::npos; }

bool has_any(std::string_view text, std::span<const std::string_view> words) noexcept {
  for (const std::string_view word : words) {
    if (has(text, word)) return true;
  }
  return false;
}

/// Amazon calls its sticks and boxes AFT and a letter or more: AFTB, AFTMM, AFTSSS.
bool is_fire_tv(std::string_view text) noexcept {
  const std::size_t at = text.find(" aft");
  return at != std::string_view::npos && at + 4 < text.size() && http::is_char(text[at + 4], http::char_token) && text[at + 4] != '-';
}

// Words of set-top boxes and screens. `web0s` is how LG spells it.
constexpr std::array<std::string_view, 18> tv_words{
    "smart-tv", "smarttv", "smart tv", "googletv", "google tv", "android tv", "appletv", "apple tv", "hbbtv", "netcast", "web0s",
    "roku", "viera", "bravia", "crkey", "mibox", "opera tv", "dtv"};
constexpr std::array<std::string_view, 5> tablet_words{"ipad", "playbook", "touchpad", "kindle", "silk/"};
constexpr std::array<std::string_view, 14> mobile_words{"iphone", "ipod", "windows phone", "iemobile", "blackberry", "bb10", "opera mini",
                                                        "opera mobi", "mobile", "symbian", "series60", "midp", "kaios", "webos/"};

/// Windows calls some desktops Tablet PC.
bool is_tablet(std::string_view text, const Device& device) noexcept {
  if (has_any(text, tablet_words)) return true;
  if (has(text, "tablet") && !has(text, "tablet pc")) return true;
  return device.android && !has(text, "mobile");
}

Device of_lower_case(std::string_view text) noexcept {
  Device device;
  // Windows phones name both of their rivals, and old Kindles are like Android.
  const bool windows_phone = has(text, "windows phone");
  device.android = has(text, "android") && !windows_phone && !has(text, "like android");
  device.ios = !windows_phone && (has(text, "iphone") || has(text, "ipad") || has(text, "ipod"));
  device.smart_tv = has_any(text, tv_words) || (has(text, "tizen") && has(text, "tv")) || (device.android && is_fire_tv(text));
  device.tablet = !device.smart_tv && !windows_phone && is_tablet(text, device);
  device.mobile = !device.smart_tv && !device.tablet && has_any(text, mobile_words);
  device.desktop = !device.smart_tv && !device.tablet && !device.mobile;
  return device;
}

}  // namespace

Device device_of(std::string_view user_agent) noexcept {
  std::array<char, looked_at> text;
  const std::size_t size = user_agent.size() < text.size() ? user_agent.size() : text.size();
  for (std::size_t i = 0; i < size; ++i) text[i] = http::lower(user_agent[i]);
  return of_lower_case({text.data(), size});
}

}  // namespace gatehouse::cdn
