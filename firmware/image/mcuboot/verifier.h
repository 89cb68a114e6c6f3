// The one verifier: the server runs it over what it signed before it answers,
// the client over what it got, the bootloader over what it is about to start.
//
// It is fed in file order and keeps no payload. What it accepts, MCUboot
// accepts in that target's configuration; it is stricter where MCUboot takes
// forms that no signer makes (prefix of a key hash, bytes after a signature's
// DER, doubled TLVs). Facts: mcuboot 3.2 to 3.5.
//
//   Verifier verifier(rules);
//   verifier.Header(first header_size bytes);
//   verifier.Payload(chunk);                    any number of times
//   verifier.Protected(area);                   empty when there is none
//   const Digest digest = verifier.digest();    what the key signs
//   Result<Verified> verdict = verifier.Finish(unprotected area);
//
// A signature over the image itself (rules.pure) needs it in one piece: whoever
// has the image in memory gives Finish that range too.
//
// Each step returns the first error and stays failed from then on. Not
// thread-safe; `rules` and the spans given to Protected and Finish must outlive
// it.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_VERIFIER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_VERIFIER_H_

#include <cstdint>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"

namespace bootseal::image::mcuboot {

class Verifier {
 public:
  explicit Verifier(const Rules& rules);
  // Goes on from the same point under other rules, of which header size, hash
  // and all about the header are the same.
  Verifier(const Verifier& so_far, const Rules& rules);

  // The header with its padding, rules.header_size bytes.
  Error Header(Bytes header);
  Error Payload(Bytes chunk);
  // After the last payload byte; `area` has header.protected_size bytes.
  Error Protected(Bytes area);
  // The unprotected area, exactly. `range`: what was given to the steps before,
  // in one piece; read for rules.pure alone, and said by Verified::image().
  Result<Verified> Finish(Bytes area, Bytes range = {});

  // After Protected(): the digest over everything signed.
  const Digest& digest() const { return facts_.digest; }
  // What is known so far; complete after Finish().
  const Facts& facts() const { return facts_; }

 private:
  enum class Step : std::uint8_t { kHeader, kPayload, kFinish, kOver };

  Error Fail(Error error);
  // kOk when no step failed and `step` is the next one; kFault out of order.
  Error Expect(Step step);
  void TakeVectors(Bytes chunk);
  static Result<Verified> Conclude(const Rules& rules, Facts& facts);
  static Verified Seal(std::uint32_t passed, const Facts& facts);
  friend Result<Verified> Verify(const Rules& rules, Bytes slot);

  const Rules& rules_;
  Hash hash_;
  Facts facts_;
  std::uint32_t payload_left_ = 0;
  Step step_ = Step::kHeader;
  Error error_ = Error::kOk;
};

// The same over an image that is all in memory: a slot, a RAM copy or a mapped
// file. Bytes after the image are the slot's fill and trailer and are not read.
Result<Verified> Verify(const Rules& rules, Bytes slot);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_VERIFIER_H_
