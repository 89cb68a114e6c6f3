#include "firmware/image/host/upgrade_prediction.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Rules;
using mcuboot::Strategy;
using mcuboot::Version;

// What a row wants of one cell.
enum class Wants { kAny, kGood, kUnset, kSet };

struct Row {
  bool offset_only;  // of swap-using-offset
  Wants primary_magic, primary_ok, primary_done;
  Wants secondary_magic, secondary_ok, secondary_done;
  SwapType type;
};

using enum Wants;
constexpr Row kRows[] = {
    {true, kAny, kAny, kAny, kGood, kUnset, kSet, SwapType::kRevert},
    {false, kAny, kAny, kAny, kGood, kUnset, kAny, SwapType::kTest},
    {false, kAny, kAny, kAny, kGood, kSet, kAny, SwapType::kPermanent},
    {false, kGood, kUnset, kSet, kAny, kAny, kAny, SwapType::kRevert},
};

bool Fits(Wants wants, TrailerMagic magic) {
  return wants == kAny || magic == TrailerMagic::kGood;
}

// What the file leaves out is erased in flash.
bool Fits(Wants wants, TrailerFlag flag) {
  if (wants == kAny) return true;
  if (wants == kSet) return flag == TrailerFlag::kSet;
  return flag == TrailerFlag::kUnset || flag == TrailerFlag::kAbsent;
}

bool Fits(const Row& row, const TrailerFacts& primary,
          const TrailerFacts& secondary) {
  return Fits(row.primary_magic, primary.magic) &&
         Fits(row.primary_ok, primary.image_ok) &&
         Fits(row.primary_done, primary.copy_done) &&
         Fits(row.secondary_magic, secondary.magic) &&
         Fits(row.secondary_ok, secondary.image_ok) &&
         Fits(row.secondary_done, secondary.copy_done);
}

std::string DescribeDirectXip(const TrailerFacts& trailer) {
  const std::string rule =
      "the highest version that validates is started from its own slot";
  const std::string with = "; with MCUBOOT_DIRECT_XIP_REVERT ";
  if (trailer.magic != TrailerMagic::kGood) {
    return absl::StrCat(rule, with,
                        "a slot whose trailer has no good magic is erased");
  }
  if (trailer.copy_done == TrailerFlag::kSet &&
      trailer.image_ok != TrailerFlag::kSet) {
    return absl::StrCat(rule, with,
                        "copy_done without image_ok has the slot erased");
  }
  return trailer.image_ok == TrailerFlag::kSet
             ? absl::StrCat(rule, with, "it stays: image_ok is set")
             : absl::StrCat(rule, with,
                            "it is tried once and erased at the next boot "
                            "unless it sets image_ok");
}

std::string DescribeNone(const TrailerFacts& secondary) {
  const std::string why =
      secondary.magic == TrailerMagic::kOther
          ? absl::StrCat("the trailer's magic is for max-align ",
                         secondary.magic_align)
      : secondary.magic == TrailerMagic::kBad ? "the trailer's magic is bad"
      : secondary.image_ok == TrailerFlag::kBad &&
              secondary.magic == TrailerMagic::kGood
          ? "image_ok is neither set nor erased"
          : "there is no trailer";
  return absl::StrCat("nothing asks for an upgrade: ", why,
                      "; the running image can still ask "
                      "(boot_set_pending), or flash a padded file");
}

std::string DescribeSwap(SwapType type, const TrailerFacts& secondary) {
  switch (type) {
    case SwapType::kTest:
      return "the next boot swaps it in to be tested: the boot after that "
             "swaps back unless the image has set image_ok";
    case SwapType::kPermanent:
      return "the next boot swaps it in for good: confirmed, it has no way "
             "back";
    case SwapType::kRevert:
      return "the next boot swaps back: the image in the primary slot was "
             "tested and never set image_ok";
    case SwapType::kNone:
      break;
  }
  return DescribeNone(secondary);
}

std::string DescribeOverwrite(SwapType type, const TrailerFacts& secondary) {
  if (type == SwapType::kNone) return DescribeNone(secondary);
  return "the next boot copies it over the primary slot, with no way back: "
         "overwrite-only does not look at image_ok";
}

bool IsTaken(SwapType type) {
  return type == SwapType::kTest || type == SwapType::kPermanent;
}

}  // namespace

const char* NameOf(SwapType type) {
  switch (type) {
    case SwapType::kNone:
      return "NONE";
    case SwapType::kTest:
      return "TEST";
    case SwapType::kPermanent:
      return "PERM";
    case SwapType::kRevert:
      return "REVERT";
  }
  return "";
}

SwapType PredictSwapType(Strategy strategy, const TrailerFacts& primary,
                         const TrailerFacts& secondary) {
  for (const Row& row : kRows) {
    if (row.offset_only && strategy != Strategy::kSwapOffset) continue;
    if (Fits(row, primary, secondary)) return row.type;
  }
  return SwapType::kNone;
}

std::string DescribeUpgrade(const Rules& rules, SwapType type,
                            const TrailerFacts& secondary) {
  switch (rules.strategy) {
    case Strategy::kSingleSlot:
      return "one slot: what is in it is started";
    case Strategy::kDirectXip:
      return DescribeDirectXip(secondary);
    case Strategy::kRamLoad:
      return "the highest version is copied to its load address, validated "
             "there and started; one that does not validate is erased";
    case Strategy::kOverwriteOnly:
      return DescribeOverwrite(type, secondary);
    case Strategy::kSwapOffset:
      return absl::StrFormat(
          "%s; swap-using-offset wants the image one sector (0x%x) into the "
          "secondary slot, the trailer at its end",
          DescribeSwap(type, secondary), rules.sector_size);
    case Strategy::kSwapScratch:
    case Strategy::kSwapMove:
      break;
  }
  return DescribeSwap(type, secondary);
}

int CompareVersions(const Version& a, const Version& b) {
  const int major = a.major - b.major;
  if (major != 0) return major;
  const int minor = a.minor - b.minor;
  return minor != 0 ? minor : a.revision - b.revision;
}

std::vector<DependencyFact> PredictDependencies(const Rules& rules,
                                                const mcuboot::Facts& facts,
                                                const OtherVersions& others) {
  std::vector<DependencyFact> found;
  const std::uint64_t area =
      std::uint64_t{facts.header.header_size} + facts.header.image_size;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(facts.protected_area)) {
    if (tlv.type != mcuboot::tlv::kDependency || tlv.value.size() != 12) {
      continue;
    }
    Reader reader(tlv.value);
    DependencyFact one;
    one.image_id = reader.U8();
    reader.Take(3);
    one.minimum.major = reader.U8();
    one.minimum.minor = reader.U8();
    one.minimum.revision = reader.U16();
    one.minimum.build = reader.U32();
    const auto value = tlv.value.data() - facts.protected_area.data();
    one.offset =
        area + static_cast<std::uint64_t>(value) - mcuboot::kTlvHeaderBytes;
    const auto other = others.find(one.image_id);
    if (other != others.end()) one.present = other->second;
    const std::string wanted = absl::StrCat(
        "image ", one.image_id, " at least ", FormatVersion(one.minimum));
    const bool zero = one.minimum == Version{};
    if (one.image_id >= rules.image_count) {
      one.text = absl::StrCat(wanted, ": the device has ", rules.image_count,
                              rules.image_count == 1 ? " image" : " images");
    } else if (zero || (one.present &&
                        CompareVersions(*one.present, one.minimum) >= 0)) {
      one.satisfied = true;
      one.text =
          zero ? absl::StrCat(wanted, ": any will do")
               : absl::StrCat(wanted, ": it has ", FormatVersion(*one.present));
    } else if (!one.present) {
      one.text = absl::StrCat(wanted, ": not told; --other ", one.image_id,
                              "=VERSION tells");
    } else {
      const bool swaps = rules.strategy != Strategy::kDirectXip &&
                         rules.strategy != Strategy::kRamLoad;
      one.text = absl::StrCat(
          wanted, ": it has ", FormatVersion(*one.present),
          swaps ? ": no image is upgraded, the slots stay as they are"
                : ": this slot is left out, and the search goes on");
    }
    found.push_back(std::move(one));
  }
  return found;
}

std::string DescribeDowngrade(const Rules& rules, SwapType type,
                              const Version& image, const Version& primary) {
  const int order = CompareVersions(image, primary);
  const std::string versions =
      absl::StrCat(FormatVersion(image), " beside ", FormatVersion(primary));
  if (order > 0) return absl::StrCat("newer: ", versions);
  if (order == 0) {
    return absl::StrCat("the same version: ", versions, "; it is allowed");
  }
  if (rules.strategy == Strategy::kDirectXip ||
      rules.strategy == Strategy::kRamLoad) {
    return absl::StrCat("older: ", versions, "; the other slot is started");
  }
  if (!IsTaken(type)) {
    return absl::StrCat("older: ", versions,
                        "; without an upgrade nothing comes of it");
  }
  return absl::StrCat("older: ", versions,
                      "; a bootloader with MCUBOOT_DOWNGRADE_PREVENTION "
                      "erases it, others take it");
}

}  // namespace bootseal::image::host
