#include "injection/sql_words.hpp"

#include <array>
#include <cstddef>

#include "text/ascii.hpp"

namespace gatehouse::filters::sql {

namespace {

struct Entry {
  std::string_view text;
  Word word;
};

using W = Word;

// The words are keywords and functions of the dialects' manuals; none of them is an attack.
constexpr Entry entries[] = {
    {"or", W::or_}, {"xor", W::or_}, {"and", W::and_}, {"not", W::not_},
    {"like", W::compare}, {"rlike", W::compare}, {"regexp", W::compare}, {"ilike", W::compare}, {"glob", W::compare},
    {"similar", W::compare}, {"sounds", W::compare}, {"in", W::in}, {"is", W::is}, {"isnull", W::name},
    {"between", W::between}, {"div", W::arithmetic}, {"mod", W::arithmetic},
    {"null", W::literal}, {"true", W::literal}, {"false", W::literal}, {"unknown", W::literal},
    {"current_user", W::literal}, {"session_user", W::literal}, {"system_user", W::literal},
    {"current_date", W::literal}, {"current_timestamp", W::literal}, {"sysdate", W::literal},
    {"exists", W::unary}, {"any", W::unary}, {"some", W::unary}, {"binary", W::unary}, {"interval", W::unary},
    {"prior", W::unary}, {"distinctrow", W::distinct}, {"distinct", W::distinct},
    {"case", W::case_}, {"when", W::when}, {"then", W::then}, {"else", W::else_}, {"end", W::end},
    {"union", W::union_}, {"except", W::union_}, {"intersect", W::union_}, {"minus", W::union_}, {"all", W::all},
    {"top", W::top}, {"select", W::select}, {"from", W::from}, {"where", W::where}, {"having", W::having},
    {"order", W::order}, {"group", W::group}, {"by", W::by}, {"limit", W::limit}, {"offset", W::limit},
    {"procedure", W::procedure}, {"into", W::into}, {"outfile", W::file}, {"dumpfile", W::file}, {"values", W::values},
    {"as", W::as}, {"collate", W::collate}, {"escape", W::escape}, {"join", W::join}, {"inner", W::join},
    {"if", W::if_}, {"insert", W::insert}, {"replace", W::insert}, {"update", W::update}, {"delete", W::delete_},
    {"drop", W::drop}, {"alter", W::drop}, {"create", W::drop}, {"rename", W::drop}, {"truncate", W::truncate},
    {"exec", W::exec}, {"execute", W::exec}, {"declare", W::declare}, {"waitfor", W::waitfor}, {"delay", W::delay},
    {"shutdown", W::shutdown}, {"set", W::set}, {"show", W::show}, {"begin", W::begin}, {"while", W::while_},
    {"call", W::call}, {"load", W::load}, {"attach", W::attach}, {"pragma", W::pragma}, {"copy", W::copy},
    {"do", W::do_}, {"prepare", W::prepare}, {"deallocate", W::prepare}, {"merge", W::merge}, {"backup", W::backup},
    {"restore", W::backup}, {"kill", W::kill}, {"print", W::print}, {"bulk", W::bulk}, {"with", W::with},
    {"use", W::use}, {"handler", W::handler}, {"open", W::open}, {"grant", W::grant}, {"revoke", W::grant},
    {"table", W::object}, {"database", W::object}, {"view", W::object}, {"index", W::object}, {"function", W::object},
    {"schema", W::object}, {"trigger", W::object}, {"login", W::object}, {"role", W::object}, {"user", W::object},
    {"sequence", W::object}, {"column", W::object}, {"log", W::object}, {"extension", W::object},
    {"tables", W::showable}, {"databases", W::showable}, {"warnings", W::showable}, {"variables", W::showable},
    {"columns", W::showable}, {"grants", W::showable}, {"processlist", W::showable}, {"schemas", W::showable},
    {"errors", W::showable}, {"plugins", W::showable},
    {"sleep", W::danger}, {"benchmark", W::danger}, {"pg_sleep", W::danger}, {"pg_sleep_for", W::danger},
    {"pg_sleep_until", W::danger}, {"extractvalue", W::danger}, {"updatexml", W::danger}, {"load_file", W::danger},
    {"xmltype", W::danger}, {"randomblob", W::danger}, {"zeroblob", W::danger}, {"load_extension", W::danger},
    {"lo_import", W::danger}, {"lo_export", W::danger}, {"pg_read_file", W::danger}, {"pg_ls_dir", W::danger},
    {"sys_eval", W::danger}, {"sys_exec", W::danger}, {"xp_cmdshell", W::danger}, {"xp_dirtree", W::danger},
    {"name_const", W::danger}, {"gtid_subset", W::danger}, {"gtid_subtract", W::danger}, {"openrowset", W::danger},
    {"opendatasource", W::danger}, {"query_to_xml", W::danger}, {"dblink_connect", W::danger},
    {"database_to_xml", W::danger}, {"get_lock", W::danger}, {"master_pos_wait", W::danger}, {"httpuritype", W::danger},
    {"the", W::stop}, {"a", W::stop}, {"an", W::stop}, {"your", W::stop}, {"my", W::stop}, {"our", W::stop},
    {"their", W::stop}, {"his", W::stop}, {"her", W::stop}, {"this", W::stop}, {"that", W::stop}, {"these", W::stop},
    {"those", W::stop}, {"me", W::stop}, {"you", W::stop}, {"us", W::stop}, {"them", W::stop}, {"to", W::stop},
    {"of", W::stop}, {"we", W::stop}, {"they", W::stop}, {"which", W::stop}, {"who", W::stop}, {"what", W::stop},
    {"one", W::stop}, {"be", W::stop}, {"are", W::stop}, {"was", W::stop}, {"it", W::stop}, {"its", W::stop}};

constexpr std::size_t size_max = 16;
constexpr std::size_t slot_count = 1024;

constexpr std::size_t hash(std::string_view text) noexcept {
  std::uint32_t value = 2166136261u;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c | 0x20)) * 16777619u;
  return (value ^ value >> 15) % slot_count;
}

/// Index + 1 of an entry by its hash, with linear probing; 0 is an empty slot.
constexpr std::array<std::uint8_t, slot_count> slots = [] {
  std::array<std::uint8_t, slot_count> all{};
  for (std::size_t i = 0; i < std::size(entries); ++i) {
    std::size_t slot = hash(entries[i].text);
    while (all[slot] != 0) slot = (slot + 1) % slot_count;
    all[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return all;
}();
static_assert(std::size(entries) < 255);

bool starts_with(std::string_view text, std::string_view lower) noexcept {
  return text.size() >= lower.size() && text::equals_ignoring_case(text.substr(0, lower.size()), lower);
}

}  // namespace

Word word_of(std::string_view text) noexcept {
  if (text.empty() || text.size() > size_max) return Word::name;
  for (std::size_t slot = hash(text); slots[slot] != 0; slot = (slot + 1) % slot_count) {
    const Entry& entry = entries[slots[slot] - 1];
    if (text::equals_ignoring_case(text, entry.text)) return entry.word;
  }
  return Word::name;
}

bool is_dangerous_package(std::string_view name) noexcept {
  for (const std::string_view package : {"dbms_", "utl_", "ctxsys", "owa_", "master"}) {
    if (starts_with(name, package)) return true;
  }
  return false;
}

bool is_system_procedure(std::string_view name) noexcept { return starts_with(name, "xp_") || starts_with(name, "sp_"); }

}  // namespace gatehouse::filters::sql
