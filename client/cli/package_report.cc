#include "client/cli/package_report.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/text.h"
#include "firmware/image/certificate/judge.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using image::Error;
using image::host::AsBytes;
using image::host::PackageFinding;
using image::host::PackageReport;
using image::stm32::Chip;
using image::stm32::Header;
using image::stm32::RomDecision;

std::string InText(const PackageReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const PackageFinding& finding : report.findings) {
    rows.push_back({finding.holds ? "ok" : "FAIL",
                    image::certificate::NameOf(finding.place),
                    image::host::NameOf(finding.rule),
                    finding.holds ? "" : finding.words});
    if (!finding.holds) rows.push_back({"", "", "fix", finding.fix});
  }
  const std::string verdict =
      report.verdict == Error::kOk
          ? "a device starts it"
          : absl::StrCat("no device starts it: ",
                         image::certificate::NameOf(report.place), ": ",
                         image::Text(report.verdict));
  return absl::StrCat(FormatTable(rows), verdict, "\n");
}

Json InJson(const PackageReport& report) {
  std::vector<Json> findings;
  for (const PackageFinding& finding : report.findings) {
    findings.push_back(
        JsonObject()
            .Add("about", Json::Text(image::certificate::NameOf(finding.place)))
            .Add("code", Json::Text(image::host::NameOf(finding.rule)))
            .Add("outcome", Json::Text(finding.holds ? "pass" : "fail"))
            .Add("text",
                 finding.holds ? Json::Null() : Json::Text(finding.words))
            .Add("fix", finding.holds ? Json::Null() : Json::Text(finding.fix))
            .Build());
  }
  return JsonObject()
      .Add("bootable", Json::Truth(report.verdict == Error::kOk))
      .Add("verdict", Json::Text(image::host::NameOf(report.verdict)))
      .Add("about", Json::Text(image::certificate::NameOf(report.place)))
      .Add("rules", Json::Array(findings))
      .Build();
}

struct Fix {
  Error rule;
  const char* words;
};
constexpr Fix kFixes[] = {
    {Error::kStm32Length, "give the whole file"},
    {Error::kStm32Checksum, "give the file as it was signed"},
    {Error::kStm32Unsigned, "sign it; `bootseal sign --target` does"},
    {Error::kStm32NotFused, "fuse the hash of the key that signs"},
    {Error::kStm32KeyIndex, "sign with the key at the target's key_index"},
    {Error::kStm32KeyHash,
     "sign with the key whose hash is fused, or fuse the hash of this one"},
    {Error::kStm32Signature, "take the image as it was signed, unchanged"},
    {Error::kStm32ImageVersion,
     "sign it again with an image version that the chip takes: closing one "
     "raises its counter to 1"},
};

std::string FixFor(Error rule) {
  for (const Fix& fix : kFixes) {
    if (fix.rule == rule) return fix.words;
  }
  return "make the image again";
}

struct Finding {
  Error rule = Error::kOk;
  bool holds = false;
};

std::string WordsOf(const Finding& finding, const Chip& chip,
                    const Header& header) {
  if (finding.rule == Error::kStm32ImageVersion) {
    return absl::StrCat("image version ", header.image_version, "; expected ",
                        chip.image_version, " or more");
  }
  if (finding.rule == Error::kStm32KeyHash) {
    const std::string own =
        image::host::ToString(image::stm32::FusedHash(header).bytes());
    const std::string fused = image::host::ToString(chip.key_hash.bytes());
    return absl::StrCat("hash ", absl::BytesToHexString(own), "; fused ",
                        absl::BytesToHexString(fused));
  }
  return image::Text(finding.rule);
}

std::vector<Finding> FindingsOf(const Chip& chip, const Header& header,
                                absl::string_view image) {
  const auto measured = image::stm32::Measure(header, AsBytes(image));
  std::vector<Finding> findings;
  const auto rules = image::stm32::RomRules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    findings.push_back(
        {rules[i].code, image::stm32::RomRuleHolds(i, chip, header, measured)});
  }
  return findings;
}

std::string VerdictOf(const RomDecision& decision) {
  return decision.starts ? std::string("a closed chip starts it")
                         : absl::StrCat("no closed chip starts it: ",
                                        image::Text(decision.reason));
}

std::string InText(const std::vector<Finding>& findings, const Chip& chip,
                   const Header& header, const RomDecision& decision) {
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : findings) {
    rows.push_back({finding.holds ? "ok" : "FAIL",
                    image::host::NameOf(finding.rule),
                    finding.holds ? "" : WordsOf(finding, chip, header)});
    if (!finding.holds) rows.push_back({"", "fix", FixFor(finding.rule)});
  }
  return absl::StrCat(FormatTable(rows), VerdictOf(decision), "\n");
}

Json InJson(const std::vector<Finding>& findings, const Chip& chip,
            const Header& header, const RomDecision& decision) {
  std::vector<Json> rules;
  for (const Finding& finding : findings) {
    rules.push_back(
        JsonObject()
            .Add("code", Json::Text(image::host::NameOf(finding.rule)))
            .Add("outcome", Json::Text(finding.holds ? "pass" : "fail"))
            .Add("text", finding.holds
                             ? Json::Null()
                             : Json::Text(WordsOf(finding, chip, header)))
            .Add("fix", finding.holds ? Json::Null()
                                      : Json::Text(FixFor(finding.rule)))
            .Build());
  }
  return JsonObject()
      .Add("bootable", Json::Truth(decision.starts))
      .Add("verdict", Json::Text(image::host::NameOf(decision.reason)))
      .Add("rules", Json::Array(rules))
      .Build();
}

}  // namespace

std::string FormatPackageReport(const PackageReport& report, Format format) {
  return format == Format::kJson ? absl::StrCat(InJson(report).text(), "\n")
                                 : InText(report);
}

FirstStageReport ExplainFirstStage(const Chip& chip, absl::string_view image,
                                   Format format) {
  const RomDecision decision = image::stm32::RomCheck(chip, AsBytes(image));
  const auto header = image::stm32::ReadHeader(AsBytes(image), chip.version);
  const std::vector<Finding> findings =
      header.ok() ? FindingsOf(chip, *header, image)
                  : std::vector<Finding>{{header.error(), false}};
  const Header read = header.ok() ? *header : Header();
  return {
      decision,
      format == Format::kJson
          ? absl::StrCat(InJson(findings, chip, read, decision).text(), "\n")
          : InText(findings, chip, read, decision)};
}

}  // namespace bootseal::cli
