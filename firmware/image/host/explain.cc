#include "firmware/image/host/explain.h"

#include <cstdint>

#include "firmware/image/host/finding_offset.h"
#include "firmware/image/host/rule_words.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Reading;
using mcuboot::Rule;
using mcuboot::Rules;

using Check = Error (*)(const Rules&, const mcuboot::Facts&);

// Found while reading, not by a row of the rule table: no check.
constexpr Error kBeforeHeaderRules[] = {Error::kHeaderMagic,
                                        Error::kHeaderReserved};
constexpr Error kAfterHeaderRules[] = {Error::kTruncated, Error::kTlvMagic,
                                       Error::kTlvOverrun};

// What must have been read.
enum class Needs { kHeader, kImage };

struct Step {
  Error code;
  Needs needs;  // to say anything
  Check check;
};

// The order in which mcuboot::Verify comes across them.
std::vector<Step> Steps() {
  std::vector<Step> steps;
  for (const Error code : kBeforeHeaderRules) {
    steps.push_back({code, Needs::kHeader, nullptr});
  }
  for (const Rule& rule : mcuboot::HeaderRules()) {
    steps.push_back({rule.code, Needs::kHeader, rule.check});
  }
  for (const Error code : kAfterHeaderRules) {
    steps.push_back({code, Needs::kImage, nullptr});
  }
  for (const Rule& rule : mcuboot::ImageRules()) {
    steps.push_back({rule.code, Needs::kImage, rule.check});
  }
  return steps;
}

bool HeaderWasRead(const Reading& reading, Bytes image) {
  return image.size() >= mcuboot::kHeaderBytes &&
         reading.error != Error::kHeaderMagic &&
         reading.error != Error::kHeaderReserved;
}

bool IsAboutAnAbsentTlv(Error code, const mcuboot::Facts& facts) {
  const std::uint16_t type = WordsOf(code).about;
  return type != 0 && mcuboot::FindTlv(facts.protected_area, type).type == 0;
}

Outcome Judge(const Step& step, const Rules& rules, const Reading& reading,
              Bytes image) {
  if (step.code == reading.error) return Outcome::kFail;
  const bool reached = step.needs == Needs::kHeader
                           ? HeaderWasRead(reading, image)
                           : reading.error == Error::kOk;
  if (!reached) return Outcome::kNotReached;
  if (step.check == nullptr) return Outcome::kPass;
  if (step.check(rules, reading.facts) != Error::kOk) return Outcome::kFail;
  return IsAboutAnAbsentTlv(step.code, reading.facts) ? Outcome::kNothingToJudge
                                                      : Outcome::kPass;
}

Finding Describe(const Step& step, Outcome outcome, const Wanted& wanted,
                 const Reading& reading, Bytes image) {
  const RuleWords words = WordsOf(step.code);
  Finding finding{.code = step.code,
                  .outcome = outcome,
                  .rule = words.rule,
                  .detail = {},
                  .demanded_by = {},
                  .fix = {}};
  if (words.demanded_by) finding.demanded_by = words.demanded_by(wanted.rules);
  if (outcome == Outcome::kNotReached) return finding;
  finding.offset = OffsetOf(step.code, words.about, reading, image);
  if (words.detail) finding.detail = words.detail(wanted.rules, reading.facts);
  if (outcome != Outcome::kFail) return finding;
  if (finding.detail.empty()) finding.detail = Text(step.code);
  finding.fix = words.fix(wanted);
  return finding;
}

}  // namespace

Explanation Explain(const Rules& rules, Bytes image,
                    const Additions& additions) {
  const Wanted wanted{rules, additions};
  const Reading reading = mcuboot::ReadImage(image, rules.hash);
  Explanation explanation;
  explanation.verdict = mcuboot::Verify(rules, image).error();
  for (const Step& step : Steps()) {
    const Outcome outcome = Judge(step, rules, reading, image);
    explanation.findings.push_back(
        Describe(step, outcome, wanted, reading, image));
  }
  return explanation;
}

}  // namespace bootseal::image::host
