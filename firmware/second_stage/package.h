// Brings the package of one bank into memory and has it verified there. Not
// thread-safe; one at a time: the next one lies where the last one did.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_PACKAGE_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_PACKAGE_H_

#include "firmware/image/certificate/judge.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/certificate/verified_package.h"
#include "firmware/image/result.h"
#include "firmware/second_stage/placement.h"

namespace bootseal::second_stage {

// Images go to boards::LoadArea, are hashed there, and are never read again; of
// a package that is refused zeros are left.
// kStorage, the errors of fip::ReadToc and of certificate::Verifier,
// kImageTooLarge and kUnsupported for an image that the board has no place for.
// `place` says what an error is about.
image::Result<image::certificate::VerifiedPackage> VerifyPackage(
    const Area& bank, const image::certificate::Rules& rules,
    image::certificate::Place& place);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_PACKAGE_H_
