// The rules as tables, and the judge that walks them: those about one
// certificate for each, parents first, then those about one image for each. The
// device stops at the first that fails; the host's explain walks on.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_JUDGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/certificate/facts.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::certificate {

// `check` returns kOk or some other word; `code` names the rule. `index`: the
// Role or ImageRole that is looked at, 0 for a rule about all of the package.
struct Rule {
  Error code;
  Error (*check)(const Rules&, const Facts&, std::size_t index);
};

enum class About : std::uint8_t { kPackage, kCertificate, kImage };

// Rules that are asked together, for each of `count` places. A rule about
// something that another rule found missing holds.
struct Phase {
  About about;
  std::size_t count;
  std::span<const Rule> rules;
};
std::span<const Phase> Phases();

// Where a rule failed.
struct Place {
  About about = About::kPackage;
  std::size_t index = 0;
  friend constexpr bool operator==(const Place&, const Place&) = default;
};

// "tos-fw-cert", "nt-fw", "package".
const char* NameOf(const Place& place);

// What the tables said. `passed` is mixed from every check's own answer: it is
// kAllPassed only when each rule was asked once for each place, in order, and
// answered kOk.
struct Judgement {
  Error verdict = Error::kFault;
  Place place;
  std::uint32_t passed = 0;
};
extern const std::uint32_t kAllPassed;

Judgement Judge(const Rules& rules, const Facts& facts);

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_JUDGE_H_
