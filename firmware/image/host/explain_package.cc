#include "firmware/image/host/explain_package.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

using certificate::Extension;
using certificate::Facts;
using certificate::Phase;
using certificate::Place;
using certificate::Rule;
using certificate::Rules;

struct Fix {
  Error rule;
  const char* words;
};

constexpr Fix kFixes[] = {
    {Error::kRules,
     "give one root key hash of 32 bytes, and counters and a "
     "ceiling that can be met"},
    {Error::kCertificateMissing, "add it to the FIP: all six are needed"},
    {Error::kCertificateRole,
     "put each certificate in its own place, made for an STM32MP"},
    {Error::kCertificateKey, "sign with keys of the target's curve"},
    {Error::kRootKeyUnknown,
     "sign with the key whose hash is fused, or fuse the hash of this one"},
    {Error::kCertificateKeyUnknown,
     "take the certificates of one signing, all of them"},
    {Error::kCertificateSignature,
     "take the certificates of one signing, unchanged"},
    {Error::kCounterLow, "sign it again with a counter that the device takes"},
    {Error::kCounterHigh,
     "sign it again with a counter below the ceiling: a "
     "device never counts back"},
    {Error::kCountersDiffer,
     "sign it again with one counter for both worlds: the chip has one "
     "register"},
    {Error::kPackageImageMissing, "add the image that was signed"},
    {Error::kPackageImageUnexpected,
     "leave the image out, or sign the package with it"},
    {Error::kPackageImageDigest,
     "add the image that was signed, or sign this one"},
};

std::string FixFor(Error rule) {
  for (const Fix& fix : kFixes) {
    if (fix.rule == rule) return fix.words;
  }
  return "make the package again";
}

std::string Hex(Bytes bytes) { return absl::BytesToHexString(ToString(bytes)); }

const Extension* NamedIn(const Facts& facts, certificate::Role role,
                         std::uint16_t id) {
  return certificate::FindExtension(facts.of(role).certificate, id);
}

std::string CounterWords(const Rules& rules, const Facts& facts,
                         std::size_t index) {
  const auto role = static_cast<certificate::Role>(index);
  const Extension* counter =
      NamedIn(facts, role, certificate::TraitsOf(role).counter);
  if (counter == nullptr) return "no counter";
  const std::uint32_t least =
      counter->id == certificate::extension::kTrustedCounter
          ? rules.trusted_counter
          : rules.non_trusted_counter;
  return absl::StrCat("counter ", counter->counter, "; expected ", least,
                      rules.counter_ceiling == 0
                          ? " or more"
                          : absl::StrCat(" to ", rules.counter_ceiling));
}

std::string DigestWords(const Facts& facts, std::size_t index) {
  const auto& traits = certificate::kImageTraits[index];
  const Extension* named = NamedIn(facts, traits.certificate, traits.hash);
  return absl::StrCat("SHA-256 ", Hex(facts.images[index].bytes()),
                      "; its certificate says ",
                      named == nullptr ? "nothing" : Hex(named->hash));
}

std::string RootWords(const Rules& rules, const Facts& facts,
                      std::size_t index) {
  const auto& key = facts.certificates[index].certificate.key;
  return absl::StrCat(
      "root key of hash ",
      Hex(certificate::KeyHashOf(rules.key_hash_form, key).bytes()),
      "; expected ", Hex(rules.root_key_hash));
}

// What does not hold, with its values.
std::string WordsFor(const Rules& rules, const Facts& facts, Error rule,
                     std::size_t index) {
  switch (rule) {
    case Error::kCounterLow:
    case Error::kCounterHigh:
      return CounterWords(rules, facts, index);
    case Error::kRootKeyUnknown:
      return RootWords(rules, facts, index);
    case Error::kPackageImageDigest:
      return DigestWords(facts, index);
    default:
      return Text(rule);
  }
}

PackageFinding Asked(const Rules& rules, const Facts& facts, const Rule& rule,
                     const Place& place) {
  PackageFinding finding{rule.code, place, false, Text(rule.code), ""};
  finding.holds = rule.check(rules, facts, place.index) == Error::kOk;
  if (finding.holds) return finding;
  finding.words = WordsFor(rules, facts, rule.code, place.index);
  finding.fix = FixFor(rule.code);
  return finding;
}

PackageReport Unreadable(Error error, const Place& place) {
  return {error, place, {{error, place, false, Text(error), FixFor(error)}}};
}

}  // namespace

PackageReport ExplainPackage(const Rules& rules, absl::string_view fip) {
  const Bytes bytes = AsBytes(fip);
  const Result<image::fip::Toc> toc = image::fip::ReadToc(bytes, bytes.size());
  if (!toc.ok()) return Unreadable(toc.error(), {});
  certificate::Verifier verifier(rules);
  const Error read = certificate::AddAll(verifier, *toc, bytes);
  if (read != Error::kOk) return Unreadable(read, verifier.place());
  PackageReport report;
  report.verdict = verifier.Finish().error();
  report.place = verifier.place();
  for (const Phase& phase : certificate::Phases()) {
    for (std::size_t index = 0; index < phase.count; ++index) {
      for (const Rule& rule : phase.rules) {
        report.findings.push_back(
            Asked(rules, verifier.facts(), rule, {phase.about, index}));
      }
    }
  }
  return report;
}

}  // namespace bootseal::image::host
