// A disk that boots, and any bytes over its tables, its metadata, its banks:
// every check comes to its end, and only what is whole boots without a word.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/fwu/byte_source.h"
#include "client/layout/check.h"
#include "tests/client/layout/sample_flash.h"

namespace {

using namespace bootseal;
using namespace bootseal::layout;

// Where an input's bytes may go: after a byte that chooses, and two more that
// say how far behind.
constexpr std::array<std::uint64_t, 8> kPlaces = {
    0, 446, 512, 1024, 0x4400, 0x84400, 0xc4400, 0x104400};

void Demand(bool holds) {
  if (!holds) std::abort();
}

// MBR, GPT and banks up to where nothing is but zeros.
const std::string& Front() {
  static const auto* front = new std::string(GoodFlash("sd").substr(0, 2 << 20));
  return *front;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 4 || size > 4096) return 0;
  std::string flash = Front();
  const std::uint64_t place =
      kPlaces[data[0] % kPlaces.size()] + (data[1] | data[2] << 8) % 4096;
  flash.replace(place, size - 3, reinterpret_cast<const char*>(data + 3),
                size - 3);
  const auto source = fwu::FromMemory(flash);
  for (const StoreLayout& store : Stores()) {
    for (const Generation& generation : Generations()) {
      const Report report =
          CheckFlash(*source, Build{Boards()[0], store, generation}, "x");
      Demand(!FormatText(report).empty() && !FormatJson(report).empty());
      Demand(!report.bootable() || report.evidence.first_boot.bank.has_value());
    }
  }
  return 0;
}
