// Two copies of the metadata, and which one counts. There is no sequence
// number: a valid primary wins, always. Facts: fwu 1.9, 7.2.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FWU_REPLICAS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FWU_REPLICAS_H_

#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::fwu {

enum class Replica : std::uint8_t { kPrimary, kSecondary };

struct Chosen {
  Read read;
  Replica from = Replica::kPrimary;
  // Of the other one: kOk when it is equal up to the end of the metadata,
  // kReplicaDiffers when it is valid and is not, its error otherwise. Anything
  // but kOk is to be repaired from this one.
  Error other = Error::kOk;
};

// The primary's error when neither can be read.
Result<Chosen> ChooseReplica(Bytes primary, Bytes secondary, Geometry expected);

}  // namespace bootseal::image::fwu

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FWU_REPLICAS_H_
