// What MCUboot itself would do with an image: a model of its loader, written
// from its source and independent of our verifier, whose rules are stricter. It
// decides nothing; explain shows it beside our verdict.
// Source: MCUboot boot/bootutil/src/loader.c, image_validate.c, tlv.c,
// bootutil_find_key.c, boot_record.c; facts: mcuboot 3.2 to 3.7. The model is
// of builds with MCUboot's own key table (KEYHASH) or MCUBOOT_HW_KEY (PUBKEY),
// not of MCUBOOT_BUILTIN_KEY and MCUBOOT_BYPASS_KEY_MATCH. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_PREDICTION_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_PREDICTION_H_

#include <string>
#include <vector>

#include "firmware/image/bytes.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/host/mcuboot_signature.h"
#include "firmware/image/host/mcuboot_step.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

// "starts", "refused", "stops", "undecided"
const char* NameOf(PredictedBoot boot);

struct Prediction {
  std::vector<CryptoLibrary> libraries;  // of the builds that it holds for
  PredictedBoot boot = PredictedBoot::kRefused;
  const LoaderStep* step = nullptr;  // where it ends; null: it starts
  std::string reason;                // what was found there
};

// One for all crypto libraries that the algorithm can have, or several where
// they differ. `image` is the slot's content from its first byte; what is
// missing up to the slot's end reads as erased flash (0xff).
std::vector<Prediction> PredictMcuboot(const mcuboot::Rules& rules,
                                       Bytes image);

// "MCUboot itself would boot this; Bootseal refuses it because ...", or the
// reverse, or that they agree.
std::string CompareWithVerdict(const Explanation& explanation,
                               const std::vector<Prediction>& predictions);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_PREDICTION_H_
