// For people: rules, facts, what went wrong, what MCUboot would do, and how to
// mend it.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/explain_report.h"
#include "client/cli/explain_words.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using image::host::Diagnosis;
using image::host::Finding;
using image::host::Outcome;
using image::host::SlotFacts;
using image::host::TrailerFacts;
using image::host::TrailerMagic;
using Rows = std::vector<std::vector<std::string>>;

std::string At(const std::optional<std::uint64_t>& offset) {
  return offset ? HexNumber(*offset) : "";
}

std::string FormatFindings(const ExplainReport& report) {
  Rows rows;
  for (const Finding& finding : report.explanation.findings) {
    rows.push_back({WordsOf(finding.outcome).text, Printable(finding.rule),
                    At(finding.offset), Printable(finding.detail)});
  }
  return FormatTable(rows);
}

std::string FormatLayout(const ExplainReport& report) {
  const auto& reading = report.evidence.reading;
  const auto& header = reading.facts.header;
  const SlotFacts& slot = report.evidence.slot;
  if (!report.evidence.whole()) {
    return absl::StrFormat("cannot be read to its end; file of 0x%x bytes",
                           slot.file_size);
  }
  return absl::StrFormat(
      "version %s; header to 0x%x, payload to 0x%x, protected TLVs to 0x%x, "
      "unprotected TLVs to 0x%x; file of 0x%x bytes",
      image::host::FormatVersion(header.version), header.header_size,
      header.header_size + header.image_size,
      image::mcuboot::SignedSize(header), slot.image_end, slot.file_size);
}

std::string FormatSlot(const SlotFacts& slot) {
  return absl::StrFormat(
      "0x%x bytes; the bootloader takes images that end by 0x%x, imgtool lets "
      "files of 0x%x pass%s",
      slot.slot_size, slot.limit, slot.imgtool_limit,
      slot.imgtool_limit > slot.limit ? " (too generous)" : "");
}

std::string FormatTrailer(const ExplainReport& report,
                          const TrailerFacts& trailer) {
  const SlotFacts& slot = report.evidence.slot;
  if (trailer.magic == TrailerMagic::kAbsent) {
    return absl::StrFormat(
        "none: the slot's magic would be at 0x%x%s", trailer.magic_offset,
        slot.padded_for == 0 ? "" : ", the file is padded for another slot");
  }
  const std::string align =
      trailer.magic_align == 0
          ? ""
          : absl::StrCat(" (max-align ", trailer.magic_align, ")");
  const std::string info =
      trailer.swap_info ? absl::StrFormat(
                              ", swap_info 0x%02x (type %d, image "
                              "%d)",
                              *trailer.swap_info, *trailer.swap_info & 0xf,
                              *trailer.swap_info >> 4)
                        : "";
  return absl::StrFormat("magic %s%s at 0x%x, image_ok %s, copy_done %s%s",
                         NameOf(trailer.magic), align, trailer.magic_offset,
                         NameOf(trailer.image_ok), NameOf(trailer.copy_done),
                         info);
}

bool Swaps(image::mcuboot::Strategy strategy) {
  using enum image::mcuboot::Strategy;
  return strategy != kSingleSlot && strategy != kDirectXip &&
         strategy != kRamLoad;
}

std::string FormatUpgrade(const ExplainReport& report) {
  if (!Swaps(report.evidence.rules.strategy)) return UpgradeOf(report);
  return absl::StrCat(image::host::NameOf(SwapTypeOf(report)), ": ",
                      UpgradeOf(report));
}

std::string FormatFacts(const ExplainReport& report) {
  Rows rows{{"image", FormatLayout(report)},
            {"slot", FormatSlot(report.evidence.slot)},
            {"trailer", FormatTrailer(report, report.evidence.slot.trailer)}};
  if (!report.key.alone) {
    rows.push_back({"key", KeyWords(report.key).substr(2)});
  }
  if (report.primary) {
    rows.push_back({"primary", FormatTrailer(report, report.primary->trailer)});
  }
  rows.push_back({"upgrade", FormatUpgrade(report)});
  if (const std::string downgrade = DowngradeOf(report); !downgrade.empty()) {
    rows.push_back({"version", downgrade});
  }
  for (const image::host::DependencyFact& each : report.dependencies) {
    rows.push_back({each.satisfied ? "depends" : "DEPENDS",
                    absl::StrFormat("at 0x%x: %s", each.offset, each.text)});
  }
  return absl::StrCat("\n", FormatTable(rows));
}

std::string FormatFixes(const ExplainReport& report) {
  std::string text;
  for (const Finding& finding : report.explanation.findings) {
    if (finding.outcome != Outcome::kFail) continue;
    absl::StrAppend(&text, "\n", image::host::NameOf(finding.code), ": ",
                    Printable(finding.detail), "\n");
    if (!finding.demanded_by.empty()) {
      absl::StrAppend(&text, "  demanded by  ", Printable(finding.demanded_by),
                      "\n");
    }
    if (!finding.fix.empty()) {
      absl::StrAppend(&text, "  fix          ", Printable(finding.fix), "\n");
    }
  }
  return text;
}

// What is printed below anyway, for all of them together.
std::string CommandOf(const ExplainReport& report, const Diagnosis& one) {
  if (one.command.empty()) return {};
  const bool below = one.command == SignCommandOf(report) ||
                     one.command == ImgtoolCommandOf(report);
  return absl::StrCat("  command      ",
                      below ? "below" : Printable(one.command), "\n");
}

std::string FormatDiagnoses(const ExplainReport& report) {
  std::string text;
  for (const Diagnosis& one : report.diagnoses) {
    absl::StrAppend(
        &text, "\n", one.code,
        one.offset ? absl::StrCat(" at ", HexNumber(*one.offset)) : "", ": ",
        Printable(one.found), "\n  expected     ", Printable(one.expected),
        "\n  fix          ", Printable(one.fix), "\n", CommandOf(report, one));
  }
  return text;
}

// For the device to judge, and nothing speaks against it.
bool IsOpen(const ExplainReport& report) {
  return report.explanation.payload_encrypted &&
         report.explanation.verdict == image::Error::kOk;
}

std::string FormatCommands(const ExplainReport& report) {
  const bool good = report.bootable() || IsOpen(report);
  if (report.bootable() && report.diagnoses.empty()) return {};
  return absl::StrCat(good && report.diagnoses.empty() ? "\nmakes one like it:"
                                                       : "\nsigns it rightly:",
                      "\n  ", Printable(SignCommandOf(report)), "\n  ",
                      Printable(ImgtoolCommandOf(report)), "\n");
}

std::string FormatVerdict(const ExplainReport& report) {
  const std::string target = Printable(report.evidence.target.name);
  const std::string path = Printable(report.image);
  if (report.bootable()) {
    return absl::StrCat("\nbootable for target ", target, ": ", path, "\n");
  }
  const auto& explanation = report.explanation;
  return absl::StrCat("\n", IsOpen(report) ? "undecided" : "not bootable",
                      " for target ", target, ": ",
                      image::host::Text(explanation), " (",
                      image::host::NameOf(explanation), "): ", path, "\n");
}

}  // namespace

std::string FormatText(const ExplainReport& report) {
  return absl::StrCat(FormatFindings(report), FormatFacts(report),
                      FormatFixes(report), FormatDiagnoses(report), "\n",
                      Printable(ComparisonOf(report)), "\n",
                      FormatCommands(report), FormatVerdict(report));
}

}  // namespace bootseal::cli
