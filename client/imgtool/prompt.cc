#include "client/imgtool/prompt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <string>

#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::imgtool {
namespace {

constexpr int kMaxPassphraseBytes = 1024;

absl::StatusOr<base::Secret> Ask(const char* prompt) {
  std::array<char, kMaxPassphraseBytes + 1> line{};
  const int failed = EVP_read_pw_string_min(line.data(), 0, kMaxPassphraseBytes,
                                            prompt, /*verify=*/0);
  base::DrainOpenSslErrors();
  base::Secret passphrase{std::string(line.data())};
  OPENSSL_cleanse(line.data(), line.size());
  if (failed == 0) return passphrase;
  return base::Precondition(
      "PASSPHRASE_MISSING",
      "no passphrase was given on the terminal or on standard input");
}

}  // namespace

absl::StatusOr<base::Secret> AskPassphrase() {
  return Ask("Enter key passphrase: ");
}

absl::StatusOr<base::Secret> AskPin() {
  return Ask("Enter PIN of the token: ");
}

absl::StatusOr<base::Secret> AskNewPassphrase() {
  while (true) {
    ASSIGN_OR_RETURN(base::Secret first, Ask("Enter key passphrase: "));
    if (first.empty()) {
      return base::Precondition("PASSPHRASE_EMPTY",
                                "the passphrase is empty; leave --password out "
                                "to write the key in the clear");
    }
    ASSIGN_OR_RETURN(const base::Secret second, Ask("Reenter passphrase: "));
    if (first.Reveal() == second.Reveal()) return first;
    std::fputs("the passphrases differ, try again\n", stderr);
  }
}

}  // namespace bootseal::imgtool
