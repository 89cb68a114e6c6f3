#include "client/cli/tlv_words.h"

#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::Bytes;
using image::host::ToString;

TlvWords Malformed(absl::string_view what) {
  return {absl::StrCat("malformed ", what), Json::Null()};
}

TlvWords OfCounter(Bytes value) {
  image::Reader reader(value);
  const std::uint32_t counter = reader.U32();
  if (!reader.done()) return Malformed("security counter");
  return {absl::StrCat("counter ", counter),
          JsonObject().Add("security_counter", Json::Number(counter)).Build()};
}

TlvWords OfBootRecord(Bytes value) {
  const auto record = mcuboot::ReadBootRecord(value);
  if (!record.ok()) return Malformed("boot record");
  const std::string type = ToString(record->software_type);
  const std::string version = ToString(record->version);
  const std::string hash = ToString(record->hash_name);
  const std::string signer = ToString(record->signer);
  return {
      absl::StrCat("software type ", Printable(type), ", version ",
                   Printable(version), ", measurement type ", Printable(hash),
                   ", signer id ", absl::BytesToHexString(signer)),
      JsonObject()
          .Add("software_type", Json::Text(type))
          .Add("version", Json::Text(version))
          .Add("measurement_type", Json::Text(hash))
          .Add("signer_id", Json::Hex(signer))
          .Build()};
}

TlvWords OfDependency(Bytes value) {
  image::Reader reader(value);
  const std::uint8_t number = reader.U8();
  reader.Take(3);
  mcuboot::Version least;
  least.major = reader.U8();
  least.minor = reader.U8();
  least.revision = reader.U16();
  least.build = reader.U32();
  if (!reader.done()) return Malformed("dependency");
  const std::string version = image::host::FormatVersion(least);
  return {absl::StrCat("image ", number, ", version ", version, " or later"),
          JsonObject()
              .Add("image", Json::Number(number))
              .Add("minimum_version", Json::Text(version))
              .Build()};
}

struct Row {
  std::uint16_t type;
  TlvWords (*words)(Bytes value);
};
constexpr std::array<Row, 3> kRows{{
    {mcuboot::tlv::kSecurityCounter, OfCounter},
    {mcuboot::tlv::kBootRecord, OfBootRecord},
    {mcuboot::tlv::kDependency, OfDependency},
}};

}  // namespace

std::optional<TlvWords> WordsOf(const mcuboot::Tlv& tlv) {
  for (const Row& row : kRows) {
    if (row.type == tlv.type) return row.words(tlv.value);
  }
  return std::nullopt;
}

}  // namespace bootseal::cli
