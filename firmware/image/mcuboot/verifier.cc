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
  const Result<Verified> verdict = Conclude(rules_, facts_);
  if (!verdict.ok()) return Fail(verdict.error());
  return verdict;
}

// Known: the structure, and the digest over it. Judged: all the rest. The
// verdict is looked at twice, and it has to agree with the tally.
Result<Verified> Verifier::Conclude(const Rules& rules, Facts& facts) {
  facts.found = FindTlvs(facts.protected_area, facts.unprotected_area);
  const Judgement judgement = JudgeImage(rules, facts);
  if (Launder(judgement.verdict) != Error::kOk) return judgement.verdict;
  if (Launder(judgement.passed) != kRuleTable.all_passed) return Error::kFault;
  if (Launder(judgement.verdict) != Error::kOk) return Error::kFault;
  return Seal(Launder(judgement.passed), facts);
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
Verified Verifier::Seal(std::uint32_t passed, const Facts& facts) {
  Verified verified;
  verified.image_ = facts.signed_range.data();
  verified.payload_offset_ = facts.header.header_size;
  verified.payload_size_ = facts.header.image_size;
  verified.end_ = static_cast<std::uint32_t>(SignedSize(facts.header) +
                                             facts.unprotected_area.size());
  verified.security_counter_ = SecurityCounterOf(facts.found);
  verified.version_ = facts.header.version;
  const std::uint32_t sealed =
      Verified::kSeal ^ kRuleTable.all_passed ^ verified.Mixed();
  verified.seal_ = passed ^ sealed;
  verified.complement_ = ~passed ^ sealed;
  return verified;
}

// The steps of the class in one, over the whole image.
Result<Verified> Verify(const Rules& rules, Bytes slot) {
  // Never more than there is: a step that gets too little refuses.
  const auto up_to = [](Bytes bytes, std::size_t size) {
    return bytes.first(size < bytes.size() ? size : bytes.size());
  };
  Facts facts;
  BOOTSEAL_TRY(ReadHeader(up_to(slot, rules.header_size), facts.header));
  // Proves that the sizes stay inside the slot, before any is used.
  BOOTSEAL_TRY(JudgeHeader(rules, facts));
  const auto signed_size = static_cast<std::size_t>(SignedSize(facts.header));
  if (signed_size > slot.size()) return Error::kTruncated;
  facts.signed_range = slot.first(signed_size);
  // Reads the image from its begin to its end, before anything behind it.
  facts.digest = HashOf(rules.hash, facts.signed_range);
  facts.protected_area = facts.signed_range.last(facts.header.protected_size);
  if (!facts.protected_area.empty()) {
    BOOTSEAL_TRY(CheckProtectedArea(facts.protected_area));
  }
  const Bytes rest = slot.subspan(signed_size);
  if (rest.size() < kTlvInfoBytes) return Error::kTruncated;
  const std::size_t said = Little16(rest.data() + 2);
  // An area that says less than its own info header is given that header whole,
  // so that the verdict is about what it says.
  facts.unprotected_area =
      up_to(rest, said < kTlvInfoBytes ? kTlvInfoBytes : said);
  BOOTSEAL_TRY(CheckArea(facts.unprotected_area, kUnprotectedMagic));
  if (facts.header.image_size >= 8) {
    const std::byte* const payload = slot.data() + facts.header.header_size;
    facts.initial_stack = Little32(payload);
    facts.reset_vector = Little32(payload + 4);
  }
  return Verifier::Conclude(rules, facts);
}

}  // namespace bootseal::image::mcuboot
