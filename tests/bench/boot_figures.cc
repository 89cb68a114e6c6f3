// Prints what the bootloaders weigh and how long they take: bytes of the ELF
// that ships, key and boot log included, and instructions from reset to the
// jump into a 64 KiB payload (QEMU counts instructions, not cycles).
//
// usage: boot_figures      MCUboot's figures: the table in README.md beside
// this
#include <cstdio>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"
#include "tests/support/device.h"
#include "tests/support/process.h"
#include "tests/support/qemu.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

constexpr std::size_t kMaxFile = 1 << 24;

std::string Read(const std::string& path) {
  return base::ReadFile(path, kMaxFile).value();
}

// The second line of size(1): text, data, bss.
std::string SizesOf(const std::string& elf) {
  std::istringstream lines(Run({"arm-none-eabi-size", elf}).out);
  std::string header, text, data, bss;
  std::getline(lines, header);
  lines >> text >> data >> bss;
  return absl::StrCat(text, " | ", data, " | ", bss);
}

bool Measure(const std::string& board, const image::AlgorithmTraits& traits) {
  const TemporaryFolder folder;
  const Device device(traits.algorithm);
  const std::string elf = folder.File("boot.elf");
  const std::string image = folder.File("image");
  const std::string count = folder.File("count");
  const std::string error = device.Provision(board, elf);
  const std::string payload = Read(
      absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board, "/payload-64k.bin"));
  if (!error.empty() ||
      !base::WriteFileAtomically(image, device.Seal(payload)).ok()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return false;
  }
  // The payload ends QEMU: nothing to wait for but its end.
  const std::string log =
      UartOf({board,
              elf,
              image,
              {"-plugin", absl::StrCat(BOOTSEAL_COUNTER ",out=", count)}},
             "no line has this");
  if (log.find("payload: hello") == std::string::npos) {
    std::fprintf(stderr, "%s\n", log.c_str());
    return false;
  }
  std::printf("| %s | %s | %s | %s |\n", board.c_str(), traits.name,
              SizesOf(elf).c_str(), Read(count).c_str());
  return true;
}

bool MeasureAll() {
  std::printf("| board | algorithm | text | data | bss | instructions |\n");
  std::printf("|---|---|--:|--:|--:|--:|\n");
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
      if (!Measure(board, traits)) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace bootseal::tests

int main() { return bootseal::tests::MeasureAll() ? 0 : 1; }
