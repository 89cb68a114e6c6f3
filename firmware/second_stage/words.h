// The lines of the boot log: one fact each, what is wrong with its text and
// code.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_WORDS_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_WORDS_H_

#include "firmware/image/certificate/judge.h"
#include "firmware/image/fwu/replicas.h"
#include "firmware/image/fwu/selection.h"
#include "firmware/image/result.h"

namespace bootseal::second_stage {

// "digest does not match (0x12345678)"
void PrintError(image::Error error);
void PrintTableDamage(image::Error error);
void PrintReplicaError(image::fwu::Replica replica, image::Error error);
void PrintMetadata(const image::fwu::Chosen& chosen);
void PrintSelection(const image::fwu::Selection& selection);
void PrintBankRefusal(std::uint8_t bank, image::Error error,
                      const image::certificate::Place& place);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_WORDS_H_
