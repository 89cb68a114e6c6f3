#include "firmware/image/mcuboot/verifier.h"

#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {

Verifier::Verifier(const Rules& rules) : rules_(rules), hash_(rules.hash) {}

Verifier::Verifier(const Verifier& so_far, const Rules& rules)
    : rules_(rules),
      hash_(so_far.hash_),
      facts_(so_far.facts_),
      payload_left_(so_far.payload_left_),
      step_(so_far.step_),
      error_(so_far.error_) {}

Error Verifier::Header(Bytes header) {
  BOOTSEAL_TRY(Expect(Step::kHeader));
  // Known: nothing. The header is not trusted before the signature is checked;
  // until then it only says how much to read.
  const Result<mcuboot::Header> read = ReadHeader(header);
  if (!read.ok()) return Fail(read.error());
  facts_.header = *read;
  // Proves that the sizes stay inside the slot, before any is used.
  if (const Error verdict = JudgeHeader(rules_, facts_);
      verdict != Error::kOk) {
    return Fail(verdict);
  }
  if (header.size() < rules_.header_size) return Fail(Error::kTruncated);
  if (header.size() > rules_.header_size) return Fail(Error::kTrailingBytes);
  hash_.Update(header);
  payload_left_ = facts_.header.image_size;
  step_ = Step::kPayload;
  return Error::kOk;
}

Error Verifier::Payload(Bytes chunk) {
  BOOTSEAL_TRY(Expect(Step::kPayload));
  if (chunk.size() > payload_left_) return Fail(Error::kTrailingBytes);
  TakeVectors(chunk);
  hash_.Update(chunk);
  payload_left_ -= static_cast<std::uint32_t>(chunk.size());
  return Error::kOk;
}

Error Verifier::Protected(Bytes area) {
  BOOTSEAL_TRY(Expect(Step::kPayload));
  if (payload_left_ != 0) return Fail(Error::kTruncated);
  if (area.size() != facts_.header.protected_size) {
    return Fail(Error::kProtectedSize);
  }
  if (!area.empty()) {
    const Error structure = CheckProtectedArea(area);
    if (structure != Error::kOk) return Fail(structure);
  }
  // Proves where every protected TLV starts and ends. The digest now covers all
  // that is signed.
  facts_.protected_area = area;
  hash_.Update(area);
  facts_.digest = hash_.Finish();
  step_ = Step::kFinish;
  return Error::kOk;
}

Result<Verified> Verifier::Finish(Bytes area, Bytes range) {
  BOOTSEAL_TRY(Expect(Step::kFinish));
  const Error structure = CheckArea(area, kUnprotectedMagic);
  if (structure != Error::kOk) return Fail(structure);
  facts_.unprotected_area = area;
  facts_.signed_range = range;
  step_ = Step::kOver;
  // Known: the structure, and the digest over it. Judged: all the rest. The
  // verdict is looked at twice, and it has to agree with the tally.
  const Judgement judgement = JudgeImage(rules_, facts_);
  if (Launder(judgement.verdict) != Error::kOk) return Fail(judgement.verdict);
  if (Launder(judgement.passed) != kAllPassed) return Fail(Error::kFault);
  if (Launder(judgement.verdict) != Error::kOk) return Fail(Error::kFault);
  return Seal(Launder(judgement.passed));
}

Error Verifier::Fail(Error error) {
  error_ = error;
  step_ = Step::kOver;
  return error;
}

Error Verifier::Expect(Step step) {
  if (error_ != Error::kOk) return error_;
  if (step_ != step) return Fail(Error::kFault);
  return Error::kOk;
}

// The first two little-endian words of the payload, however it was cut into
// chunks.
void Verifier::TakeVectors(Bytes chunk) {
  constexpr std::uint32_t kWord = 4;
  std::uint32_t offset = facts_.header.image_size - payload_left_;
  for (const std::byte byte : chunk) {
    if (offset >= 2 * kWord) return;
    std::uint32_t& word =
        offset < kWord ? facts_.initial_stack : facts_.reset_vector;
    word |= static_cast<std::uint32_t>(byte) << (8 * (offset % kWord));
    ++offset;
  }
}

// The seal is computed from the tally: without it, it is not intact.
Verified Verifier::Seal(std::uint32_t passed) const {
  Verified verified;
  verified.seal_ = passed ^ (Verified::kSeal ^ kAllPassed);
  verified.complement_ = ~passed ^ (Verified::kSeal ^ kAllPassed);
  verified.image_ = facts_.signed_range.data();
  verified.payload_offset_ = facts_.header.header_size;
  verified.payload_size_ = facts_.header.image_size;
  verified.end_ = static_cast<std::uint32_t>(SignedSize(facts_.header) +
                                             facts_.unprotected_area.size());
  verified.security_counter_ = SecurityCounterOf(facts_);
  verified.version_ = facts_.header.version;
  return verified;
}

Result<Verified> Verify(const Rules& rules, Bytes slot) {
  Verifier verifier(rules);
  const Bytes image = slot;
  // Never more than there is: a step that gets too little refuses.
  auto take = [&slot](std::size_t size) {
    const Bytes taken = slot.first(size < slot.size() ? size : slot.size());
    slot = slot.subspan(taken.size());
    return taken;
  };
  BOOTSEAL_TRY(verifier.Header(take(rules.header_size)));
  const Header& header = verifier.facts().header;
  const Bytes payload = take(header.image_size);
  BOOTSEAL_TRY(verifier.Payload(payload));
  const Bytes area = take(header.protected_size);
  const bool whole = payload.size() == header.image_size &&
                     area.size() == header.protected_size;
  if (!whole) return Error::kTruncated;
  BOOTSEAL_TRY(verifier.Protected(area));
  const Result<AreaInfo> info = ReadAreaInfo(slot);
  if (!info.ok()) return info.error();
  // An area that says less than its own info header is given that header whole,
  // so that the verdict is about what it says.
  const bool has_info = info->size >= kTlvInfoBytes;
  return verifier.Finish(
      take(has_info ? info->size : kTlvInfoBytes),
      image.first(static_cast<std::size_t>(SignedSize(header))));
}

}  // namespace bootseal::image::mcuboot
