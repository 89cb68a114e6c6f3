// bootseal tfm-wrapper: TF-M's mcuboot_imagesign_wrapper, with keys in the HSM.
#ifndef BOOTSEAL_CLIENT_TFM_WRAPPER_H_
#define BOOTSEAL_CLIENT_TFM_WRAPPER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/imgtool/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::tfm {

// Runs one command line, without argv[0]; as imgtool::Run, whose exit statuses
// hold here too. A server gets what the layout says as imgtool's options; with
// one, --psa-key-ids is INVALID_ARGUMENT (KEY_ID_ON_SERVER): no target can say
// that its bootloader has the key built in. Not thread-safe.
absl::Status Run(const std::vector<std::string>& arguments,
                 const imgtool::SignOnServer& server = {});

// Hands over the definition of its options, which lives no longer than that.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

}  // namespace bootseal::tfm

#endif  // BOOTSEAL_CLIENT_TFM_WRAPPER_H_
