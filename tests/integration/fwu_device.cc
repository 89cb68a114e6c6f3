#include "tests/integration/fwu_device.h"

#include <jansson.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/fwu/replicas.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kEraseBlock = 4096;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// One partition after another, as a card of an STM32MP1 has them.
std::vector<std::string> SgdiskOptions(std::uint64_t bank_bytes) {
  struct Partition {
    const char* name;
    std::uint64_t bytes;
    const char* type;
    const char* unique;
  };
  const char* binary = "8da63339-0007-60c0-c436-083ac8230908";
  const char* metadata = "8a7a84a0-8387-40f6-ab41-a8b9a5a60d23";
  const Partition partitions[] = {
      {"fsbl1", 256 << 10, binary, nullptr},
      {"fsbl2", 256 << 10, binary, nullptr},
      {"metadata1", 256 << 10, metadata, nullptr},
      {"metadata2", 256 << 10, metadata, nullptr},
      {"fip-a", bank_bytes, kFipTypeGuid, kFipAGuid},
      {"fip-b", bank_bytes, kFipTypeGuid, kFipBGuid}};
  std::vector<std::string> options{"-a", "1"};
  std::uint64_t first = 34;
  int number = 1;
  for (const Partition& each : partitions) {
    const std::uint64_t last = first + each.bytes / kSector - 1;
    options.insert(options.end(),
                   {"-n", absl::StrCat(number, ":", first, ":", last), "-c",
                    absl::StrCat(number, ":", each.name), "-t",
                    absl::StrCat(number, ":", each.type)});
    if (each.unique != nullptr) {
      options.insert(options.end(),
                     {"-u", absl::StrCat(number, ":", each.unique)});
    }
    first = last + 1;
    ++number;
  }
  return options;
}

using JsonPtr = std::unique_ptr<json_t, decltype(&json_decref)>;

JsonPtr Parse(const std::string& text) {
  return {json_loads(text.c_str(), 0, nullptr), &json_decref};
}

std::string TextOf(const json_t* value) {
  if (json_is_string(value)) return json_string_value(value);
  if (json_is_integer(value)) return absl::StrCat(json_integer_value(value));
  if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
  return "";
}

}  // namespace

FwuDevice::FwuDevice(const FactoryDevice& factory) : factory_(factory) {
  MakeDisk();
  // Zeros behind it, to the end of its unit.
  std::string copy = factory.metadata;
  copy.resize(factory.kind == DeviceKind::kRaw ? kEraseBlock : kSector);
  for (const std::uint64_t offset : metadata_) Put(offset, copy);
  Put(banks_[0], factory.fip);
  WriteFile(File("release.pem"), factory.release_key_pem);
  SetCounter(5);
  WriteBootRegister();
  WriteFile(File("fwu.conf"), Configuration());
}

void FwuDevice::MakeDisk() {
  if (factory_.kind == DeviceKind::kRaw) {
    // As on NOR: two erase blocks, and the banks behind.
    metadata_[0] = 0x80000;
    metadata_[1] = 0xc0000;
    banks_[0] = 0x100000;
    banks_[1] = banks_[0] + factory_.bank_bytes;
    WriteFile(DiskPath(), std::string(banks_[1] + factory_.bank_bytes, '\xff'));
    return;
  }
  metadata_[0] = 1058 * kSector;
  metadata_[1] = 1570 * kSector;
  banks_[0] = 2082 * kSector;
  banks_[1] = banks_[0] + factory_.bank_bytes;
  WriteFile(DiskPath(),
            std::string(banks_[1] + factory_.bank_bytes + 33 * kSector, '\0'));
  std::vector<std::string> command = SgdiskOptions(factory_.bank_bytes);
  command.insert(command.begin(), "/usr/sbin/sgdisk");
  command.push_back(DiskPath());
  const Outcome made = tests::Run(command);
  if (made.exit_code != 0) Fail(made.out + made.err);
}

std::string FwuDevice::Configuration() const {
  const std::string text = absl::StrCat(
      absl::StrReplaceAll(factory_.configuration,
                          {{"/etc/bootseal-fwu.pem", File("release.pem")}}),
      "device = ", DiskPath(), "\nboot-register = file:", File("boot"),
      "\nsecurity-counter = file:", File("counter"), "\nlock = ", File("lock"),
      "\nrecords = ", File("records"), "\n");
  if (factory_.kind == DeviceKind::kGpt) return text + "kind = gpt\n";
  return absl::StrCat(text, "kind = raw\nunit = ", kEraseBlock,
                      "\nmetadata-size = 0x1000\nmetadata = [", metadata_[0],
                      ", ", metadata_[1], "]\nimage = [", kFipAGuid, "@",
                      banks_[0], "+", factory_.bank_bytes, ", ", kFipBGuid, "@",
                      banks_[1], "+", factory_.bank_bytes, "]\n");
}

Outcome FwuDevice::Run(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(),
                   {absl::StrCat(BOOTSEAL_BIN_DIR, "/bootseal-fwu"), "--config",
                    File("fwu.conf"), "--json"});
  return tests::Run(arguments);
}

std::string FwuDevice::Member(const Outcome& outcome, const std::string& name) {
  const JsonPtr json = Parse(outcome.out);
  return TextOf(json_object_get(json.get(), name.c_str()));
}

std::string FwuDevice::Reason(const Outcome& outcome) {
  const JsonPtr json = Parse(outcome.out);
  return TextOf(
      json_object_get(json_object_get(json.get(), "error"), "reason"));
}

image::fwu::Selection FwuDevice::Reset(Start start) {
  if (start == Start::kBackupDomainLost) boot_ = {0, 0, false};
  const std::string flash = Flash();
  const auto copy = [&](int which) {
    return image::host::AsBytes(flash).subspan(metadata_[which], kSector);
  };
  const auto chosen =
      image::fwu::ChooseReplica(copy(0), copy(1), image::fwu::Geometry{2, 1});
  if (!chosen.ok()) Fail("the bootloader finds no metadata");
  const auto selection =
      image::fwu::SelectBank(chosen->read.metadata, boot_, 0);
  if (!selection.ok()) Fail("the bootloader finds no bank");
  boot_ = selection->next;
  WriteBootRegister();
  return *selection;
}

void FwuDevice::WriteBootRegister() {
  WriteFile(File("boot"), absl::StrCat(boot_.bank | boot_.trials << 4));
}

std::string FwuDevice::Flash() const {
  std::ifstream in(DiskPath(), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void FwuDevice::Put(std::uint64_t offset, const std::string& bytes) {
  std::fstream file(DiskPath(),
                    std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.good()) Fail("cannot write " + DiskPath());
}

void FwuDevice::Damage(std::uint64_t offset) {
  const char was = Flash()[offset];
  Put(offset, std::string(1, static_cast<char>(was ^ 1)));
}

bool FwuDevice::BankHolds(int bank, const std::string& fip) const {
  return Flash().compare(banks_[bank], fip.size(), fip) == 0;
}

void FwuDevice::SetCounter(std::uint32_t counter) {
  WriteFile(File("counter"), absl::StrCat(counter));
}

}  // namespace bootseal::tests
