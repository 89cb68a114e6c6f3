#include "client/imgtool/server.h"

#include "absl/strings/strip.h"

namespace bootseal::imgtool {

std::optional<std::string> SignerOnServer(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, "bootseal:")) return std::nullopt;
  return std::string(key);
}

}  // namespace bootseal::imgtool
