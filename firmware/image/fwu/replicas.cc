#include "firmware/image/fwu/replicas.h"

namespace bootseal::image::fwu {
namespace {

// Bytes behind the end of the metadata are anybody's.
Bytes Exact(Bytes replica, const Read& read) {
  return replica.first(SizeOf(read.metadata.version, read.metadata.geometry) +
                       read.vendor_data.size());
}

}  // namespace

Result<Chosen> ChooseReplica(Bytes primary, Bytes secondary,
                             Geometry expected) {
  const Result<Read> first = ReadMetadata(primary, expected);
  const Result<Read> second = ReadMetadata(secondary, expected);
  if (!first.ok()) {
    if (!second.ok()) return first.error();
    return Chosen{*second, Replica::kSecondary, first.error()};
  }
  if (!second.ok()) {
    return Chosen{*first, Replica::kPrimary, second.error()};
  }
  const bool equal = Equal(Exact(primary, *first), Exact(secondary, *second));
  return Chosen{*first, Replica::kPrimary,
                equal ? Error::kOk : Error::kReplicaDiffers};
}

}  // namespace bootseal::image::fwu
