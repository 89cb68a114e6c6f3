#include "client/login/bearer.h"

#include "absl/strings/escaping.h"
#include "client/cli/certificate.h"

namespace bootseal::login {

std::optional<Bearer> ReadBearer(absl::string_view certificate_pem) {
  const base::X509Ptr certificate = cli::ParseCertificate(certificate_pem);
  if (!certificate) return std::nullopt;
  return Bearer{
      .subject = cli::NameOf(X509_get_subject_name(certificate.get())),
      .issuer = cli::NameOf(X509_get_issuer_name(certificate.get())),
      .uris = cli::UrisOf(*certificate),
      .fingerprint = absl::BytesToHexString(cli::FingerprintOf(*certificate)),
      .period = {cli::ToTime(X509_get0_notBefore(certificate.get())),
                 cli::ToTime(X509_get0_notAfter(certificate.get()))}};
}

std::string NameOf(const Bearer& bearer) {
  return bearer.uris.size() == 1 ? bearer.uris.front() : bearer.subject;
}

const Period& EndingPeriodOf(const Bearer& bearer) {
  return bearer.ends_first ? bearer.ends_first->period : bearer.period;
}

State StateAt(const Bearer& bearer, absl::Time now) {
  const State own = StateAt(bearer.period, now);
  return own == State::kNotYetValid ? own
                                    : StateAt(EndingPeriodOf(bearer), now);
}

bool SamePerson(const Bearer& one, const Bearer& other) {
  return one.subject == other.subject && one.uris == other.uris &&
         one.issuer == other.issuer;
}

}  // namespace bootseal::login
