#include "client/cli/vendor_tlvs.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"
#include "client/imgtool/grammar.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;

absl::StatusOr<std::string> ReadValue(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "@")) {
    auto bytes = base::ReadFile(std::string(text), mcuboot::kMaxTlvAreaBytes);
    if (bytes.ok()) return bytes;
    return WithExit(bytes.status(), ExitStatus::kLocalFile);
  }
  auto value = imgtool::ParseTlvValue(text);
  if (value.ok()) return value;
  return WithExit(value.status(), ExitStatus::kUsage);
}

absl::StatusOr<v1::VendorTlv> ReadVendorTlv(absl::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == absl::string_view::npos) {
    return UsageError("VENDOR_TLV_INVALID",
                      absl::StrCat("--vendor-tlv \"", Printable(argument),
                                   "\" has no =, expected TYPE=VALUE or "
                                   "TYPE=@FILE, for example 0xa5=0x0102"));
  }
  const auto type = imgtool::ParseTlvType(argument.substr(0, equals));
  if (!type.ok()) return WithExit(type.status(), ExitStatus::kUsage);
  v1::VendorTlv tlv;
  tlv.set_type(*type);
  ASSIGN_OR_RETURN(*tlv.mutable_value(),
                   ReadValue(argument.substr(equals + 1)));
  return tlv;
}

void Append(std::uint32_t type, absl::string_view value, std::string& text) {
  absl::StrAppendFormat(&text, "%s0x%02x=0x%s", text.empty() ? "" : " ", type,
                        absl::BytesToHexString(value));
}

std::string Shown(const std::string& text) {
  return text.empty() ? "none" : text;
}

}  // namespace

absl::StatusOr<std::vector<v1::VendorTlv>> ReadVendorTlvs(
    const std::vector<std::string>& arguments) {
  std::vector<v1::VendorTlv> tlvs;
  for (const std::string& argument : arguments) {
    ASSIGN_OR_RETURN(v1::VendorTlv tlv, ReadVendorTlv(argument));
    tlvs.push_back(std::move(tlv));
  }
  return tlvs;
}

absl::Status CheckVendorTlvs(const v1::Target& target,
                             const v1::SignHeader& header,
                             image::Bytes protected_area) {
  std::string expected;
  for (const v1::VendorTlv& tlv : target.mcuboot().vendor_tlvs()) {
    Append(tlv.type(), tlv.value(), expected);
  }
  for (const v1::VendorTlv& tlv : header.vendor_tlvs()) {
    Append(tlv.type(), tlv.value(), expected);
  }
  std::string found;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(protected_area)) {
    if (!mcuboot::IsVendor(tlv.type)) continue;
    Append(tlv.type, image::host::ToString(tlv.value), found);
  }
  if (found == expected) return absl::OkStatus();
  return base::Precondition(
      "REPLY_MISMATCH",
      absl::StrCat("the image's vendor TLVs are ", Shown(found), ", expected ",
                   Shown(expected)));
}

}  // namespace bootseal::cli
