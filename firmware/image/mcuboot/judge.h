// The rules as a table, and the judge that walks it. The device stops at the
// first rule that fails; the host's explain walks the same table to its end.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_JUDGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_JUDGE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

// `check` returns kOk or some other word; `code` names the rule.
struct Rule {
  Error code;
  Error (*check)(const Rules&, const Facts&);
};

// Every rule, in the order of judgement: first those that need to know the
// header alone, then those about the whole image. A rule about a TLV that
// another rule found missing holds.
std::span<const Rule> HeaderRules();
std::span<const Rule> ImageRules();

// The rules that were linked: rule_table.cc, or what firmware/provision made.
struct RuleTable {
  std::span<const Rule> all;
  std::size_t header_count;  // the first ones
  // What the tally comes to when they hold.
  std::uint32_t header_passed;
  std::uint32_t all_passed;
};
extern const RuleTable kRuleTable;

// One step of the tally: depends on the rule, its answer and all before it. A
// function of its own, so that no answer is left where the next one is
// expected: of a call that is skipped, the result would be the one before.
[[gnu::noinline]] constexpr std::uint32_t Tally(std::uint32_t tally, Error code,
                                                Error answer) {
  return std::rotl(tally, 5) +
         (static_cast<std::uint32_t>(code) ^
          std::rotl(static_cast<std::uint32_t>(answer), 1));
}

// What the table said. `passed` is mixed from every check's own answer: it is
// kRuleTable.all_passed only when each rule was asked once, in order, and
// answered kOk.
struct Judgement {
  Error verdict = Error::kFault;
  std::uint32_t passed = 0;
};

// The rules of the header: enough to refuse before a payload is read.
Error JudgeHeader(const Rules& rules, const Facts& facts);
// Every rule, the header's once more. `facts.found` is of its areas; it is made
// anew for the second answers.
Judgement JudgeImage(const Rules& rules, const Facts& facts);

// What one rule says of an image with these areas.
Error Ask(const Rule& rule, const Rules& rules, Facts facts);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_JUDGE_H_
