// All rules: what hosts judge by.
#include "firmware/image/mcuboot/rule_rows.h"

namespace bootseal::image::mcuboot {
namespace {

struct All {
  static constexpr bool Of(const RuleRow&) { return true; }
};
using Made = MadeTable<All>;
constexpr Made::Array kArray = Made::Make();

}  // namespace

constinit const RuleTable kRuleTable =
    TableOf(kArray.rules, Made::CountHeaderRules(kArray));

}  // namespace bootseal::image::mcuboot
