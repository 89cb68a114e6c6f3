// Whatever ssh-keygen signs with: a key file, an agent's key, a FIDO token.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/approval/armour.h"
#include "client/approval/child.h"
#include "client/approval/signer.h"
#include "server/trust/approval.h"
#include "server/trust/ssh_wire.h"
#include "server/trust/sshsig.h"

namespace bootseal::approval {
namespace {

constexpr std::size_t kMaxKeyBytes = 64 << 10;

class SshSigner final : public Signer {
 public:
  explicit SshSigner(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<Signed> Sign(absl::string_view message) override {
    ASSIGN_OR_RETURN(const std::string text,
                     RunChild({"ssh-keygen", "-q", "-Y", "sign", "-n",
                               trust::kSshNamespace, "-f", path_},
                              message));
    ASSIGN_OR_RETURN(std::string blob, ReadArmour(text));
    ASSIGN_OR_RETURN(const auto read, trust::ReadSshSignature(blob));
    trust::SshReader key(read.public_key);
    const std::string type(key.String());
    return Signed{std::move(blob),
                  absl::StrCat(type, " ", absl::Base64Escape(read.public_key))};
  }

 private:
  std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Signer>> OpenSshSigner(const std::string& path) {
  // ssh-keygen would say so too, in its own words.
  RETURN_IF_ERROR(base::ReadFile(path, kMaxKeyBytes).status());
  return std::make_unique<SshSigner>(path);
}

}  // namespace bootseal::approval
