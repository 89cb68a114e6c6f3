// bootseal tfm-wrapper: TF-M's mcuboot_imagesign_wrapper, with keys in the HSM.
#ifndef BOOTSEAL_CLIENT_TFM_WRAPPER_H_
#define BOOTSEAL_CLIENT_TFM_WRAPPER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/imgtool/server.h"

namespace bootseal::tfm {

// Runs one command line, without argv[0]; as imgtool::Run, whose exit statuses
// hold here too. A server gets what the layout says as imgtool's options; with
// one, --psa-key-ids is INVALID_ARGUMENT (KEY_ID_ON_SERVER): no target can say
// that its bootloader has the key built in. Not thread-safe.
absl::Status Run(const std::vector<std::string>& arguments,
                 const imgtool::SignOnServer& server = {});

}  // namespace bootseal::tfm

#endif  // BOOTSEAL_CLIENT_TFM_WRAPPER_H_
