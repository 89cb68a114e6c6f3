#include "client/imgtool/server.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::imgtool {

absl::StatusOr<KeyOnServer> FindKey(const Server& server,
                                    const std::string& signer) {
  if (server.find_key) return server.find_key(signer);
  return base::Invalid("SERVER_SIGNING", "--key",
                       absl::StrCat("-k bootseal:", signer,
                                    ": this program reaches no server; use "
                                    "bootseal imgtool, or bootseal keys show"));
}

}  // namespace bootseal::imgtool
