// What the payloads of QEMU boards may do beside talking.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_PAYLOAD_RESTART_H_
#define BOOTSEAL_FIRMWARE_BOARDS_PAYLOAD_RESTART_H_

namespace bootseal::boards {

// Resets the board at once; returns where it cannot be.
void Restart();

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_PAYLOAD_RESTART_H_
