// Metadata, manifests, bundles and verdicts of firmware update as what is in
// them. Nothing is checked but metadata's own CRC; `fwu check` does.
#ifndef BOOTSEAL_CLIENT_CLI_INSPECT_RELEASE_H_
#define BOOTSEAL_CLIENT_CLI_INSPECT_RELEASE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/description.h"
#include "client/fwu/byte_source.h"

namespace bootseal::cli {

// FAILED_PRECONDITION: METADATA_*, TRUNCATED.
absl::StatusOr<Description> DescribeMetadata(absl::string_view bytes);
// Or a verdict, by what the envelope says that it holds. As
// release::ReadUnproven, release::ReadUnprovenVerdict.
absl::StatusOr<Description> DescribeManifest(absl::string_view bytes);
// As fwu::ReadBundleHead and DescribeManifest.
absl::StatusOr<Description> DescribeBundle(fwu::ByteSource& source);
absl::StatusOr<Description> DescribeBundleBytes(absl::string_view bytes);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_INSPECT_RELEASE_H_
