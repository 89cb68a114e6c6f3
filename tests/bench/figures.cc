#include "tests/bench/figures.h"

#include <cstdio>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "tests/support/process.h"
#include "tests/support/qemu.h"
#include "tests/support/receipt_log.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::mcuboot::Presence;

constexpr std::size_t kMaxFile = 1 << 24;
constexpr const char* kSlot1 = "0x10180000";
constexpr const char* kSlotOfImage1 = "0x10200000";
// boards/mps2/otp.cc: two keys of an image, 64 bytes each.
constexpr const char* kOtp = "0x10309000";
constexpr std::size_t kOtpSlot = 64;
// boards/mps2/flash.cc: behind the slots; erased, as flash is delivered.
constexpr const char* kCounterArea = "0x10300000";
constexpr std::size_t kCounterBytes = 0x2000;

std::string Read(const std::string& path) {
  return base::ReadFile(path, kMaxFile).value_or("");
}

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

void Apply(const Configuration& configuration, Device& device) {
  image::mcuboot::Rules& rules = device.rules();
  rules.strategy = configuration.strategy;
  rules.sector_size = 0x1000;
  if (configuration.plain) {
    rules.security_counter = Presence::kForbidden;
    rules.boot_record = Presence::kForbidden;
    rules.dependency = Presence::kForbidden;
  }
  if (configuration.images != Images::kOne) {
    rules.image_count = 2;
    rules.key_format = image::mcuboot::KeyFormat::kFull;
  }
  std::vector<std::string> options{"--log", configuration.log};
  if (configuration.images == Images::kTfm) {
    options.insert(options.end(), {"--configuration", "tfm"});
  }
  device.ProvisionWith(options);
}

// The hashes of both images' keys as the board's OTP holds them; their second
// slots are not in force.
std::string OtpOf(const Device& first, const Device& second) {
  std::string otp;
  for (const Device* device : {&first, &second}) {
    std::string keys = image::host::ToString(device->rules().key_hash);
    keys.resize(kOtpSlot, '\xff');
    otp += keys + std::string(kOtpSlot, '\xff');
  }
  return otp;
}

std::string PayloadOf(const Configuration& configuration) {
  return Read(absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", configuration.board,
                           "/payload-64k.bin"));
}

std::string ImageOf(const Configuration& configuration, const Device& device) {
  const std::string payload = PayloadOf(configuration);
  return configuration.plain ? device.Seal(payload, {}) : device.Seal(payload);
}

std::string WithReceipt(const ReceiptLog& log, const Device& device,
                        const std::string& payload) {
  ImageParts parts = device.Parts(payload);
  Embed(parts, log.For(parts).bytes());
  return Join(parts);
}

// QEMU's options that put `content` at `address`; it stays in `file`.
bool Load(std::vector<std::string>& options, const std::string& file,
          const std::string& address, const std::string& content) {
  options.push_back("-device");
  options.push_back(
      absl::StrCat("loader,force-raw=on,addr=", address, ",file=", file));
  return base::WriteFileAtomically(file, content).ok();
}

}  // namespace

std::optional<Figures> Measure(const Configuration& configuration) {
  const TemporaryFolder folder;
  Device device(configuration.algorithm);
  Device other(configuration.algorithm);  // image 1 of a pair
  Apply(configuration, device);
  Apply(configuration, other);
  const ReceiptLog log;
  const image::mcuboot::ReceiptRules receipt = log.rules();
  if (configuration.receipt) device.rules().receipt = &receipt;
  const std::string elf = folder.File("boot.elf");
  const std::string error =
      configuration.images != Images::kOne
          ? device.ProvisionPair(other, configuration.board, elf)
          : device.Provision(configuration.board, elf, configuration.crypto);
  const std::string image = folder.File("image");
  const std::string count = folder.File("count");
  std::vector<std::string> options{
      "-plugin", absl::StrCat(BOOTSEAL_COUNTER ",out=", count)};
  const std::string sealed =
      configuration.receipt ? WithReceipt(log, device, PayloadOf(configuration))
                            : ImageOf(configuration, device);
  bool written = base::WriteFileAtomically(image, sealed).ok();
  if (configuration.upgrades) {
    written &= Load(options, folder.File("waiting"), kSlot1,
                    device.WaitingSlot(sealed));
  }
  if (configuration.images != Images::kOne) {
    written &= Load(options, folder.File("image1"), kSlotOfImage1,
                    ImageOf(configuration, other));
  }
  if (configuration.images == Images::kTfm) {
    written &= Load(options, folder.File("otp"), kOtp, OtpOf(device, other)) &&
               Load(options, folder.File("counters"), kCounterArea,
                    std::string(kCounterBytes, '\xff'));
  }
  if (!error.empty() || !written) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return std::nullopt;
  }
  // The payload ends QEMU: nothing to wait for but its end.
  const std::string uart =
      UartOf({configuration.board, elf, image, options}, "no line has this");
  if (uart.find("payload: hello") == std::string::npos) {
    std::fprintf(stderr, "%s\n", uart.c_str());
    return std::nullopt;
  }
  Figures figures = SizesOf(elf);
  if (!absl::SimpleAtoi(Read(count), &figures.instructions)) {
    return std::nullopt;
  }
  return figures;
}

}  // namespace bootseal::tests
