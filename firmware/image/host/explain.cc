#include "firmware/image/host/explain.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/attribute_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/finding_offset.h"
#include "firmware/image/host/rule_words.h"
#include "firmware/image/host/tlv_failure.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
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

// Of a target without receipts there is nothing to say about them.
bool IsAboutReceipt(Error code) {
  switch (code) {
#define BOOTSEAL_IS_RECEIPT(name, index, text) case Error::name:
    BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_IS_RECEIPT)
#undef BOOTSEAL_IS_RECEIPT
    return true;
    default:
      return false;
  }
}

// The order in which mcuboot::Verify comes across them.
std::vector<Step> Steps(const Rules& rules) {
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
    if (rules.receipt == nullptr && IsAboutReceipt(rule.code)) continue;
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

Bytes StatedDigest(const mcuboot::Facts& facts) {
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(facts.unprotected_area)) {
    if (mcuboot::IsDigest(tlv.type)) return tlv.value;
  }
  return {};
}

// The image as it is judged.
struct Subject {
  Subject(const Rules& its_rules, Bytes its_image)
      : rules(its_rules),
        image(its_image),
        reading(mcuboot::ReadImage(its_image, its_rules.hash)),
        encrypted(reading.error == Error::kOk &&
                  PayloadIsEncrypted(reading.facts)),
        facts(reading.facts) {
    // The device takes it only if it decrypts to this digest, and if the
    // signature is over it: the latter can be told here.
    if (encrypted) facts.digest = image::Digest(StatedDigest(facts));
  }

  const Rules& rules;
  Bytes image;
  Reading reading;
  bool encrypted;
  mcuboot::Facts facts;
};

// Whatever the plaintext is, these rules are about it.
bool IsAboutPlaintext(Error code, const Rules& rules) {
  return code == Error::kDigestMismatch || code == Error::kVectorTable ||
         (code == Error::kSignatureMismatch && rules.pure);
}

Outcome Judge(const Step& step, const Subject& subject) {
  const Reading& reading = subject.reading;
  if (step.code == reading.error) return Outcome::kFail;
  const bool reached = step.needs == Needs::kHeader
                           ? HeaderWasRead(reading, subject.image)
                           : reading.error == Error::kOk;
  if (!reached) return Outcome::kNotReached;
  if (step.check == nullptr) return Outcome::kPass;
  if (subject.encrypted && IsAboutPlaintext(step.code, subject.rules)) {
    return Outcome::kNothingToJudge;
  }
  if (mcuboot::Ask({step.code, step.check}, subject.rules, subject.facts) !=
      Error::kOk) {
    return Outcome::kFail;
  }
  const bool open = step.code == Error::kSignatureMismatch && subject.encrypted;
  return open || IsAboutAnAbsentTlv(step.code, subject.facts)
             ? Outcome::kNothingToJudge
             : Outcome::kPass;
}

constexpr char kDeviceAlone[] =
    "digest and signature cover the plaintext, and the payload is encrypted: "
    "only the device's key can tell";

std::string EncryptedDetail(Error code, const Subject& subject) {
  if (code == Error::kDigestMismatch) {
    return absl::StrCat(
        "image states ",
        absl::BytesToHexString(ToString(StatedDigest(subject.facts))), "; ",
        kDeviceAlone);
  }
  if (code == Error::kSignatureMismatch && !subject.rules.pure) {
    return absl::StrCat("right over the digest that the image states; ",
                        kDeviceAlone);
  }
  return code == Error::kVectorTable
             ? "the payload is encrypted: only the device's key can tell"
             : kDeviceAlone;
}

bool IsOpen(Outcome outcome, Error code, const Subject& subject) {
  return subject.encrypted && outcome == Outcome::kNothingToJudge &&
         (IsAboutPlaintext(code, subject.rules) ||
          code == Error::kSignatureMismatch);
}

void DescribeFailure(const RuleWords& words, const Wanted& wanted,
                     const Subject& subject, Finding& finding) {
  if (finding.detail.empty()) finding.detail = Text(finding.code);
  finding.fix = words.fix(wanted);
  const auto tlvs =
      DescribeTlvFailure(finding.code, wanted, subject.reading, subject.image);
  if (!tlvs) return;
  finding.detail = tlvs->detail;
  finding.offset = tlvs->offset;
  finding.fix = tlvs->fix;
}

Finding Describe(const Step& step, Outcome outcome, const Wanted& wanted,
                 const Subject& subject) {
  const RuleWords words = WordsOf(step.code);
  Finding finding{.code = step.code,
                  .outcome = outcome,
                  .rule = words.rule,
                  .detail = {},
                  .demanded_by = {},
                  .fix = {}};
  if (words.demanded_by) finding.demanded_by = words.demanded_by(wanted.rules);
  if (outcome == Outcome::kNotReached) return finding;
  finding.offset =
      OffsetOf(step.code, words.about, subject.reading, subject.image);
  if (words.detail) finding.detail = words.detail(wanted.rules, subject.facts);
  if (IsOpen(outcome, step.code, subject)) {
    finding.detail = EncryptedDetail(step.code, subject);
  }
  if (outcome == Outcome::kFail) {
    DescribeFailure(words, wanted, subject, finding);
  }
  return finding;
}

Error FirstFailure(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.outcome == Outcome::kFail) return finding.code;
  }
  return Error::kOk;
}

}  // namespace

Explanation Explain(const Rules& rules, Bytes image,
                    const Additions& additions) {
  const Subject subject(rules, image);
  const Wanted wanted{rules, additions, subject.reading.facts};
  Explanation explanation;
  for (const Step& step : Steps(rules)) {
    explanation.findings.push_back(
        Describe(step, Judge(step, subject), wanted, subject));
  }
  explanation.payload_encrypted = subject.encrypted;
  explanation.verdict = subject.encrypted
                            ? FirstFailure(explanation.findings)
                            : mcuboot::Verify(rules, image).error();
  return explanation;
}

std::string NameOf(const Explanation& explanation) {
  const bool open =
      explanation.verdict == Error::kOk && explanation.payload_encrypted;
  return open ? "PAYLOAD_ENCRYPTED" : NameOf(explanation.verdict);
}

const char* Text(const Explanation& explanation) {
  const bool open =
      explanation.verdict == Error::kOk && explanation.payload_encrypted;
  return open ? kDeviceAlone : Text(explanation.verdict);
}

}  // namespace bootseal::image::host
