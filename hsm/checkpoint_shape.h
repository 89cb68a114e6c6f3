// What the log's key and a witness's key sign: text of one shape each.
// Source: c2sp.org/tlog-checkpoint@v1.0.0, tlog-cosignature@v1.0.1.
#ifndef BOOTSEAL_HSM_CHECKPOINT_SHAPE_H_
#define BOOTSEAL_HSM_CHECKPOINT_SHAPE_H_

#include "absl/strings/string_view.h"

namespace bootseal::hsm {

// Origin, size, root, then extension lines, none empty, each with its newline.
bool IsCheckpointText(absl::string_view text);

// "cosignature/v1", "time <seconds>", then a checkpoint's text.
bool IsCosignatureMessage(absl::string_view message);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_CHECKPOINT_SHAPE_H_
