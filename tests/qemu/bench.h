// A provisioned bootloader on its board, ready to be given images.
#ifndef BOOTSEAL_TESTS_QEMU_BENCH_H_
#define BOOTSEAL_TESTS_QEMU_BENCH_H_

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/result.h"
#include "tests/support/device.h"
#include "tests/support/qemu.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

void WriteFile(const std::string& path, const std::string& content);

// The board's own payload, as the cross build made it.
std::string Payload(const std::string& board);
// The same, linked for slot 1.
std::string PayloadForSlot1(const std::string& board);

class Bench {
 public:
  Bench(const Device& device, const std::string& board,
        Crypto crypto = Crypto::kOwn);

  // As the bootloader names itself: "mps2-an505 p256-library".
  std::string name() const { return board_ + " " + backend_; }

  // The bootloader, and the board with `image` in slot 0: one image at a time.
  std::string elf() const { return folder_.File("boot.elf"); }
  tests::Boot With(const std::string& image) const;

  // The boot log with `image` in slot 0, up to a line with `expected`.
  std::string Boot(const std::string& image, const std::string& expected) const;

  // "bootseal: refused: ..." and the whole log of a refusal at once.
  std::string RefusalLine(image::Error error) const;
  std::string Refusal(image::Error error) const;

 private:
  TemporaryFolder folder_;
  std::string board_;
  std::string backend_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_BENCH_H_
