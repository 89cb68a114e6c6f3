// Whose key an image names, when it is not the target's, or everybody's.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_EXPLAIN_KEY_H_
#define BOOTSEAL_CLIENT_CLI_EXPLAIN_KEY_H_

#include <optional>
#include <vector>

#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/diagnosis.h"

namespace bootseal::cli {

// PUBLICLY_KNOWN_KEY: the image names a key whose private half everybody has,
// whether the target takes it or not.
std::optional<image::host::Diagnosis> DiagnoseKnownKey(
    const image::host::Evidence& evidence);

// Whether the image names a key, and not the target's.
bool NamesOtherKey(const image::host::Evidence& evidence);

// KEY_OF_OTHER_TARGET: the image names the key of one of `others` and not the
// target's. Profiles that cannot judge are left out.
std::optional<image::host::Diagnosis> DiagnoseOtherTarget(
    const image::host::Evidence& evidence,
    const std::vector<v1::Profile>& others);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_EXPLAIN_KEY_H_
