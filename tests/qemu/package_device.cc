#include "tests/qemu/package_device.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/layout/create.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "firmware/second_stage/report.h"

namespace bootseal::tests {
namespace {

using image::certificate::ImageRole;
using image::certificate::IndexOf;
using image::host::AsBytes;

constexpr std::size_t kMaxFile = 16 << 20;
constexpr std::uint64_t kNorBytes = 64 << 20;
constexpr std::uint64_t kOtpPage = 0x1000;

std::string ReadAt(const std::string& path, std::uint64_t offset,
                   std::size_t size) {
  std::string bytes(size, '\0');
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(pread(file, bytes.data(), size, static_cast<off_t>(offset)),
            static_cast<ssize_t>(size));
  close(file);
  return bytes;
}

void WriteAt(const std::string& path, std::uint64_t offset,
             const std::string& bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  EXPECT_EQ(
      pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
      static_cast<ssize_t>(bytes.size()));
  close(file);
}

void Grow(const std::string& path, std::uint64_t size) {
  std::error_code error;
  std::filesystem::resize_file(path, size, error);
  EXPECT_FALSE(error) << path << ": " << error.message();
}

std::string WordBytes(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

std::string MetadataOf(const PackageDeviceOrder& order) {
  image::fwu::Metadata metadata;
  metadata.version = order.metadata_version;
  metadata.active = order.active;
  metadata.previous = order.previous;
  metadata.geometry = {2, 1};
  metadata.images[0].type = image::guids::kFip;
  metadata.images[0].banks[0].guid = image::guids::kFipA;
  metadata.images[0].banks[1].guid = image::guids::kFipB;
  for (std::size_t bank = 0; bank < 2; ++bank) {
    metadata.states[bank] = order.states[bank];
    metadata.images[0].banks[bank].accepted =
        order.states[bank] == image::fwu::BankState::kAccepted;
  }
  std::array<std::byte, 512> buffer;
  const auto written = image::fwu::WriteMetadata(metadata, {}, buffer);
  EXPECT_TRUE(written.ok());
  return image::host::ToString(*written);
}

std::string NameOf(image::fwu::BankState state) {
  switch (state) {
    case image::fwu::BankState::kInvalid:
      return "invalid";
    case image::fwu::BankState::kValid:
      return "valid";
    case image::fwu::BankState::kAccepted:
      return "accepted";
  }
  return "";
}

}  // namespace

// Its clock counts instructions, 32 ns for each: on a machine that is busy with
// other things the watchdog is as patient as on one that is not.
const PackageBoard& StandIn() {
  static const auto* board =
      new PackageBoard{"mcimx7d-sabre",
                       "mcimx7d-sabre,memory-backend=ram",
                       {"-icount", "shift=5"},
                       0x80000000,
                       256 << 20,
                       0x8fff0000,
                       "sd"};
  return *board;
}

const PackageBoard& OrangePi() {
  static const auto* board = new PackageBoard{"orangepi-pc",
                                              "orangepi-pc,memory-backend=ram",
                                              {},
                                              0x40000000,
                                              1 << 30,
                                              0x5fff0000,
                                              "sd"};
  return *board;
}

const PackageBoard& NorBoard() {
  static const auto* board =
      new PackageBoard{"virt",
                       "virt,secure=on,memory-backend=ram",
                       {"-cpu", "cortex-a7"},
                       0x40000000,
                       128 << 20,
                       0x47ff0000,
                       "nor"};
  return *board;
}

std::string BuiltFor(const PackageBoard& board, const std::string& name) {
  absl::StatusOr<std::string> content = base::ReadFile(
      absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board.name, "/", name),
      kMaxFile);
  EXPECT_EQ(content.status(), absl::OkStatus());
  return content.ok() ? *std::move(content) : std::string();
}

PackageImages ImagesFor(const PackageBoard& board, const PackageOrder& order) {
  PackageImages images;
  images[IndexOf(ImageRole::kFwConfig)] = "fw-config";
  images[IndexOf(ImageRole::kHwConfig)] = order.text + '\0';
  images[IndexOf(ImageRole::kTosFw)] = BuiltFor(board, "trusted_world.bin");
  images[IndexOf(ImageRole::kNtFw)] =
      order.nt_fw.empty() ? BuiltFor(board, "normal_world.bin") : order.nt_fw;
  return images;
}

Certificates CertificatesFor(const PackageImages& images,
                             std::uint32_t counter) {
  image::host::CertificateRequest request = SmallRequest();
  request.trusted_counter = counter;
  request.non_trusted_counter = counter;
  for (std::size_t i = 0; i < images.size(); ++i) {
    request.digests[i] = images[i].empty() ? "" : Sha256(images[i]);
  }
  return SignedAll(request);
}

std::string PackageFor(const PackageBoard& board, const PackageOrder& order) {
  const PackageImages images = ImagesFor(board, order);
  return FipOf(CertificatesFor(images, order.counter), images);
}

PackageDevice::PackageDevice(const PackageBoard& board,
                             const PackageDeviceOrder& order)
    : board_(board),
      elf_(absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board.name,
                        "/second-stage-", board.name, "-p256.elf")) {
  MakeDisk(order);
  WriteAt(RamPath(), 0, "");
  Grow(RamPath(), board_.memory);
  FuseRootKey(SharedChainKeys().root.public_key());
  SetCounter(5);
  SetBootRegister(0, 3);
}

void PackageDevice::MakeDisk(const PackageDeviceOrder& order) {
  const auto* chip = layout::FindBoard("stm32mp157");
  const auto* store = layout::FindStore(board_.store);
  ASSERT_TRUE(chip != nullptr && store != nullptr);
  layout::CreateOrder create{
      {*chip, *store, layout::GenerationOf(order.metadata_version)}};
  create.metadata = MetadataOf(order);
  create.fip_a = order.fips[0];
  create.fip_b = order.fips[1];
  if (board_.store == "nor") create.size = kNorBytes;
  const auto created = layout::CreateFlash(create, DiskPath());
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(created->image.WriteTo(DiskPath()), absl::OkStatus());
}

tests::Boot PackageDevice::Machine() const {
  tests::Boot boot{board_.machine, elf_, "", board_.options};
  const std::string bytes = absl::StrCat(board_.memory);
  boot.options.insert(boot.options.end(),
                      {"-m", absl::StrCat(board_.memory >> 20), "-object",
                       absl::StrCat("memory-backend-file,id=ram,share=on,size=",
                                    bytes, ",mem-path=", RamPath())});
  if (board_.store != "nor") {
    boot.options.insert(boot.options.end(),
                        {"-drive", "if=sd,format=raw,file=" + DiskPath()});
    return boot;
  }
  // It starts where the processor does.
  boot.elf.clear();
  WriteAt(File("flash0.img"), 0,
          BuiltFor(board_,
                   absl::StrCat("second-stage-", board_.name, "-p256.bin")));
  Grow(File("flash0.img"), kNorBytes);
  boot.options.insert(
      boot.options.end(),
      {"-drive", "if=pflash,unit=0,format=raw,file=" + File("flash0.img"),
       "-drive", "if=pflash,unit=1,format=raw,file=" + DiskPath()});
  return boot;
}

std::string PackageDevice::Boot(const std::string& expected,
                                std::chrono::seconds limit) const {
  return UartOf(Machine(), expected, limit);
}

std::uint32_t PackageDevice::Word(std::uint64_t address) const {
  const std::string bytes = ReadAt(RamPath(), address - board_.ram, 4);
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

void PackageDevice::SetWord(std::uint64_t address, std::uint32_t value) const {
  WriteAt(RamPath(), address - board_.ram, WordBytes(value));
}

std::uint32_t PackageDevice::Register(boards::BackupRegister which) const {
  return Word(board_.backup + 4 * static_cast<std::uint64_t>(which));
}

void PackageDevice::SetRegister(boards::BackupRegister which,
                                std::uint32_t value) const {
  SetWord(board_.backup + 4 * static_cast<std::uint64_t>(which), value);
}

void PackageDevice::SetBootRegister(std::uint8_t bank,
                                    std::uint8_t trials) const {
  SetRegister(boards::BackupRegister::kBoot, std::uint32_t{trials} << 4 | bank);
  SetRegister(boards::BackupRegister::kDomain, second_stage::kDomainWord);
}

void PackageDevice::LoseBackupDomain() const {
  for (std::uint64_t offset = 0; offset < 0x20; offset += 4) {
    SetWord(board_.backup + offset, 0);
  }
}

void PackageDevice::FuseRootKey(const std::string& public_key) const {
  const auto hash =
      image::host::Stm32KeyHash(image::stm32::Version::kV1, public_key);
  ASSERT_TRUE(hash.ok()) << hash.status();
  std::uint64_t address = board_.backup + kOtpPage;
  const auto words = image::host::OtpWords(image::stm32::Version::kV1, *hash);
  ASSERT_TRUE(words.ok()) << words.status();
  for (const auto& word : *words) {
    SetWord(address, word.value);
    address += 4;
  }
}

std::string PackageDevice::Disk(std::uint64_t offset, std::size_t size) const {
  return ReadAt(DiskPath(), offset, size);
}

void PackageDevice::WriteDisk(std::uint64_t offset,
                              const std::string& bytes) const {
  WriteAt(DiskPath(), offset, bytes);
}

void PackageDevice::Damage(std::uint64_t offset) const {
  std::string byte = Disk(offset, 1);
  byte[0] = static_cast<char>(byte[0] ^ 0x10);
  WriteDisk(offset, byte);
}

std::uint64_t PackageDevice::MetadataOffset(int copy) const {
  const auto& layout = *layout::FindStore(board_.store);
  return layout::FindPlace(layout, copy == 0 ? "metadata1" : "metadata2")
      ->offset;
}

std::uint64_t PackageDevice::BankOffset(int bank) const {
  const auto& layout = *layout::FindStore(board_.store);
  return layout::FindPlace(layout, bank == 0 ? "fip-a" : "fip-b")->offset;
}

std::uint64_t PackageDevice::DiskBytes() const {
  return std::filesystem::file_size(DiskPath());
}

std::string PackageDevice::MetadataText(int copy) const {
  const std::string bytes = Disk(MetadataOffset(copy), 512);
  const auto read = image::fwu::ReadMetadata(AsBytes(bytes), {2, 1});
  if (!read.ok()) return image::host::NameOf(read.error());
  const image::fwu::Metadata& metadata = read->metadata;
  return absl::StrCat("version ", metadata.version, ", active ",
                      metadata.active, ", previous ", metadata.previous, ", ",
                      NameOf(metadata.states[0]), ", ",
                      NameOf(metadata.states[1]));
}

}  // namespace bootseal::tests
