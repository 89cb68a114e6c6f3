// Prints what the bootloaders weigh and how long they take: bytes of the ELF
// that ships, key and boot log included, and instructions from reset to the
// jump into a 64 KiB payload (QEMU counts instructions, not cycles).
//
// usage: boot_figures      both arithmetics: our own and mbedTLS's; then the
//                          upgrade strategies; then receipts
//        boot_figures --receipts
#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/support/device.h"
#include "tests/support/process.h"
#include "tests/support/qemu.h"
#include "tests/support/receipt_log.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::mcuboot::Strategy;

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

// What is measured beside board and algorithm.
struct Variant {
  Crypto crypto = Crypto::kOwn;
  Strategy strategy = Strategy::kSingleSlot;
  bool upgrades = false;  // an image of the same size waits in slot 1
  bool receipt = false;   // the image carries one, and the rules demand it
};

// Slot 1 as an update agent leaves it: the image, and a trailer that asks.
std::string WaitingSlot(const Device& device, const std::string& image) {
  std::string slot(device.rules().slot_size, '\xff');
  slot.replace(0, image.size(), image);
  const std::string magic =
      image::host::ToString(image::mcuboot::TrailerMagicOf(8));
  return slot.replace(slot.size() - magic.size(), magic.size(), magic);
}

std::optional<Figures> Measure(const std::string& board,
                               image::Algorithm algorithm,
                               const Variant& variant) {
  const TemporaryFolder folder;
  Device device(algorithm);
  device.rules().strategy = variant.strategy;
  device.rules().sector_size = 0x1000;
  const ReceiptLog log;
  const image::mcuboot::ReceiptRules receipt = log.rules();
  if (variant.receipt) device.rules().receipt = &receipt;
  const std::string elf = folder.File("boot.elf");
  const std::string image = folder.File("image");
  const std::string count = folder.File("count");
  const std::string error = device.Provision(board, elf, variant.crypto);
  const std::string payload = Read(
      absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board, "/payload-64k.bin"));
  ImageParts parts = device.Parts(payload);
  if (variant.receipt) Embed(parts, log.For(parts).bytes());
  const std::string sealed = Join(parts);
  const std::string waiting = folder.File("waiting");
  if (!error.empty() || !base::WriteFileAtomically(image, sealed).ok() ||
      !base::WriteFileAtomically(waiting, WaitingSlot(device, sealed)).ok()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return std::nullopt;
  }
  std::vector<std::string> options{
      "-plugin", absl::StrCat(BOOTSEAL_COUNTER ",out=", count)};
  if (variant.upgrades) {
    options.push_back("-device");
    options.push_back("loader,force-raw=on,addr=0x10180000,file=" + waiting);
  }
  // The payload ends QEMU: nothing to wait for but its end.
  const std::string uart =
      UartOf({board, elf, image, options}, "no line has this");
  if (uart.find("payload: hello") == std::string::npos) {
    std::fprintf(stderr, "%s\n", uart.c_str());
    return std::nullopt;
  }
  Figures figures = SizesOf(elf);
  figures.instructions = Read(count);
  return figures;
}

bool MeasureBoth(const char* board, const image::AlgorithmTraits& traits) {
  const auto own = Measure(board, traits.algorithm, {Crypto::kOwn});
  const auto library = Measure(board, traits.algorithm, {Crypto::kLibrary});
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

struct StrategyName {
  const char* name;
  Strategy strategy;
  bool upgrades;  // it moves images
};
constexpr StrategyName kStrategies[] = {
    {"single slot", Strategy::kSingleSlot, false},
    {"overwrite", Strategy::kOverwriteOnly, true},
    {"swap", Strategy::kSwapMove, true},
    {"direct-xip", Strategy::kDirectXip, false},
};

bool MeasureStrategy(const StrategyName& row,
                     const image::AlgorithmTraits& traits) {
  const char* board = "mps2-an505";
  const auto boot =
      Measure(board, traits.algorithm, {Crypto::kOwn, row.strategy});
  if (!boot) return false;
  std::string upgrade = "";
  if (row.upgrades) {
    const auto measured =
        Measure(board, traits.algorithm, {Crypto::kOwn, row.strategy, true});
    if (!measured) return false;
    upgrade = measured->instructions;
  }
  std::printf("| %s | %s | %lu | %lu | %s | %s |\n", traits.name, row.name,
              boot->text, boot->ram, boot->instructions.c_str(),
              upgrade.c_str());
  return true;
}

bool MeasureStrategies() {
  std::printf(
      "\n| algorithm | strategy | text | RAM | boot | upgrade |\n"
      "|---|---|--:|--:|--:|--:|\n");
  for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
    for (const StrategyName& row : kStrategies) {
      if (!MeasureStrategy(row, traits)) return false;
    }
  }
  return true;
}

bool MeasureReceipt(const char* board, const image::AlgorithmTraits& traits) {
  const auto without = Measure(board, traits.algorithm, {});
  const auto with = Measure(board, traits.algorithm, {.receipt = true});
  if (!without || !with) return false;
  std::printf("| %s | %s | %lu | %lu | %lu | %s | %s |\n", board, traits.name,
              without->text, with->text, with->text - without->text,
              without->instructions.c_str(), with->instructions.c_str());
  return true;
}

// What is not in the log does not boot: what that takes.
bool MeasureReceipts() {
  std::printf(
      "\n| board | algorithm | text: without | with a receipt | more "
      "| instructions: without | with |\n|---|---|--:|--:|--:|--:|--:|\n");
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
      if (!MeasureReceipt(board, traits)) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  using namespace bootseal::tests;
  const bool receipts_alone = argc == 2 && std::string(argv[1]) == "--receipts";
  if (receipts_alone) return MeasureReceipts() ? 0 : 1;
  return MeasureAll() && MeasureStrategies() && MeasureReceipts() ? 0 : 1;
}
