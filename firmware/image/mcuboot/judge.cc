#include "firmware/image/mcuboot/judge.h"

#include "firmware/image/hardened.h"

namespace bootseal::image::mcuboot {
namespace {

// A signature takes most of a boot, and its answer is computed, not chosen.
// Of every other check the tally takes a second answer: an instruction skipped
// in one of them, or in what is made of it here, is not enough.
bool IsAskedOnce(const Rule& rule) {
  return rule.code == Error::kSignatureMismatch ||
         rule.code == Error::kReceiptKey;
}

// The answer lies in memory, and nothing of it is left when the next rule is
// asked: of a call, or of a copy of its result, that is skipped.
Judgement Judge(std::span<const Rule> table, const Rules& rules,
                const Facts& facts, const Facts& again) {
  Judgement judgement;
  volatile Error answer = Error::kFault;
  for (const Rule& rule : table) {
    answer = rule.check(rules, facts);
    const Error recorded = IsAskedOnce(rule) ? static_cast<Error>(answer)
                                             : rule.check(rules, again);
    if (answer != Error::kOk) return {rule.code, 0};
    judgement.passed = Tally(judgement.passed, rule.code, recorded);
    answer = Error::kFault;
  }
  judgement.verdict = Error::kOk;
  return judgement;
}

}  // namespace

std::span<const Rule> HeaderRules() {
  return kRuleTable.all.first(kRuleTable.header_count);
}
std::span<const Rule> ImageRules() {
  return kRuleTable.all.subspan(kRuleTable.header_count);
}

Error JudgeHeader(const Rules& rules, const Facts& facts) {
  const Judgement judgement = Judge(HeaderRules(), rules, facts, facts);
  if (judgement.verdict != Error::kOk) return judgement.verdict;
  return judgement.passed == kRuleTable.header_passed ? Error::kOk
                                                      : Error::kFault;
}

Judgement JudgeImage(const Rules& rules, const Facts& facts) {
  Facts again = facts;
  again.found = FindTlvs(again.protected_area, again.unprotected_area);
  return Judge(kRuleTable.all, rules, facts, again);
}

Error Ask(const Rule& rule, const Rules& rules, Facts facts) {
  facts.found = FindTlvs(facts.protected_area, facts.unprotected_area);
  return rule.check(rules, facts);
}

}  // namespace bootseal::image::mcuboot
