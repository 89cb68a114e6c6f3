#include "firmware/image/certificate/verifier.h"

#include "firmware/image/hardened.h"

namespace bootseal::image::certificate {
namespace {

std::uint32_t CounterIn(const Facts& facts, Role role) {
  const Extension* counter =
      FindExtension(facts.of(role).certificate, TraitsOf(role).counter);
  return counter == nullptr ? 0 : counter->counter;
}

Digest HashWithPauses(Bytes content, const Pause& pause) {
  Hash hash(HashAlgorithm::kSha256);
  while (!content.empty()) {
    const std::size_t step =
        content.size() < pause.bytes ? content.size() : pause.bytes;
    hash.Update(content.first(step));
    content = content.subspan(step);
    pause.call();
  }
  return hash.Finish();
}

}  // namespace

Error Verifier::AddCertificate(Role role, Bytes der) {
  if (error_ != Error::kOk) return error_;
  const Place place{About::kCertificate, IndexOf(role)};
  ReadRole& read = facts_.certificates[IndexOf(role)];
  if (over_ || read.there()) return Fail(Error::kFault, place);
  // Known: nothing. After this: where everything in it lies, and that there is
  // nothing else in it.
  const Result<Certificate> certificate = ReadCertificate(der);
  if (!certificate.ok()) return Fail(certificate.error(), place);
  read.certificate = *certificate;
  read.digest = HashOf(HashAlgorithm::kSha256, read.certificate.to_be_signed);
  if (!read.there()) return Fail(Error::kUnsupported, place);
  return Error::kOk;
}

Error Verifier::AddImage(ImageRole role, Bytes content) {
  BOOTSEAL_TRY(AddImage(role, HashOf(HashAlgorithm::kSha256, content)));
  images_[IndexOf(role)] = content;
  return Error::kOk;
}

Error Verifier::AddImage(ImageRole role, Bytes content, const Pause& pause) {
  if (pause.bytes == 0 || pause.call == nullptr) {
    return Fail(Error::kFault, {About::kImage, IndexOf(role)});
  }
  BOOTSEAL_TRY(AddImage(role, HashWithPauses(content, pause)));
  images_[IndexOf(role)] = content;
  return Error::kOk;
}

Error Verifier::AddImage(ImageRole role, const Digest& digest) {
  if (error_ != Error::kOk) return error_;
  const Place place{About::kImage, IndexOf(role)};
  Digest& known = facts_.images[IndexOf(role)];
  if (over_ || known.size() != 0) return Fail(Error::kFault, place);
  if (digest.size() != kDigestBytes) return Fail(Error::kUnsupported, place);
  known = digest;
  return Error::kOk;
}

Result<VerifiedPackage> Verifier::Finish() {
  if (error_ != Error::kOk) return error_;
  if (over_) return Fail(Error::kFault, Place());
  over_ = true;
  // Known: the form of everything, and digests over it. Judged: all the rest.
  // The verdict is looked at twice, and it has to agree with the tally.
  const Judgement judgement = Judge(rules_, facts_);
  if (Launder(judgement.verdict) != Error::kOk) {
    return Fail(judgement.verdict, judgement.place);
  }
  if (Launder(judgement.passed) != kAllPassed) {
    return Fail(Error::kFault, Place());
  }
  if (Launder(judgement.verdict) != Error::kOk) {
    return Fail(Error::kFault, Place());
  }
  return Seal(Launder(judgement.passed));
}

Error Verifier::Fail(Error error, const Place& place) {
  error_ = error;
  place_ = place;
  over_ = true;
  return error;
}

// The seal is computed from the tally: without it, it is not intact.
VerifiedPackage Verifier::Seal(std::uint32_t passed) const {
  VerifiedPackage package;
  package.seal_ = passed ^ (VerifiedPackage::kSeal ^ kAllPassed);
  package.complement_ = ~passed ^ (VerifiedPackage::kSeal ^ kAllPassed);
  package.trusted_counter_ = CounterIn(facts_, Role::kTrustedKey);
  package.non_trusted_counter_ = CounterIn(facts_, Role::kNtFw);
  package.images_ = images_;
  return package;
}

Error AddAll(Verifier& verifier, const fip::Toc& toc, Bytes fip) {
  for (std::size_t index = 0; index < kRoles; ++index) {
    const Result<Bytes> der = fip::FindImage(toc, kRoleTraits[index].uuid, fip);
    if (der.error() == Error::kFipNoEntry) continue;
    if (!der.ok()) return der.error();
    BOOTSEAL_TRY(verifier.AddCertificate(static_cast<Role>(index), *der));
  }
  for (std::size_t index = 0; index < kImageRoles; ++index) {
    const Result<Bytes> content =
        fip::FindImage(toc, kImageTraits[index].uuid, fip);
    if (content.error() == Error::kFipNoEntry) continue;
    if (!content.ok()) return content.error();
    BOOTSEAL_TRY(verifier.AddImage(static_cast<ImageRole>(index), *content));
  }
  return Error::kOk;
}

Result<VerifiedPackage> Verify(const Rules& rules, Bytes fip) {
  const Result<fip::Toc> toc = fip::ReadToc(fip, fip.size());
  if (!toc.ok()) return toc.error();
  Verifier verifier(rules);
  BOOTSEAL_TRY(AddAll(verifier, *toc, fip));
  return verifier.Finish();
}

}  // namespace bootseal::image::certificate
