#include "firmware/image/host/key_words.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

std::string Hex(Bytes bytes) { return absl::BytesToHexString(ToString(bytes)); }

}  // namespace

std::string NamedKey(const mcuboot::Rules& rules, const mcuboot::Facts& facts) {
  for (const mcuboot::Tlv& one : mcuboot::Tlvs(facts.unprotected_area)) {
    if (!mcuboot::IsKey(one.type)) continue;
    const bool full = one.type == mcuboot::tlv::kPublicKey;
    const std::string named =
        full ? Hex(HashOf(rules.hash, one.value).bytes()) : Hex(one.value);
    return absl::StrCat("names key ", named.empty() ? "\"\"" : named,
                        ", expected ", Hex(rules.key_hash));
  }
  return absl::StrCat("names no key, expected ", Hex(rules.key_hash));
}

}  // namespace bootseal::image::host
