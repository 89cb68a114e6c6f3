#include "client/login/chain.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "client/cli/certificate.h"
#include "client/cli/exit_status.h"

namespace bootseal::login {
namespace {

void FreeStack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using StackPtr = base::OpenSslPtr<STACK_OF(X509), FreeStack>;

// The first is ours.
using Certificates = std::vector<base::X509Ptr>;

// Never asks on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificates ReadAll(absl::string_view pem) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificates certificates;
  while (X509* const next =
             PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(next);
  }
  base::DrainOpenSslErrors();
  return certificates;
}

StackPtr Between(const Certificates& certificates) {
  StackPtr stack(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    X509_up_ref(certificates[i].get());
    sk_X509_push(stack.get(), certificates[i].get());
  }
  return stack;
}

struct Verdict {
  int error;  // X509_V_OK or why not
  StackPtr chain;
};

// The chain to one of `roots`, verified as of `time`.
Verdict Verify(const Certificates& ours, const Certificates& roots,
               absl::Time time) {
  const base::X509StorePtr store(X509_STORE_new());
  for (const base::X509Ptr& root : roots) {
    X509_STORE_add_cert(store.get(), root.get());
  }
  const StackPtr between = Between(ours);
  const base::X509StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), ours.front().get(),
                      between.get());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(time));
  // A CA in the file need not be a root.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const bool vouched = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  base::DrainOpenSslErrors();
  if (!vouched) return {error, nullptr};
  return {X509_V_OK, StackPtr(X509_STORE_CTX_get1_chain(context.get()))};
}

absl::Time EndOf(const X509& certificate) {
  return cli::ToTime(X509_get0_notAfter(&certificate));
}

// Of all that end before ours, the last first.
std::vector<absl::Time> EarlierEnds(const Certificates& ours,
                                    const Certificates& roots) {
  std::vector<absl::Time> ends;
  for (const Certificates* some : {&ours, &roots}) {
    for (const base::X509Ptr& one : *some) ends.push_back(EndOf(*one));
  }
  const absl::Time own = EndOf(*ours.front());
  ends.erase(std::remove_if(ends.begin(), ends.end(),
                            [own](absl::Time end) { return end >= own; }),
             ends.end());
  std::sort(ends.begin(), ends.end(), std::greater<>());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

std::optional<Issuer> EndingAt(const STACK_OF(X509) * chain, absl::Time end) {
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    const X509* const one = sk_X509_value(chain, i);
    if (EndOf(*one) != end) continue;
    return Issuer{cli::NameOf(X509_get_subject_name(one)),
                  {cli::ToTime(X509_get0_notBefore(one)), end}};
  }
  return std::nullopt;
}

// OpenSSL lets a certificate end with its last second.
constexpr absl::Duration kBefore = absl::Seconds(1);

std::optional<Issuer> EndsFirst(const Certificates& ours,
                                const Certificates& roots) {
  const absl::Time own = EndOf(*ours.front());
  if (Verify(ours, roots, own - kBefore).chain) return std::nullopt;
  for (const absl::Time end : EarlierEnds(ours, roots)) {
    const Verdict verdict = Verify(ours, roots, end - kBefore);
    if (verdict.chain) return EndingAt(verdict.chain.get(), end);
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckChain(absl::string_view certificate_pem,
                        absl::string_view ca_pem, const std::string& ca_path,
                        absl::Time now) {
  const Certificates ours = ReadAll(certificate_pem);
  if (ours.empty()) {
    return cli::LocalFileError("CERTIFICATE_INVALID",
                               "no certificate, expected PEM");
  }
  const Certificates roots = ReadAll(ca_pem);
  if (roots.empty()) {
    return cli::LocalFileError(
        "CA_INVALID",
        absl::StrCat("no certificate in CA file ", ca_path, "; expected PEM"));
  }
  const Verdict verdict = Verify(ours, roots, now);
  if (verdict.chain) return absl::OkStatus();
  return cli::LocalFileError(
      "CERTIFICATE_CHAIN",
      absl::StrCat(
          "CA file ", ca_path, " does not vouch for our certificate: ",
          X509_verify_cert_error_string(verdict.error),
          "; name the CA that issued it with --client-ca when it is not the "
          "server's"));
}

std::optional<Bearer> ReadBearer(absl::string_view certificate_pem,
                                 absl::string_view ca_pem) {
  std::optional<Bearer> bearer = ReadBearer(certificate_pem);
  const Certificates ours = ReadAll(certificate_pem);
  if (bearer && !ours.empty()) {
    bearer->ends_first = EndsFirst(ours, ReadAll(ca_pem));
  }
  return bearer;
}

}  // namespace bootseal::login
