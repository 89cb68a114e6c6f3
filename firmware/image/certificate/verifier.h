// The one verifier of packages: the server runs it over what it signed before
// it answers, the client over the FIP that it assembled, the second stage over
// what it is about to start. What it accepts, TF-A's BL2 accepts on an STM32MP;
// it is stricter where BL2 does not look: exact form and extensions, the key
// that a certificate carries, counters that differ, an image that was taken
// out. Source: facts: fwu 4.3, 2.4.
//
//   Verifier verifier(rules);
//   verifier.AddCertificate(role, der);          each that there is, once
//   verifier.AddImage(role, content);            or its digest; any order
//   Result<VerifiedPackage> verdict = verifier.Finish();
//   verifier.place()                             what the error is about
//
// Each step returns the first error and stays failed from then on. Not
// thread-safe; `rules` and all spans must outlive it.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIER_H_

#include <array>
#include <cstddef>

#include "firmware/image/certificate/facts.h"
#include "firmware/image/certificate/judge.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/certificate/verified_package.h"
#include "firmware/image/crypto.h"
#include "firmware/image/fip/toc.h"
#include "firmware/image/result.h"

namespace bootseal::image::certificate {

// Called after each `bytes` that were hashed, and at the end: for a watchdog
// that a large image would outlast.
struct Pause {
  std::size_t bytes = 0;  // above 0
  void (*call)() = nullptr;
};

class Verifier {
 public:
  explicit Verifier(const Rules& rules) : rules_(rules) {}

  // The errors of ReadCertificate; kFault for one that was given before.
  Error AddCertificate(Role role, Bytes der);
  // All bytes of the FIP's entry, in the place from where they are run.
  Error AddImage(ImageRole role, Bytes content);
  Error AddImage(ImageRole role, Bytes content, const Pause& pause);
  // SHA-256 over them, for whoever does not keep them.
  Error AddImage(ImageRole role, const Digest& digest);
  Result<VerifiedPackage> Finish();

  // Of the error, if there is one.
  const Place& place() const { return place_; }
  const Facts& facts() const { return facts_; }

 private:
  Error Fail(Error error, const Place& place);
  VerifiedPackage Seal(std::uint32_t passed) const;

  const Rules& rules_;
  Facts facts_;
  std::array<Bytes, kImageRoles> images_;
  Place place_;
  Error error_ = Error::kOk;
  bool over_ = false;
};

// The certificates and images of a FIP that is all in memory, with its table.
// Entries without a role are not looked at and not started.
Error AddAll(Verifier& verifier, const fip::Toc& toc, Bytes fip);

// All of it, from the table on; what follows the package in `fip` is not read.
Result<VerifiedPackage> Verify(const Rules& rules, Bytes fip);

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIER_H_
