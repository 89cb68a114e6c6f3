#include "client/cli/credentials.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/input_file.h"
#include "base/openssl.h"
#include "base/shell_word.h"
#include "base/status.h"
#include "client/cli/certificate.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxPemBytes = 1024 * 1024;

base::BioPtr Open(absl::string_view pem) {
  return base::BioPtr(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Never asks on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status AsLocal(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return status;
  return WithExit(base::Annotate(status, what), ExitStatus::kLocalFile);
}

absl::Status CheckDates(const X509* certificate, const std::string& path,
                        absl::Time now) {
  const absl::Time begin = ToTime(X509_get0_notBefore(certificate));
  const absl::Time end = ToTime(X509_get0_notAfter(certificate));
  if (now > end) {
    return LocalFileError(
        "CERTIFICATE_EXPIRED",
        absl::StrCat("certificate ", path, " expired on ", FormatUtc(end),
                     "; now it is ", FormatUtc(now),
                     "; no connection was made"));
  }
  if (now < begin) {
    return LocalFileError(
        "CERTIFICATE_NOT_YET_VALID",
        absl::StrCat("certificate ", path, " is valid from ", FormatUtc(begin),
                     " on; now it is ", FormatUtc(now), "; check the clock"));
  }
  return absl::OkStatus();
}

absl::Status NoKey(const std::string& path, const base::Secret& pem) {
  // "ENCRYPTED PRIVATE KEY", or "Proc-Type: 4,ENCRYPTED" of old files.
  if (absl::StrContains(pem.Reveal(), "ENCRYPTED")) {
    return LocalFileError(
        "KEY_ENCRYPTED",
        absl::StrCat("key ", path,
                     " has a passphrase, expected one without; "
                     "fix: (umask 077; openssl pkey -in ",
                     base::ShellWord(path), " -out PLAIN)"));
  }
  return LocalFileError("KEY_INVALID",
                        absl::StrCat("no private key in ", path,
                                     "; expected PEM without a passphrase"));
}

// gRPC takes keys from memory alone.
absl::Status CheckKeyIsFile(const std::string& key) {
  if (!absl::StartsWith(key, "pkcs11:")) return absl::OkStatus();
  return LocalFileError("KEY_IN_TOKEN",
                        absl::StrCat("key ", key,
                                     " is in a token, expected a PEM file: a "
                                     "connection cannot use a token's key"));
}

absl::Status CheckKey(X509* certificate, const Settings& settings,
                      const base::InputFile& file, const base::Secret& pem) {
  const base::BioPtr bio = Open(pem.Reveal());
  const base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  base::DrainOpenSslErrors();
  if (!key) return NoKey(settings.key, pem);
  RETURN_IF_ERROR(AsLocal(file.CheckPrivateKey(), "key"));
  const bool match = X509_check_private_key(certificate, key.get()) == 1;
  base::DrainOpenSslErrors();
  if (match) return absl::OkStatus();
  return LocalFileError(
      "KEY_MISMATCH",
      absl::StrCat("key ", settings.key, " is not the key of certificate ",
                   settings.certificate,
                   "; fix: give --cert and --key of one pair"));
}

absl::StatusOr<std::string> ReadPem(const std::string& path,
                                    absl::string_view what) {
  absl::StatusOr<std::string> text = base::ReadFile(path, kMaxPemBytes);
  if (text.ok()) return text;
  return AsLocal(text.status(), what);
}

absl::StatusOr<base::Secret> LoadKey(const Settings& settings,
                                     X509* certificate) {
  auto file = base::InputFile::Open(settings.key, base::Accepts::kAnything);
  if (!file.ok()) return AsLocal(file.status(), "key");
  auto text = file->Read(kMaxPemBytes);
  if (!text.ok()) return AsLocal(text.status(), "key");
  base::Secret pem(*std::move(text));
  RETURN_IF_ERROR(CheckKey(certificate, settings, *file, pem));
  return pem;
}

absl::StatusOr<std::string> LoadCa(const Settings& settings) {
  if (settings.ca.empty()) {
    return UsageError(
        "CA_MISSING",
        "no CA to check the server with; give --ca or BOOTSEAL_CA");
  }
  ASSIGN_OR_RETURN(std::string pem, ReadPem(settings.ca, "CA"));
  if (ParseCertificate(pem)) return pem;
  return LocalFileError("CA_INVALID",
                        absl::StrCat("no certificate in CA file ", settings.ca,
                                     "; expected PEM"));
}

absl::Status LoadIdentity(const Settings& settings, absl::Time now,
                          Credentials& credentials) {
  ASSIGN_OR_RETURN(credentials.certificate_pem,
                   ReadPem(settings.certificate, "certificate"));
  const base::X509Ptr certificate =
      ParseCertificate(credentials.certificate_pem);
  if (!certificate) {
    return LocalFileError("CERTIFICATE_INVALID",
                          absl::StrCat("no certificate in ",
                                       settings.certificate, "; expected PEM"));
  }
  RETURN_IF_ERROR(CheckDates(certificate.get(), settings.certificate, now));
  RETURN_IF_ERROR(CheckKeyIsFile(settings.key));
  ASSIGN_OR_RETURN(credentials.key_pem, LoadKey(settings, certificate.get()));
  credentials.subject = NameOf(X509_get_subject_name(certificate.get()));
  credentials.issuer = NameOf(X509_get_issuer_name(certificate.get()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Credentials> LoadCredentials(const Settings& settings,
                                            const base::Clock& clock) {
  Credentials credentials;
  ASSIGN_OR_RETURN(credentials.ca_pem, LoadCa(settings));
  if (settings.certificate.empty() && settings.key.empty()) return credentials;
  if (settings.certificate.empty() || settings.key.empty()) {
    return settings.key.empty()
               ? UsageError("CERTIFICATE_WITHOUT_KEY",
                            "certificate without its key; give --key or "
                            "BOOTSEAL_KEY")
               : UsageError("KEY_WITHOUT_CERTIFICATE",
                            "key without its certificate; give --cert or "
                            "BOOTSEAL_CERT");
  }
  RETURN_IF_ERROR(LoadIdentity(settings, clock.Now(), credentials));
  return credentials;
}

}  // namespace bootseal::cli
