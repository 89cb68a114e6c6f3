// SSHSIG: signatures that ssh-keygen -Y sign makes, with a key file, an agent's
// key or a FIDO token. Format: OpenSSH, PROTOCOL.sshsig and PROTOCOL.u2f.
// Reading and writing; whose key it is and whether it verifies is
// approver_key.h's to say. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_SSHSIG_H_
#define BOOTSEAL_SERVER_TRUST_SSHSIG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::trust {

inline constexpr std::size_t kMaxSshSignatureBytes = 8192;

// Of a FIDO token's signature: somebody touched it.
inline constexpr std::uint8_t kUserPresent = 0x01;

struct SshSignature {
  // As in a public key line, decoded.
  std::string public_key;
  std::string name_space;
  std::string hash_algorithm;  // "sha256" or "sha512": of the message
  std::string algorithm;       // "ssh-ed25519", "rsa-sha2-512", ...
  std::string signature;       // the algorithm's own bytes
  // With the algorithms "sk-...".
  std::uint8_t flags = 0;
  std::uint32_t counter = 0;
};

// Whether the algorithm is one of a FIDO token, whose signatures say how they
// came about.
bool IsTokenAlgorithm(absl::string_view algorithm);

// The decoded blob, not its armour. One form only, and nothing behind it:
// version 1, an empty reserved field, sha256 or sha512, an algorithm that
// bootseal takes (never RSA with SHA-1, never webauthn). INVALID_ARGUMENT
// (SSHSIG_MALFORMED).
absl::StatusOr<SshSignature> ReadSshSignature(absl::string_view blob);

// WriteSshSignature(*ReadSshSignature(x)) == x.
std::string WriteSshSignature(const SshSignature& signature);

// What the signature is over: the message's hash, with the namespace.
std::string SshSignedData(const SshSignature& signature,
                          absl::string_view message);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_SSHSIG_H_
