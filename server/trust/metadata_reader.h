// The policy's names of metadata readers and those of the table that knows what
// each takes.
#ifndef BOOTSEAL_SERVER_TRUST_METADATA_READER_H_
#define BOOTSEAL_SERVER_TRUST_METADATA_READER_H_

#include <optional>

#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/metadata_readers.h"

namespace bootseal::trust {

// nullopt for one that this version does not know.
std::optional<image::host::MetadataReader> ToImage(v1::MetadataReader reader);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_METADATA_READER_H_
