#include "client/cli/explain_words.h"

#include <algorithm>
#include <iterator>

namespace bootseal::cli {
namespace {

using image::host::Outcome;
using image::host::TrailerFlag;
using image::host::TrailerMagic;

constexpr OutcomeWords kOutcomes[] = {
    {Outcome::kPass, "pass", "pass"},
    {Outcome::kFail, "FAIL", "fail"},
    {Outcome::kNothingToJudge, "n/a", "nothing to judge"},
    {Outcome::kNotReached, "-", "not reached"},
};

}  // namespace

const OutcomeWords& WordsOf(Outcome outcome) {
  return *std::find_if(std::begin(kOutcomes), std::end(kOutcomes),
                       [outcome](const OutcomeWords& words) {
                         return words.outcome == outcome;
                       });
}

const char* NameOf(TrailerMagic magic) {
  switch (magic) {
    case TrailerMagic::kAbsent:
      return "absent";
    case TrailerMagic::kUnset:
      return "unset";
    case TrailerMagic::kGood:
      return "good";
    case TrailerMagic::kOther:
      return "other max-align";
    case TrailerMagic::kBad:
      return "bad";
  }
  return "";
}

const char* NameOf(TrailerFlag flag) {
  switch (flag) {
    case TrailerFlag::kAbsent:
      return "absent";
    case TrailerFlag::kUnset:
      return "unset";
    case TrailerFlag::kSet:
      return "set";
    case TrailerFlag::kBad:
      return "bad";
  }
  return "";
}

image::host::SwapType SwapTypeOf(const ExplainReport& report) {
  return image::host::PredictSwapType(
      report.evidence.rules.strategy,
      report.primary ? report.primary->trailer : image::host::TrailerFacts{},
      report.evidence.slot.trailer);
}

std::string DowngradeOf(const ExplainReport& report) {
  if (!report.primary || !report.primary->version || !report.evidence.whole()) {
    return {};
  }
  return image::host::DescribeDowngrade(
      report.evidence.rules, SwapTypeOf(report),
      report.evidence.reading.facts.header.version, *report.primary->version);
}

std::string UpgradeOf(const ExplainReport& report) {
  return image::host::DescribeUpgrade(report.evidence.rules, SwapTypeOf(report),
                                      report.evidence.slot.trailer);
}

std::string ComparisonOf(const ExplainReport& report) {
  return image::host::CompareWithVerdict(report.explanation,
                                         report.predictions);
}

std::string SignCommandOf(const ExplainReport& report) {
  return image::host::SignCommand(report.evidence.rules, report.evidence.target,
                                  report.evidence.image);
}

std::string ImgtoolCommandOf(const ExplainReport& report) {
  return image::host::ImgtoolCommand(
      report.evidence.rules, report.evidence.target, report.evidence.image);
}

}  // namespace bootseal::cli
