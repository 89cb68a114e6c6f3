// Prints what the second stages weigh, and how many instructions the stand-in's
// takes from reset to the jump with a FIP of 1 MiB (QEMU counts instructions,
// not cycles), and with one of half of it: what a byte costs, and what the
// rest.
//
// usage: second_stage_figures
#include <cstdio>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/qemu/package_device.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

constexpr std::size_t kMib = 1 << 20;

void PrintSizes(const std::string& board) {
  const std::string elf = absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board,
                                       "/second-stage-", board, "-p256.elf");
  std::istringstream lines(Run({"arm-none-eabi-size", elf}).out);
  std::string header;
  std::getline(lines, header);
  unsigned long text = 0, data = 0, bss = 0;
  lines >> text >> data >> bss;
  std::printf("| %s | %lu | %lu | %lu |\n", board.c_str(), text, data, bss);
}

// A package of exactly `size` bytes: nt-fw takes what the rest leaves.
std::string PackageOfSize(std::size_t size) {
  PackageOrder order{.text = "figures, exit"};
  order.nt_fw = BuiltFor(StandIn(), "normal_world.bin");
  for (;;) {
    const std::size_t now = PackageFor(StandIn(), order).size();
    // A signature is a byte longer or shorter each time.
    if (now + 16 >= size) return PackageFor(StandIn(), order);
    order.nt_fw.resize(order.nt_fw.size() + size - now - 8, '\x5a');
  }
}

std::string Instructions(std::size_t size) {
  PackageDeviceOrder order;
  order.states[1] = image::fwu::BankState::kInvalid;
  order.fips[0] = PackageOfSize(size);
  const PackageDevice device(StandIn(), order);
  Boot machine = device.Machine();
  const std::string count = device.File("count");
  machine.options.insert(
      machine.options.end(),
      {"-plugin", absl::StrCat(BOOTSEAL_COUNTER ",out=", count,
                               ",begin=0x8f800000,end=0x8f820000")});
  // The next stage ends QEMU: nothing to wait for but its end.
  const std::string log =
      UartOf(machine, "no line has this", std::chrono::seconds(60));
  if (log.find("nt-fw: figures") == std::string::npos) {
    std::fprintf(stderr, "%s\n", log.c_str());
    return "failed";
  }
  return base::ReadFile(count, 64).value_or("failed");
}

}  // namespace
}  // namespace bootseal::tests

int main() {
  using namespace bootseal::tests;
  std::printf("| board | text | data | bss |\n|---|--:|--:|--:|\n");
  for (const char* board :
       {"mcimx7d-sabre", "orangepi-pc", "virt", "stm32mp15", "stm32mp13"}) {
    PrintSizes(board);
  }
  std::printf("\n| FIP | instructions |\n|---|--:|\n");
  std::printf("| 1 MiB | %s |\n", Instructions(kMib).c_str());
  std::printf("| 512 KiB | %s |\n", Instructions(kMib / 2).c_str());
  return 0;
}
