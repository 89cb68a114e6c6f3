#include "server/trust/sshsig.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/ssh_wire.h"

namespace bootseal::trust {
namespace {

constexpr absl::string_view kMagic = "SSHSIG";
constexpr std::uint32_t kVersion = 1;

struct Algorithm {
  absl::string_view name;
  bool token;
};
constexpr std::array<Algorithm, 7> kAlgorithms = {{
    {"ssh-ed25519", false},
    {"ecdsa-sha2-nistp256", false},
    {"ecdsa-sha2-nistp384", false},
    {"rsa-sha2-256", false},
    {"rsa-sha2-512", false},
    {"sk-ssh-ed25519@openssh.com", true},
    {"sk-ecdsa-sha2-nistp256@openssh.com", true},
}};

const Algorithm* Find(absl::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

// Text of the signature's in an error.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 64)), "\"");
}

absl::Status Malformed(absl::string_view message) {
  return base::Invalid("SSHSIG_MALFORMED", "sig",
                       absl::StrCat("ssh signature ", message));
}

const EVP_MD* HashNamed(absl::string_view name) {
  if (name == "sha256") return EVP_sha256();
  if (name == "sha512") return EVP_sha512();
  return nullptr;
}

absl::Status ReadInner(absl::string_view inner, SshSignature& signature) {
  SshReader reader(inner);
  signature.algorithm = std::string(reader.String());
  signature.signature = std::string(reader.String());
  const Algorithm* const algorithm = Find(signature.algorithm);
  if (reader.ok() && algorithm == nullptr) {
    return Malformed(absl::StrCat(
        "is of algorithm ", Quoted(signature.algorithm),
        ", expected ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, "
        "rsa-sha2-256, rsa-sha2-512 or a FIDO token's"));
  }
  if (algorithm != nullptr && algorithm->token) {
    signature.flags = reader.Byte();
    signature.counter = reader.Uint32();
  }
  if (reader.done()) return absl::OkStatus();
  return Malformed(
      "has an inner signature that is cut off or has bytes behind "
      "it");
}

absl::Status ReadOuter(SshReader& reader, SshSignature& signature) {
  signature.public_key = std::string(reader.String());
  signature.name_space = std::string(reader.String());
  const absl::string_view reserved = reader.String();
  signature.hash_algorithm = std::string(reader.String());
  const absl::string_view inner = reader.String();
  if (!reader.ok()) return Malformed("is cut off");
  if (!reader.done()) return Malformed("has bytes behind it");
  if (!reserved.empty()) {
    return Malformed(absl::StrCat("has ", reserved.size(),
                                  " bytes in its reserved field, expected "
                                  "none"));
  }
  if (HashNamed(signature.hash_algorithm) == nullptr) {
    return Malformed(absl::StrCat("hashes the message with ",
                                  Quoted(signature.hash_algorithm),
                                  ", expected sha256 or sha512"));
  }
  return ReadInner(inner, signature);
}

std::string Digest(const EVP_MD* hash, absl::string_view text) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  EVP_Digest(text.data(), text.size(),
             reinterpret_cast<unsigned char*>(digest.data()), nullptr, hash,
             nullptr);
  return digest;
}

}  // namespace

bool IsTokenAlgorithm(absl::string_view algorithm) {
  const Algorithm* const found = Find(algorithm);
  return found != nullptr && found->token;
}

absl::StatusOr<SshSignature> ReadSshSignature(absl::string_view blob) {
  if (blob.size() > kMaxSshSignatureBytes) {
    return Malformed(absl::StrCat("has ", blob.size(),
                                  " bytes, expected at most ",
                                  kMaxSshSignatureBytes));
  }
  SshReader reader(blob);
  if (reader.Take(kMagic.size()) != kMagic) {
    return Malformed("does not begin with SSHSIG");
  }
  const std::uint32_t version = reader.Uint32();
  if (version != kVersion) {
    return Malformed(
        absl::StrCat("is of version ", version, ", expected ", kVersion));
  }
  SshSignature signature;
  RETURN_IF_ERROR(ReadOuter(reader, signature));
  return signature;
}

std::string WriteSshSignature(const SshSignature& signature) {
  std::string inner = absl::StrCat(SshString(signature.algorithm),
                                   SshString(signature.signature));
  if (IsTokenAlgorithm(signature.algorithm)) {
    inner.push_back(static_cast<char>(signature.flags));
    absl::StrAppend(&inner, SshUint32(signature.counter));
  }
  return absl::StrCat(kMagic, SshUint32(kVersion),
                      SshString(signature.public_key),
                      SshString(signature.name_space), SshString(""),
                      SshString(signature.hash_algorithm), SshString(inner));
}

std::string SshSignedData(const SshSignature& signature,
                          absl::string_view message) {
  return absl::StrCat(
      kMagic, SshString(signature.name_space), SshString(""),
      SshString(signature.hash_algorithm),
      SshString(Digest(HashNamed(signature.hash_algorithm), message)));
}

}  // namespace bootseal::trust
