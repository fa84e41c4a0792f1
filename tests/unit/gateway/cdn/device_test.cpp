#include "gateway/cdn/device.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::cdn {
namespace {

struct Row {
  const char* form;    // mobile, tablet, tv, desktop
  const char* system;  // android, ios, or nothing
  const char* user_agent;
};

std::string form_of(const Device& device) {
  std::string out;
  if (device.mobile) out += "mobile";
  if (device.tablet) out += "tablet";
  if (device.smart_tv) out += "tv";
  if (device.desktop) out += "desktop";
  return out;
}

std::string system_of(const Device& device) { return std::string(device.android ? "android" : "") + (device.ios ? "ios" : ""); }

constexpr Row rows[] = {
    // phones
    {"mobile", "ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1"},
    {"mobile", "ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0.6045.109 Mobile/15E148 Safari/604.1"},
    {"mobile", "ios", "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1"},
    {"mobile", "android", "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.43 Mobile Safari/537.36"},
    {"mobile", "android", "Mozilla/5.0 (Linux; Android 13; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36"},
    {"mobile", "android", "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"},
    {"mobile", "android", "Mozilla/5.0 (Linux; U; Android 2.3.6; de-de; GT-S5830i Build/GINGERBREAD) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1"},
    {"mobile", "android", "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.199 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    {"mobile", "", "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537"},
    {"mobile", "", "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063"},
    {"mobile", "", "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+"},
    {"mobile", "", "BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/331"},
    {"mobile", "", "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/37.5680; U; en) Presto/2.12.423 Version/12.16"},
    {"mobile", "android", "Opera/9.80 (Android 4.1.2; Linux; Opera Mobi/ADR-1305251841) Presto/2.11.355 Version/12.10 Mobile"},
    {"mobile", "", "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5"},
    {"mobile", "", "Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 NokiaN97-1/20.0.019; Profile/MIDP-2.1) AppleWebKit/525 (KHTML, like Gecko) BrowserNG/7.1.18124"},
    {"mobile", "", "Mozilla/5.0 (Linux; Tizen 2.3; SAMSUNG SM-Z130H) AppleWebKit/537.3 (KHTML, like Gecko) SamsungBrowser/1.0 Mobile Safari/537.3"},
    // tablets
    {"tablet", "ios", "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1"},
    {"tablet", "android", "Mozilla/5.0 (Linux; Android 12; SM-X706B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36"},
    {"tablet", "android", "Mozilla/5.0 (Android 13; Tablet; rv:109.0) Gecko/119.0 Firefox/119.0"},
    {"tablet", "android", "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.7 like Chrome/108.0.5359.220 Safari/537.36"},
    {"tablet", "", "Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+ (KHTML, like Gecko) Version/7.2.1.0 Safari/536.2+"},
    {"tablet", "", "Mozilla/5.0 (hp-tablet; Linux; hpwOS/3.0.5; U; en-US) AppleWebKit/534.6 (KHTML, like Gecko) wOSBrowser/234.83 Safari/534.6 TouchPad/1.0"},
    {"tablet", "", "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+"},
    // screens in the living room
    {"tv", "", "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36"},
    {"tv", "", "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager"},
    {"tv", "", "Mozilla/5.0 (Linux; U; Linux; en) HbbTV/1.4.1 (+DRM;Philips;55PUS8505;) AppleWebKit/537.36"},
    {"tv", "", "Roku/DVP-12.0 (12.0.0.4182-88)"},
    {"tv", "", "AppleTV11,1/17.1"},
    {"tv", "", "AppleCoreMedia/1.0.0.21K365 (Apple TV; U; CPU OS 17_1 like Mac OS X; en_us)"},
    {"tv", "android", "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 Build/PTT1.190515.001) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36"},
    {"tv", "android", "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6295; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0.3538.110 Mobile Safari/537.36"},
    {"tv", "android", "Mozilla/5.0 (Linux; Android 12; Chromecast) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 CrKey/1.56"},
    {"tv", "", "Mozilla/5.0 (DirectFB; U; Linux armv7l) AppleWebKit/534.26+ (KHTML, like Gecko) Version/5.0 LG Browser/5.00.00 NetCast.TV-2012"},
    // desktops, and what says nothing
    {"desktop", "", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"},
    {"desktop", "", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"},
    {"desktop", "", "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727; Tablet PC 2.0)"},
    {"desktop", "", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15"},
    {"desktop", "", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"},
    {"desktop", "", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36"},
    {"desktop", "", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"},
    {"desktop", "", "curl/8.4.0"},
    {"desktop", "", ""},
};

TEST(Device, is_what_its_user_agent_says) {
  for (const Row& row : rows) {
    const Device device = device_of(row.user_agent);
    EXPECT_EQ(form_of(device), row.form) << row.user_agent;
    EXPECT_EQ(system_of(device), row.system) << row.user_agent;
  }
}

TEST(Device, is_told_by_the_first_kilobyte) {
  EXPECT_TRUE(device_of(std::string(900, ' ') + "iPhone").mobile);
  EXPECT_TRUE(device_of(std::string(5000, ' ') + "iPhone").desktop);
}

}  // namespace
}  // namespace gatehouse::cdn
