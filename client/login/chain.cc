#include "client/login/chain.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "client/cli/exit_status.h"

namespace bootseal::login {
namespace {

void FreeStack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using StackPtr = base::OpenSslPtr<STACK_OF(X509), FreeStack>;

// Never asks on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::vector<base::X509Ptr> ReadAll(absl::string_view pem) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<base::X509Ptr> certificates;
  while (X509* const next =
             PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(next);
  }
  base::DrainOpenSslErrors();
  return certificates;
}

StackPtr Between(const std::vector<base::X509Ptr>& certificates) {
  StackPtr stack(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    X509_up_ref(certificates[i].get());
    sk_X509_push(stack.get(), certificates[i].get());
  }
  return stack;
}

}  // namespace

absl::Status CheckChain(absl::string_view certificate_pem,
                        absl::string_view ca_pem, const std::string& ca_path,
                        absl::Time now) {
  const std::vector<base::X509Ptr> ours = ReadAll(certificate_pem);
  if (ours.empty()) {
    return cli::LocalFileError("CERTIFICATE_INVALID",
                               "no certificate, expected PEM");
  }
  const base::X509StorePtr store(X509_STORE_new());
  const std::vector<base::X509Ptr> roots = ReadAll(ca_pem);
  for (const base::X509Ptr& root : roots) {
    X509_STORE_add_cert(store.get(), root.get());
  }
  if (roots.empty()) {
    return cli::LocalFileError(
        "CA_INVALID",
        absl::StrCat("no certificate in CA file ", ca_path, "; expected PEM"));
  }
  const StackPtr between = Between(ours);
  const base::X509StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), ours.front().get(),
                      between.get());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  // A CA in the file need not be a root.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const bool vouched = X509_verify_cert(context.get()) == 1;
  base::DrainOpenSslErrors();
  if (vouched) return absl::OkStatus();
  return cli::LocalFileError(
      "CERTIFICATE_CHAIN",
      absl::StrCat(
          "CA file ", ca_path, " does not vouch for our certificate: ",
          X509_verify_cert_error_string(
              X509_STORE_CTX_get_error(context.get())),
          "; name the CA that issued it with --client-ca when it is not the "
          "server's"));
}

}  // namespace bootseal::login
