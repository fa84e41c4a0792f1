#include "rules/program.hpp"

namespace gatehouse::filters {

void fold(std::vector<Rule>&, TxNames&, std::vector<InitialValue>&) {}

}  // namespace gatehouse::filters
