#include "firmware/second_stage/bank.h"

#include <array>

#include "firmware/boards/second_stage.h"
#include "firmware/boot/log.h"
#include "firmware/image/hardened.h"
#include "firmware/second_stage/package.h"
#include "firmware/second_stage/words.h"

namespace bootseal::second_stage {
namespace {

using boot::Print;
using boot::PrintDecimal;
using image::Bytes;
using image::Error;
using image::MutableBytes;
using image::Result;
using image::fwu::BootReason;
using image::fwu::Metadata;
using image::fwu::Replica;
using image::fwu::Selection;
namespace certificate = image::certificate;

// Room for every metadata with vendor data of some length.
constexpr std::size_t kMetadataBytes = 2048;
static_assert(image::fwu::SizeOf(2, {image::fwu::kMaxBanks,
                                     image::fwu::kMaxImages}) < kMetadataBytes);

struct Copies {
  alignas(4) std::array<std::byte, kMetadataBytes> bytes[2];
};
constinit Copies copies{};

// What there is of a copy; empty when it cannot be read.
Bytes ReadCopy(Replica replica) {
  const Result<Area> area = AreaOf(replica);
  const MutableBytes buffer = copies.bytes[static_cast<std::size_t>(replica)];
  Error error = area.error();
  if (error == Error::kOk) error = ReadArea(*area, 0, buffer);
  if (error == Error::kOk) return buffer;
  PrintReplicaError(replica, error);
  return {};
}

Result<Metadata> ReadBothCopies(Report& report) {
  const Bytes primary = ReadCopy(Replica::kPrimary);
  const Bytes secondary = ReadCopy(Replica::kSecondary);
  const Result<image::fwu::Chosen> chosen =
      image::fwu::ChooseReplica(primary, secondary, boards::kGeometry);
  if (!chosen.ok()) return chosen.error();
  report.replica = chosen->from;
  report.replica_damaged = chosen->other != Error::kOk;
  PrintMetadata(*chosen);
  return chosen->read.metadata;
}

// The GUID of the bank's FIP: the image of that type.
Result<image::Guid> FipOf(const Metadata& metadata, std::uint8_t bank) {
  for (const image::fwu::Image& image : metadata.entries()) {
    if (image.type == image::guids::kFip) return image.banks[bank].guid;
  }
  return Error::kNoPartition;
}

Result<certificate::VerifiedPackage> VerifyBank(const Metadata& metadata,
                                                std::uint8_t bank,
                                                const certificate::Rules& rules,
                                                certificate::Place& place) {
  const Result<image::Guid> guid = FipOf(metadata, bank);
  if (!guid.ok()) return guid.error();
  const Result<Area> area = AreaOf(*guid);
  if (!area.ok()) return area.error();
  return VerifyPackage(*area, rules, place);
}

bool Fused(Bytes hash) {
  for (const std::byte byte : hash) {
    if (byte != std::byte{0}) return true;
  }
  return false;
}

Result<Started> TryBanks(const Metadata& metadata,
                         const certificate::Rules& rules, Report& report) {
  const image::fwu::BootRegister last = ReadBootRegister();
  for (;;) {
    const Result<Selection> selection =
        SelectBank(metadata, last, report.failed);
    if (!selection.ok()) return selection.error();
    WriteBootRegister(selection->next);
    PrintSelection(*selection);
    boards::FeedWatchdog();
    certificate::Place place;
    const Result<certificate::VerifiedPackage> verdict =
        VerifyBank(metadata, selection->bank, rules, place);
    if (verdict.ok()) return Started{*verdict, *selection};
    PrintBankRefusal(selection->bank, verdict.error(), place);
    report.failed |= static_cast<std::uint8_t>(1U << selection->bank);
    report.error = verdict.error();
  }
}

}  // namespace

Result<Started> ChooseBank(Report& report) {
  std::array<std::byte, certificate::kDigestBytes> key_hash{};
  BOOTSEAL_TRY(boards::ReadRootKeyHash(key_hash));
  // Without one, nothing is trusted; TF-A takes any key then.
  if (!Fused(key_hash)) return Error::kRules;

  const Result<Opened> opened = OpenPlacement();
  if (!opened.ok()) return opened.error();
  report.table_damaged = opened->damage != Error::kOk;
  if (report.table_damaged) PrintTableDamage(opened->damage);

  const Result<Metadata> metadata = ReadBothCopies(report);
  if (!metadata.ok()) return metadata.error();

  certificate::Rules rules;
  rules.key_hash_form = boards::kKeyHashForm;
  rules.root_key_hash = key_hash;
  rules.trusted_counter = boards::NvCounter();
  rules.non_trusted_counter = rules.trusted_counter;
  return TryBanks(*metadata, rules, report);
}

Error RaiseCounter(const Started& started) {
  // It cannot be undone: the reason is looked at twice, and so is the proof.
  if (started.selection.reason != BootReason::kAccepted) return Error::kOk;
  if (!started.package.intact()) return Error::kFault;
  const std::uint32_t before = boards::NvCounter();
  const std::uint32_t wanted = started.package.trusted_counter();
  for (std::uint32_t now = before; now < wanted;) {
    if (image::Launder(started.selection.reason) != BootReason::kAccepted ||
        !started.package.intact()) {
      return Error::kFault;
    }
    boards::IncrementNvCounter();
    if (boards::NvCounter() != now + 1) return Error::kFault;
    ++now;
    boards::FeedWatchdog();
  }
  if (before < wanted) {
    Print("counter: raised from ");
    PrintDecimal(before);
    Print(" to ");
    PrintDecimal(wanted);
    Print("\n");
  }
  return Error::kOk;
}

}  // namespace bootseal::second_stage
