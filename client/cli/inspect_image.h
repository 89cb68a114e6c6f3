// An MCUboot image as a list of what is in it; nothing is judged.
#ifndef BOOTSEAL_CLIENT_CLI_INSPECT_IMAGE_H_
#define BOOTSEAL_CLIENT_CLI_INSPECT_IMAGE_H_

#include "absl/strings/string_view.h"
#include "client/cli/description.h"

namespace bootseal::cli {

bool LooksLikeImage(absl::string_view bytes);

// Header, TLVs with names, whether the digest matches, and the trailer.
Description DescribeImage(absl::string_view bytes);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_INSPECT_IMAGE_H_
