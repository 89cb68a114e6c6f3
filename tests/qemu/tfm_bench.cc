#include "tests/qemu/tfm_bench.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/qemu/bench.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using image::mcuboot::KeyFormat;
using image::mcuboot::Strategy;

constexpr std::uint32_t kSector = 0x1000;
constexpr std::uint32_t kHeader = 0x400;
constexpr std::array<const char*, 2> kSoftwareTypes{"SPE", "NSPE"};

std::string LittleEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xff);
  }
  return text;
}

std::uint32_t WordAt(const std::string& bytes, std::size_t at) {
  return image::Reader(AsBytes(bytes).subspan(at, 4)).U32();
}

}  // namespace

std::string U16(std::uint32_t value) { return LittleEndian(value, 2); }
std::string U32(std::uint32_t value) { return LittleEndian(value, 4); }

TfmBench::TfmBench(image::Algorithm algorithm, Strategy strategy)
    : images_{Device(algorithm), Device(algorithm)} {
  for (int image = 0; image < 2; ++image) {
    image::mcuboot::Rules& rules = of(image).rules();
    rules.strategy = strategy;
    rules.sector_size = kSector;
    rules.image_count = 2;
    rules.key_format = KeyFormat::kFull;
    rules.software_type =
        AsBytes(kSoftwareTypes[static_cast<std::size_t>(image)]);
  }
}

std::string TfmBench::Provision(const std::vector<std::string>& options,
                                const std::string& more) {
  of(0).ProvisionWith(options);
  return of(0).ProvisionPair(of(1), kTfmBoard, elf(), more);
}

void TfmBench::Start(const std::vector<std::string>& options,
                     const std::string& more) {
  EXPECT_EQ(Provision(options, more), "");
  board_.emplace(Boot{kTfmBoard, elf(), ""});
  heard_ = 0;
}

std::string TfmBench::Seal(int image, std::uint32_t counter, std::uint8_t major,
                           std::uint8_t wants_of_other) {
  return SealWith(of(image), image, counter, major, wants_of_other);
}

std::string TfmBench::SealWith(Device& key, int image, std::uint32_t counter,
                               std::uint8_t major,
                               std::uint8_t wants_of_other) {
  const image::mcuboot::Dependency dependency{
      static_cast<std::uint8_t>(1 - image), {wants_of_other, 0, 0, 0}};
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = counter;
  tlvs.software_type = AsBytes(kSoftwareTypes[static_cast<std::size_t>(image)]);
  tlvs.dependencies = {&dependency, 1};
  return key.Seal(Payload(kTfmBoard), tlvs, {major, 2, 3, 4});
}

void TfmBench::ProgramKey(int image, int slot, const std::string& hash) {
  board_->Write(kOtp + static_cast<std::uint32_t>(2 * image + slot) * kOtpSlot,
                hash);
}

void TfmBench::ProgramKeys() {
  for (int image = 0; image < 2; ++image) {
    ProgramKey(image, 0, ToString(of(image).rules().key_hash));
  }
}

void TfmBench::Put(std::uint32_t slot, const std::string& image) {
  board_->Write(slot, image);
}

void TfmBench::AskForUpgrade(int image) {
  const std::uint32_t end = SecondaryOf(image) + of(image).rules().slot_size;
  board_->Write(end - kSector, std::string(kSector, '\xff'));
  board_->Write(end - 16, ToString(image::mcuboot::TrailerMagicOf(8)));
}

void TfmBench::Confirm(int image) {
  const auto layout = image::mcuboot::LayOutTrailer(of(image).rules());
  board_->Write(PrimaryOf(image) + layout.image_ok, "\x01");
}

std::string TfmBench::BootToPayload() {
  const std::string payload = Payload(kTfmBoard);
  const std::uint32_t entry = WordAt(payload, 4) & ~1U;
  EXPECT_TRUE(board_->RunTo(entry)) << board_->Uart();
  const std::string said = board_->UartSince(heard_, "verified; starting");
  heard_ += said.size();
  return said;
}

std::string TfmBench::BootToRefusal() {
  const std::string said = board_->RunToRefusal(heard_);
  heard_ += said.size();
  const std::size_t last = said.find("bootseal: refused");
  return last == std::string::npos ? said : said.substr(last);
}

std::array<std::uint32_t, 2> TfmBench::Counters() {
  const std::string area = board_->Read(kCounterRecords, 2 * kSector);
  std::array<std::uint32_t, 2> highest{};
  for (std::size_t at = 0; at + 16 <= area.size(); at += 16) {
    const std::uint32_t first = WordAt(area, at);
    const std::uint32_t second = WordAt(area, at + 4);
    if (WordAt(area, at + 8) != ~first || WordAt(area, at + 12) != ~second) {
      continue;
    }
    highest[0] = std::max(highest[0], first);
    highest[1] = std::max(highest[1], second);
  }
  return highest;
}

std::string ExpectedRecord(const std::string& software_type,
                           const std::string& version, const Device& device,
                           const std::string& image) {
  const auto text = [](const std::string& value) {
    return static_cast<char>(0x60 + value.size()) + value;
  };
  // Header, payload, protected TLVs.
  const std::size_t signed_bytes =
      kHeader + WordAt(image, 12) + (WordAt(image, 8) >> 16);
  const std::string measurement =
      ToString(image::HashOf(image::HashAlgorithm::kSha256,
                             AsBytes(image).first(signed_bytes))
                   .bytes());
  return absl::StrCat("\xa5\x01", text(software_type), "\x04", text(version),
                      "\x05\x58\x20", ToString(device.rules().key_hash), "\x06",
                      text("SHA256"), "\x02\x58\x20", measurement);
}

std::string Entry(std::uint16_t type, const std::string& value) {
  return U16(type) + U16(static_cast<std::uint32_t>(value.size())) + value;
}

std::string ExpectedArea(const std::string& entries) {
  std::string area = "\x16\x20" +
                     U16(static_cast<std::uint32_t>(4 + entries.size())) +
                     entries;
  area.resize(kSharedDataBytes, '\0');
  return area;
}

}  // namespace bootseal::tests
