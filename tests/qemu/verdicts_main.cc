// Another program on the board instead of the bootloader: it verifies what lies
// in slot 0 with the crypto that the bootloader would have, and prints each
// verdict. Included behind the rules of a test, its Main takes the place of the
// archive's boot/main.cc.
//
// The slot: a number of cases, and of each the sizes of public key, digest and
// signature, and these, one after the other. Numbers are 32 bits,
// little-endian.
#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/log.h"
#include "firmware/image/crypto.h"

namespace bootseal::arch {

void Main() {
  boards::Init();
  image::Reader slot(boards::PrimarySlot());
  for (std::uint32_t left = slot.U32(); left > 0; --left) {
    const std::uint32_t key_size = slot.U32();
    const std::uint32_t digest_size = slot.U32();
    const std::uint32_t signature_size = slot.U32();
    const image::Bytes key = slot.Take(key_size);
    const image::Bytes digest = slot.Take(digest_size);
    const image::Bytes signature = slot.Take(signature_size);
    boot::PrintHex(static_cast<std::uint32_t>(
        image::VerifySignature(kAlgorithm, key, digest, signature)));
    boot::Print("\n");
  }
  boot::Print("done\n");
  Stop();
}

void OnFault() {
  boot::Print("fault\n");
  Stop();
}

}  // namespace bootseal::arch
