// Prints what the bootloaders weigh and how long they take: bytes of the ELF
// that ships, key and boot log included, and instructions from reset to the
// jump into a 64 KiB payload (QEMU counts instructions, not cycles).
//
// usage: boot_figures      both arithmetics: our own and mbedTLS's
#include <cstdio>
#include <optional>
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

struct Figures {
  unsigned long text = 0;
  unsigned long ram = 0;  // data, bss and stack
  std::string instructions;
};

// From the second line of size(1): text, data, bss.
Figures SizesOf(const std::string& elf) {
  std::istringstream lines(Run({"arm-none-eabi-size", elf}).out);
  std::string header;
  std::getline(lines, header);
  Figures figures;
  unsigned long data = 0, bss = 0;
  lines >> figures.text >> data >> bss;
  figures.ram = data + bss;
  return figures;
}

std::optional<Figures> Measure(const std::string& board,
                               image::Algorithm algorithm, Crypto crypto) {
  const TemporaryFolder folder;
  const Device device(algorithm);
  const std::string elf = folder.File("boot.elf");
  const std::string image = folder.File("image");
  const std::string count = folder.File("count");
  const std::string error = device.Provision(board, elf, crypto);
  const std::string payload = Read(
      absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board, "/payload-64k.bin"));
  if (!error.empty() ||
      !base::WriteFileAtomically(image, device.Seal(payload)).ok()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return std::nullopt;
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
    return std::nullopt;
  }
  Figures figures = SizesOf(elf);
  figures.instructions = Read(count);
  return figures;
}

bool MeasureBoth(const char* board, const image::AlgorithmTraits& traits) {
  const auto own = Measure(board, traits.algorithm, Crypto::kOwn);
  const auto library = Measure(board, traits.algorithm, Crypto::kLibrary);
  if (!own || !library) return false;
  std::printf("| %s | %s | %lu | %lu | %lu | %lu | %s | %s |\n", board,
              traits.name, own->text, library->text, own->ram, library->ram,
              own->instructions.c_str(), library->instructions.c_str());
  return true;
}

bool MeasureAll() {
  std::printf(
      "| board | algorithm | text: own | library | RAM: own | library "
      "| instructions: own | library |\n"
      "|---|---|--:|--:|--:|--:|--:|--:|\n");
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
      if (!MeasureBoth(board, traits)) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace bootseal::tests

int main() { return bootseal::tests::MeasureAll() ? 0 : 1; }
