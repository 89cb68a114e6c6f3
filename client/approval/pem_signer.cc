// An approver's key in a PEM file.
#include <openssl/rsa.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/input_file.h"
#include "base/openssl.h"
#include "base/secret.h"
#include "base/status.h"
#include "client/approval/signer.h"
#include "client/imgtool/key.h"
#include "client/imgtool/prompt.h"

namespace bootseal::approval {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{64} << 10;
constexpr absl::string_view kServerKeyPrefix = "bootseal:";  // server_key.h

absl::Status NamesServerKey(const std::string& path) {
  return base::Precondition(
      "KEY_INVALID",
      absl::StrCat(path,
                   " names a key of the server, which speaks for no person; "
                   "expected PEM with the private key of whoever approves"));
}

const EVP_MD* HashFor(imgtool::KeyKind kind) {
  if (kind == imgtool::KeyKind::kEd25519) return nullptr;
  return kind == imgtool::KeyKind::kP384 ? EVP_sha384() : EVP_sha256();
}

class PemSigner final : public Signer {
 public:
  explicit PemSigner(imgtool::Key key) : key_(std::move(key)) {}

  absl::StatusOr<Signed> Sign(absl::string_view message) override {
    const base::EvpMdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    const auto* const bytes =
        reinterpret_cast<const unsigned char*>(message.data());
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit(context.get(), &options, HashFor(key_.kind()),
                           nullptr, key_.get()) != 1 ||
        !PreparePss(options) ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) !=
            1) {
      return base::Internal(base::DrainOpenSslErrors());
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(),
                       reinterpret_cast<unsigned char*>(signature.data()),
                       &size, bytes, message.size()) != 1) {
      return base::Internal(base::DrainOpenSslErrors());
    }
    signature.resize(size);
    return Signed{std::move(signature), key_.PublicPem()};
  }

 private:
  bool PreparePss(EVP_PKEY_CTX* options) const {
    if (!EVP_PKEY_is_a(key_.get(), "RSA")) return true;
    return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) >
               0;
  }

  imgtool::Key key_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Signer>> OpenPemSigner(const std::string& path) {
  ASSIGN_OR_RETURN(const base::InputFile file,
                   base::InputFile::Open(path, base::Accepts::kAnything));
  ASSIGN_OR_RETURN(std::string content, file.Read(kMaxPemBytes));
  const base::Secret pem(std::move(content));
  absl::StatusOr<imgtool::Key> read =
      imgtool::Key::Parse(pem.Reveal(), imgtool::AskPassphrase);
  if (!read.ok()) {
    return absl::StartsWith(pem.Reveal(), kServerKeyPrefix)
               ? NamesServerKey(path)
               : base::Annotate(read.status(), path);
  }
  imgtool::Key key = *std::move(read);
  if (!key.is_private() || key.kind() == imgtool::KeyKind::kX25519) {
    return base::Precondition(
        "KEY_CANNOT_SIGN",
        absl::StrCat(path,
                     " holds no private key that signs; expected RSA of "
                     "2048 or 3072 bits, P-256, P-384 or Ed25519"));
  }
  RETURN_IF_ERROR(file.CheckPrivateKey());
  return std::make_unique<PemSigner>(std::move(key));
}

}  // namespace bootseal::approval
