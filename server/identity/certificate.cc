#include "server/identity/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::identity {
namespace {

constexpr char kSpiffe[] = "spiffe://";

using GeneralNamesPtr = base::OpenSslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

void FreeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using X509StackPtr = base::OpenSslPtr<STACK_OF(X509), FreeStack>;

absl::Status Unauthenticated(absl::string_view reason,
                             absl::string_view message) {
  base::DrainOpenSslErrors();
  return base::Fail(absl::StatusCode::kUnauthenticated, reason, message);
}

std::vector<std::string> UriNames(X509& certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> uris;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<std::size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

std::string DistinguishedName(const X509& certificate) {
  const base::BioPtr text(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0,
                         XN_FLAG_RFC2253) < 0) {
    return "";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// The part between "spiffe://" and the next slash; empty when `uri` is not a
// SPIFFE id of printable ASCII.
std::string TrustDomainOf(absl::string_view uri) {
  const bool printable = std::all_of(
      uri.begin(), uri.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!printable || !absl::StartsWith(uri, kSpiffe)) return "";
  uri.remove_prefix(sizeof(kSpiffe) - 1);
  return std::string(uri.substr(0, uri.find('/')));
}

absl::Time ToTime(const ASN1_TIME* time) {
  tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return absl::InfinitePast();
  return absl::FromTM(broken_down, absl::UTCTimeZone());
}

std::string Date(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::Status CheckDates(const Validity& validity, absl::string_view subject,
                        absl::Time now) {
  if (now > validity.not_after) {
    return Unauthenticated(
        "CERTIFICATE_EXPIRED",
        absl::StrCat("certificate of ", subject, " expired at ",
                     Date(validity.not_after), "; get a new one"));
  }
  if (now < validity.not_before) {
    return Unauthenticated(
        "CERTIFICATE_NOT_YET_VALID",
        absl::StrCat("certificate of ", subject, " is valid from ",
                     Date(validity.not_before), " on; the server's time is ",
                     Date(now)));
  }
  return absl::OkStatus();
}

Validity Intersection(const Validity& a, const Validity& b) {
  return {std::max(a.not_before, b.not_before),
          std::min(a.not_after, b.not_after)};
}

}  // namespace

absl::StatusOr<std::vector<base::X509Ptr>> ParseCertificates(
    absl::string_view pem) {
  const base::BioPtr in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<base::X509Ptr> certificates;
  while (X509* next = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(next);
  }
  base::DrainOpenSslErrors();
  if (certificates.empty()) {
    return Unauthenticated("CERTIFICATE_MALFORMED",
                           "client certificate cannot be read");
  }
  return certificates;
}

absl::StatusOr<Certificate> ReadCertificate(X509& certificate) {
  Certificate read;
  unsigned char digest[32];
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  read.sha256.assign(reinterpret_cast<const char*>(digest), size);
  const std::vector<std::string> uris = UriNames(certificate);
  if (uris.size() > 1) {
    return Unauthenticated("SUBJECT_AMBIGUOUS",
                           absl::StrCat("client certificate has ", uris.size(),
                                        " URI names, expected exactly one"));
  }
  if (uris.empty()) {
    read.subject = DistinguishedName(certificate);
    if (!read.subject.empty()) return read;
    return Unauthenticated(
        "SUBJECT_MALFORMED",
        "client certificate has neither a URI name nor a subject");
  }
  read.subject = uris.front();
  read.trust_domain = TrustDomainOf(read.subject);
  if (!read.trust_domain.empty()) return read;
  return Unauthenticated(
      "SUBJECT_MALFORMED",
      absl::StrCat("URI name of the client certificate is not a SPIFFE id, "
                   "expected ",
                   kSpiffe, "domain/path"));
}

Validity ValidityOf(const X509& certificate) {
  return {ToTime(X509_get0_notBefore(&certificate)),
          ToTime(X509_get0_notAfter(&certificate))};
}

absl::StatusOr<Validity> VerifyIssuer(
    X509& leaf, const std::vector<base::X509Ptr>& intermediates, X509& ca,
    absl::Time now) {
  RETURN_IF_ERROR(CheckDates(ValidityOf(leaf), DistinguishedName(leaf), now));
  const base::X509StorePtr store(X509_STORE_new());
  const base::X509StoreContextPtr context(X509_STORE_CTX_new());
  const X509StackPtr untrusted(sk_X509_new_null());
  if (!store || !context || !untrusted) return base::Internal("out of memory");
  for (const base::X509Ptr& certificate : intermediates) {
    sk_X509_push(untrusted.get(), certificate.get());
  }
  // The domain's CA is the anchor whether or not it signed itself.
  X509_STORE_add_cert(store.get(), &ca);
  X509_STORE_CTX_init(context.get(), store.get(), &leaf, untrusted.get());
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return Unauthenticated(
        error == X509_V_ERR_CERT_HAS_EXPIRED ? "CERTIFICATE_EXPIRED"
                                             : "WRONG_CA",
        absl::StrCat("certificate of ", DistinguishedName(leaf),
                     " is not good under its trust domain's CA ",
                     DistinguishedName(ca), ": ",
                     X509_verify_cert_error_string(error)));
  }
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  Validity validity{absl::InfinitePast(), absl::InfiniteFuture()};
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    validity = Intersection(validity, ValidityOf(*sk_X509_value(chain, i)));
  }
  return validity;
}

}  // namespace bootseal::identity
