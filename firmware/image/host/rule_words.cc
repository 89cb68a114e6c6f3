#include "firmware/image/host/rule_words.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/attribute_words.h"
#include "firmware/image/host/content_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/key_words.h"
#include "firmware/image/host/receipt_words.h"
#include "firmware/image/host/sign_command.h"
#include "firmware/image/host/switches.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Facts;
using mcuboot::FindTlv;
using mcuboot::KeyFormat;
using mcuboot::Rules;
using mcuboot::Tlv;
using mcuboot::Tlvs;
namespace tlv = mcuboot::tlv;

std::string Hex(Bytes bytes) { return absl::BytesToHexString(ToString(bytes)); }

std::string Quoted(Bytes text) {
  return absl::StrCat("\"", absl::CHexEscape(ToString(text)), "\"");
}

std::string ListTlvs(Bytes area) {
  std::string list;
  for (const Tlv& one : Tlvs(area)) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", DescribeTlv(one.type));
  }
  return list.empty() ? "nothing" : list;
}

std::string FoundOf(const Facts& facts, bool (*family)(std::uint16_t)) {
  for (const Tlv& one : Tlvs(facts.unprotected_area)) {
    if (family(one.type)) {
      return absl::StrCat(DescribeTlv(one.type), " of ", one.value.size(),
                          " bytes");
    }
  }
  return absl::StrCat("none among ", ListTlvs(facts.unprotected_area));
}

template <bool (*kFamily)(std::uint16_t)>
std::string Found(const Rules&, const Facts& facts) {
  return FoundOf(facts, kFamily);
}

template <std::uint16_t kType>
std::string FoundProtected(const Rules&, const Facts& facts) {
  const Tlv one = FindTlv(facts.protected_area, kType);
  return one.type == 0 ? absl::StrCat("no ", DescribeTlv(kType))
                       : absl::StrCat(DescribeTlv(kType), " of ",
                                      one.value.size(), " bytes");
}

std::string Ceiling(const Rules& rules) {
  if (rules.security_counter_ceiling == 0) return "no ceiling";
  return absl::StrCat("ceiling ", rules.security_counter_ceiling);
}

std::string Counter(const Rules& rules, const Facts& facts) {
  if (FindTlv(facts.protected_area, tlv::kSecurityCounter).type == 0) {
    return absl::StrCat("no ", DescribeTlv(tlv::kSecurityCounter));
  }
  return absl::StrCat("counter ", SecurityCounterOf(facts), "; device has ",
                      rules.minimum_security_counter, ", ", Ceiling(rules));
}

// What the record says in one of its fields, and what was expected.
std::string RecordField(const Facts& facts, Bytes mcuboot::BootRecord::*field,
                        const std::string& expected,
                        std::string (*show)(Bytes)) {
  const Tlv one = FindTlv(facts.protected_area, tlv::kBootRecord);
  if (one.type == 0) return absl::StrCat("no ", DescribeTlv(tlv::kBootRecord));
  const auto record = mcuboot::ReadBootRecord(one.value);
  if (!record.ok()) return "the record is malformed";
  return absl::StrCat("record says ", show((*record).*field), ", expected ",
                      expected);
}

std::string Dependencies(const Rules& rules, const Facts& facts) {
  std::string list;
  for (const Tlv& one : Tlvs(facts.protected_area)) {
    if (one.type != tlv::kDependency) continue;
    absl::StrAppend(&list, list.empty() ? "depends on image " : ", ",
                    Reader(one.value).U8());
  }
  if (list.empty()) list = absl::StrCat("no ", DescribeTlv(tlv::kDependency));
  return absl::StrCat(list, "; the device has ", rules.image_count,
                      rules.image_count == 1 ? " image" : " images");
}

std::string SignAnew(const Wanted&) {
  return "the file was changed after it was signed or damaged on its way: "
         "sign the payload anew with bootseal sign";
}

std::string RightKey(const Wanted& wanted) {
  return Fix(
      "-k with the target's key",
      absl::StrCat(
          "which uses the key that the policy pins for the target (hash ",
          Hex(wanted.rules.key_hash), ")"));
}

std::string Record(const Wanted& wanted) {
  const std::string type = wanted.rules.software_type.empty()
                               ? "SPE"
                               : ToString(wanted.rules.software_type);
  return Fix(absl::StrCat("--boot-record ", type,
                          " (the option takes a value: without one it "
                          "swallows the input file)"),
             "which writes the record from the target's software_type");
}

// What the version gives, or another number where the device has more.
std::string DerivedCounterFix(const Wanted& wanted) {
  const mcuboot::Version& version = wanted.facts.header.version;
  const std::uint32_t least = wanted.rules.minimum_security_counter;
  if (CounterFromVersion(version) >= least) {
    return Fix("-s auto", "which derives it from the version for this target");
  }
  return Fix(absl::StrCat("-s ", least, ", or a higher version and -s auto"),
             absl::StrCat("--security-counter ", least));
}

std::string CounterFix(const Wanted& wanted) {
  const std::uint32_t ceiling = wanted.rules.security_counter_ceiling;
  if (wanted.additions.security_counter_from_version && ceiling == 0) {
    return DerivedCounterFix(wanted);
  }
  const std::uint32_t least =
      std::max({wanted.rules.minimum_security_counter,
                wanted.additions.default_security_counter, 1U});
  return Fix(absl::StrCat("-s ", least,
                          ceiling == 0 ? std::string(" (or higher)")
                                       : absl::StrCat(" (at most ", ceiling,
                                                      "; never -s auto)")),
             absl::StrCat("--security-counter ", least));
}

// imgtool's option; an image that depends on itself would be no better off.
std::string DependencyFix(const Wanted& wanted) {
  const std::string& own = wanted.additions.dependencies;
  const std::string option =
      own.empty() ? absl::StrCat(
                        "-d \"(ID,VERSION)\" with the id of another "
                        "image, below ",
                        wanted.rules.image_count)
                  : absl::StrCat("-d \"", own, "\"");
  return Fix(option, "which writes the target's own");
}

std::string KeyFormatFix(const Wanted& wanted) {
  return Fix(wanted.rules.key_format == KeyFormat::kFull
                 ? "--public-key-format full"
                 : "--public-key-format hash (the default)",
             "which follows the target's key format");
}

std::string HashFix(const Wanted& wanted) {
  return Fix(absl::StrCat("--sha ", 8 * HashSize(wanted.rules.hash)),
             "which follows the target's key");
}

const RuleWords kWords[] = {
    {Error::kTruncated, "image is whole", nullptr, nullptr, SignAnew},
    {Error::kHeaderMagic, "header has MCUboot's magic", nullptr, nullptr,
     [](const Wanted&) {
       return std::string(
           "this is no signed image: sign it with bootseal "
           "sign");
     }},
    {Error::kHeaderReserved, "header's reserved word is zero", nullptr, nullptr,
     SignAnew},
    {Error::kProtectedSize, "protected area has a possible size",
     [](const Rules&, const Facts& facts) {
       return absl::StrCat("protected area of ", facts.header.protected_size,
                           " bytes");
     },
     nullptr, SignAnew},
    {Error::kTlvMagic, "TLV areas start with their magic", nullptr, nullptr,
     SignAnew},
    {Error::kTlvOverrun, "every TLV lies inside its area", nullptr, nullptr,
     SignAnew},
    {Error::kTlvDuplicate, "no TLV is given twice, dependencies aside", nullptr,
     nullptr, SignAnew},
    {Error::kTlvLength, "every TLV has the length of its type", nullptr,
     nullptr, SignAnew},
    {Error::kRules, "target's rules can be followed", nullptr, nullptr,
     [](const Wanted&) {
       return std::string(
           "correct the target in the policy: hash and key "
           "must fit the algorithm, the slot its trailer");
     }},
    {Error::kHeaderSize, "header has the target's size",
     [](const Rules& rules, const Facts& facts) {
       return absl::StrFormat("header of 0x%x bytes, expected 0x%x",
                              facts.header.header_size, rules.header_size);
     },
     nullptr,
     [](const Wanted& wanted) {
       return Fix(
           absl::StrFormat("-H 0x%x --pad-header", wanted.rules.header_size),
           "which takes it from the target");
     }},
    {Error::kCompressed, "compression is the target's", CompressionFound,
     CompressionSwitch, CompressionFix},
    {Error::kDecompression, "decompression TLVs are complete",
     [](const Rules&, const Facts& facts) {
       return absl::StrCat("protected: ", ListTlvs(facts.protected_area));
     },
     CompressionSwitch, CompressionFix},
    {Error::kImageTooLarge, "image fits the slot beside the trailer",
     [](const Rules& rules, const Facts& facts) {
       return absl::StrFormat(
           "image ends at %d, the slot of %d bytes allows %d",
           SignedSize(facts.header) + facts.unprotected_area.size(),
           rules.slot_size, MaxImageEnd(rules));
     },
     StrategySwitch,
     [](const Wanted&) {
       return std::string(
           "make the payload smaller, or give the target a "
           "larger slot");
     }},
    {Error::kVectorTable, "payload starts with usable vectors",
     [](const Rules& rules, const Facts& facts) {
       const bool told = rules.load_address != 0 || rules.slot_address != 0;
       return absl::StrFormat(
           "payload of %d bytes, stack 0x%08x, reset vector 0x%08x%s",
           facts.header.image_size, facts.initial_stack, facts.reset_vector,
           told ? ""
                : "; not compared: the target names no slot_address, the "
                  "device looks itself");
     },
     nullptr,
     [](const Wanted&) {
       return std::string(
           "link the payload for the address after the header, a multiple of "
           "128: stack pointer and reset vector are its first words");
     }},
    {Error::kTlvNotAllowed, "every TLV is in an area where it may be",
     [](const Rules&, const Facts& facts) {
       return absl::StrCat("protected: ", ListTlvs(facts.protected_area),
                           "; unprotected: ", ListTlvs(facts.unprotected_area));
     },
     AllowListSwitch, SignAnew},
    {Error::kDigestMissing, "digest present", Found<mcuboot::IsDigest>, nullptr,
     SignAnew},
    {Error::kDigestType, "digest of the target's algorithm",
     Found<mcuboot::IsDigest>, HashSwitch, HashFix},
    {Error::kDigestMismatch, "digest matches the content",
     [](const Rules&, const Facts& facts) {
       return absl::StrCat("content hashes to ", Hex(facts.digest.bytes()));
     },
     nullptr, SignAnew},
    {Error::kKeyMissing, "key present", Found<mcuboot::IsKey>, nullptr,
     RightKey},
    {Error::kKeyFormat, "key given in the target's format",
     Found<mcuboot::IsKey>, KeySwitch, KeyFormatFix},
    {Error::kKeyUnknown, "signed with the target's key", NamedKey, KeySwitch,
     RightKey},
    {Error::kSignatureMissing, "signature present", Found<mcuboot::IsSignature>,
     SignatureSwitch, RightKey},
    {Error::kSignatureType, "signature of the target's algorithm",
     Found<mcuboot::IsSignature>, SignatureSwitch, RightKey},
    {Error::kTlvOrder, "key before its signature",
     [](const Rules&, const Facts& facts) {
       return ListTlvs(facts.unprotected_area);
     },
     nullptr, SignAnew},
    {Error::kSignaturePure, "signature covers what the device checks",
     [](const Rules&, const Facts& facts) {
       return ListTlvs(facts.unprotected_area);
     },
     PureSwitch, PureFix},
    {Error::kSignatureLength, "signature of possible length",
     Found<mcuboot::IsSignature>, nullptr,
     [](const Wanted&) {
       return Fix("without --pad-sig", "which pads nothing");
     }},
    {Error::kDer, "signature in minimal DER", Found<mcuboot::IsSignature>,
     nullptr,
     [](const Wanted&) {
       return Fix("without --pad-sig",
                  "which writes r and s as DER, never raw or padded");
     }},
    {Error::kSignatureMismatch, "signature matches digest and key",
     Found<mcuboot::IsSignature>, SignatureSwitch,
     [](const Wanted&) {
       return std::string(
           "it is another key's signature, or one over other bytes: sign the "
           "payload anew with bootseal sign");
     }},
    {Error::kUnexpectedTlv, "no TLV that the target forbids",
     [](const Rules&, const Facts& facts) {
       return absl::StrCat("protected: ", ListTlvs(facts.protected_area));
     },
     nullptr,
     [](const Wanted&) {
       return Fix("without -s, -d or --boot-record",
                  "which leaves out what the target forbids");
     }},
    {Error::kSecurityCounterMissing, "security counter present", Counter,
     RollbackSwitch, CounterFix, tlv::kSecurityCounter},
    {Error::kSecurityCounterLow, "security counter not below the device's",
     Counter, RollbackSwitch, CounterFix, tlv::kSecurityCounter},
    {Error::kSecurityCounterHigh, "security counter not above the ceiling",
     Counter, RollbackSwitch, CounterFix, tlv::kSecurityCounter},
    {Error::kBootRecordMissing, "boot record present",
     FoundProtected<tlv::kBootRecord>, MeasuredSwitch, Record,
     tlv::kBootRecord},
    {Error::kBootRecordSize, "boot record fits the device",
     FoundProtected<tlv::kBootRecord>, RecordSizeSwitch,
     [](const Wanted& wanted) {
       return absl::StrCat("raise the bootloader's MAX_BOOT_RECORD_SZ above ",
                           wanted.rules.max_boot_record_size,
                           ", or shorten the software type");
     },
     tlv::kBootRecord},
    {Error::kBootRecordFormat, "boot record well-formed",
     FoundProtected<tlv::kBootRecord>, MeasuredSwitch, Record,
     tlv::kBootRecord},
    {Error::kBootRecordSigner, "boot record names the target's key",
     [](const Rules& rules, const Facts& facts) {
       return RecordField(facts, &mcuboot::BootRecord::signer,
                          Hex(rules.key_hash), Hex);
     },
     MeasuredSwitch,
     [](const Wanted&) {
       return Fix(
           "in one run with the key: a record written without it names "
           "nobody",
           "which knows the key before it writes the record");
     },
     tlv::kBootRecord},
    {Error::kBootRecordVersion, "boot record names the image's version",
     [](const Rules&, const Facts& facts) {
       const mcuboot::VersionText version(facts.header.version);
       return RecordField(facts, &mcuboot::BootRecord::version,
                          Quoted(version.bytes()), Quoted);
     },
     MeasuredSwitch, SignAnew, tlv::kBootRecord},
    {Error::kSoftwareType, "boot record names the target's software type",
     [](const Rules& rules, const Facts& facts) {
       return RecordField(
           facts, &mcuboot::BootRecord::software_type,
           rules.software_type.empty() ? "any" : Quoted(rules.software_type),
           Quoted);
     },
     MeasuredSwitch, Record, tlv::kBootRecord},
    {Error::kDependencyMissing, "dependency present", Dependencies,
     DependencySwitch, DependencyFix, tlv::kDependency},
    {Error::kDependencyImage, "dependencies on images that exist", Dependencies,
     DependencySwitch, DependencyFix, tlv::kDependency},
};

}  // namespace

std::string Fix(absl::string_view imgtool, absl::string_view bootseal) {
  return absl::StrCat("imgtool sign ", imgtool, "; or bootseal sign, ",
                      bootseal);
}

RuleWords WordsOf(Error code) {
  for (const auto table :
       {std::span<const RuleWords>(kWords), AttributeWords(), ReceiptWords()}) {
    for (const RuleWords& words : table) {
      if (words.code == code) return words;
    }
  }
  return {code, Text(code), nullptr, nullptr, SignAnew};
}

}  // namespace bootseal::image::host
