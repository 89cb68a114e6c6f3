#include "tests/support/key_ceremony.h"

#include <cstdlib>
#include <iostream>

#include "base/file.h"
#include "base/transcript.h"

namespace bootseal::tests {

std::string HoldCeremony(ServerFixture& server, const std::string& label) {
  const std::string path = server.folder().File(label + ".transcript");
  const Outcome held =
      server.token().Tool({"ceremony", "--label", label, "--algorithm", "p256",
                           "--yes", "--transcript", path});
  const auto transcript = base::ReadFile(path, base::kMaxTranscriptBytes);
  if (held.exit_code == 0 && transcript.ok()) return *transcript;
  std::cerr << held.err << transcript.status() << std::endl;
  std::abort();
}

void PinKeyOf(const std::string& transcript, const std::string& name,
              v1::Policy& policy) {
  const auto read = base::ReadTranscript(transcript);
  if (!read.ok()) std::abort();
  v1::PinnedKey& key = *policy.add_keys();
  key.set_name(name);
  key.set_uri("pkcs11:object=" + name);
  key.set_algorithm(v1::P256);
  key.set_purpose(v1::FIRMWARE);
  key.set_public_key_sha256(read->keys.at(0).public_key_sha256);
}

v1::Role& DemandKeyApprovals(v1::Policy& policy, const std::string& admin,
                             const std::string& approvers,
                             std::uint32_t approvals) {
  v1::Role& role = *policy.add_roles();
  role.set_name("key-admin");
  role.add_members(admin);
  role.add_permissions(v1::MANAGE_KEYS);
  policy.mutable_key_approvals()->set_approvals(approvals);
  policy.mutable_key_approvals()->add_approvers(approvers);
  return role;
}

}  // namespace bootseal::tests
