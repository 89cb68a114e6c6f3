// What is in the banks, and in front of them.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/layout/check.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/sign_command.h"

namespace bootseal::layout {
namespace {

using image::fwu::BankState;
using Findings = std::vector<Finding>;

BankState StateOf(const Evidence& evidence, std::uint8_t bank) {
  return evidence.metadata()->states[bank];
}

std::string WriteCommand(const Evidence& evidence, absl::string_view file,
                         std::uint64_t offset) {
  return absl::StrCat("write it there: dd if=", file,
                      " of=", image::host::ShellWord(evidence.path),
                      " bs=512 seek=", offset / kSector, " conv=notrunc");
}

Findings CheckBankContents(const Evidence& evidence) {
  Findings findings;
  for (const StoredBank& bank : evidence.banks) {
    if (bank.content.ok() || !bank.range) continue;
    const bool booted = evidence.IsBooted(bank.bank);
    if (!evidence.IsReachable(bank.bank)) continue;
    findings.push_back(
        {booted ? Severity::kBootsNot : Severity::kDegraded,
         base::ReasonOf(bank.content.status()),
         absl::StrCat("bank ", bank.bank, " (", bank.place, ", ",
                      release::NameOf(StateOf(evidence, bank.bank)),
                      "): ", bank.content.status().message()),
         bank.range->offset,
         booted ? absl::StrCat("a FIP: ", evidence.build.Words(),
                               " starts this bank")
                : "a FIP, or a state that says invalid: a fallback would come "
                  "here",
         WriteCommand(evidence, "fip.bin", bank.range->offset)});
  }
  return findings;
}

Findings CheckBankSizes(const Evidence& evidence) {
  if (evidence.banks.size() < 2) return {};
  for (const StoredBank& bank : evidence.banks) {
    const StoredBank& first = evidence.banks.front();
    if (!bank.range || !first.range || bank.range->size == first.range->size) {
      continue;
    }
    return {{Severity::kDegraded, "BANK_SIZES",
             absl::StrCat(first.place, " has ", first.range->size, " bytes, ",
                          bank.place, " has ", bank.range->size),
             bank.range->offset,
             "the same size: a release that fits one has to fit the other",
             "make the smaller one larger"}};
  }
  return {};
}

// A table says it by itself.
Findings CheckBanksInside(const Evidence& evidence) {
  Findings findings;
  if (evidence.build.store.partitioned) return findings;
  for (const StoredBank& bank : evidence.banks) {
    if (!bank.range || bank.range->offset + bank.range->size <= evidence.size) {
      continue;
    }
    findings.push_back(
        {Severity::kDegraded, "BANK_OUTSIDE",
         absl::StrCat("bank ", bank.bank, " (", bank.place, ") ends at byte ",
                      bank.range->offset + bank.range->size, ", the flash has ",
                      evidence.size),
         bank.range->offset, "all of both banks: an update fills them",
         "copy the whole flash"});
  }
  return findings;
}

// One of the two is enough for the ROM.
Findings CheckFsbls(const Evidence& evidence) {
  const bool one =
      std::any_of(evidence.fsbls.begin(), evidence.fsbls.end(),
                  [](const StoredFsbl& fsbl) { return fsbl.content.ok(); });
  Findings findings;
  for (const StoredFsbl& fsbl : evidence.fsbls) {
    if (fsbl.content.ok()) continue;
    const std::string reason = fsbl.range
                                   ? base::ReasonOf(fsbl.content.status())
                                   : "FSBL_PARTITION_MISSING";
    std::optional<std::uint64_t> offset;
    if (fsbl.range) offset = fsbl.range->offset;
    findings.push_back(
        {one ? Severity::kDegraded : Severity::kBootsNot, reason,
         absl::StrCat(fsbl.place, ": ", fsbl.content.status().message()),
         offset,
         "TF-A's BL2 with its STM32 header: the ROM takes fsbl2 when fsbl1 is "
         "bad, and nothing when both are",
         offset ? WriteCommand(evidence, "tf-a.stm32", *offset)
                : absl::StrCat("name a partition ", fsbl.place)});
  }
  return findings;
}

constexpr auto kChecks = std::to_array<Check>(
    {CheckBankContents, CheckBankSizes, CheckBanksInside, CheckFsbls});

}  // namespace

std::span<const Check> ContentChecks() { return kChecks; }

}  // namespace bootseal::layout
