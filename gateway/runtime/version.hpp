// What this build calls itself.
#pragma once

#include <string_view>

namespace gatehouse::runtime {

inline constexpr std::string_view version = GATEHOUSE_VERSION;
#if defined(__clang__)
inline constexpr std::string_view compiler = "clang " __clang_version__;
#else
inline constexpr std::string_view compiler = "gcc " __VERSION__;
#endif

}  // namespace gatehouse::runtime
