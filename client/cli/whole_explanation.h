// Every rule over an image, and over the one that its bootloader makes of it.
#ifndef BOOTSEAL_CLIENT_CLI_WHOLE_EXPLANATION_H_
#define BOOTSEAL_CLIENT_CLI_WHOLE_EXPLANATION_H_

#include "firmware/image/host/explain.h"

namespace bootseal::cli {

// As image::host::Explain; of a compressed image whose own rules hold, the
// findings about what comes of it follow, and the verdict is about both.
// Thread-safe.
image::host::Explanation ExplainWhole(const image::mcuboot::Rules& rules,
                                      image::Bytes image,
                                      const image::host::Additions& additions);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_WHOLE_EXPLANATION_H_
