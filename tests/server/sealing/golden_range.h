// Golden ranges of imgtool (tests/vectors/imgtool/range), the target and the
// request that they are of, and other ranges made of them.
#ifndef BOOTSEAL_TESTS_SERVER_SEALING_GOLDEN_RANGE_H_
#define BOOTSEAL_TESTS_SERVER_SEALING_GOLDEN_RANGE_H_

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"
#include "server/sealing/sealer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::sealing {

using image::host::AsBytes;
using image::host::ToString;
using tests::Area;
using tests::MessageHas;
using tests::RawTlv;
using tests::StatusIs;

inline constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
inline constexpr std::size_t kHeader = 0x40;
inline constexpr std::size_t kPayload = 301;

inline std::string ReadVector(const std::string& path) {
  std::ifstream in(absl::StrCat(BOOTSEAL_SOURCE_DIR, "/tests/vectors/", path),
                   std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

inline std::string Golden(const std::string& name) {
  return ReadVector(absl::StrCat("imgtool/range/", name, ".bin"));
}

// What the command lines of the golden files say.
inline v1::Profile GoldenProfile() {
  v1::Profile profile;
  profile.mutable_target()->set_name("gateway");
  profile.set_algorithm(v1::ED25519);
  profile.set_public_key(ReadVector("mcuboot/ed25519.pub.der"));
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_header_size(kHeader);
  format.set_slot_size(0x1000);
  format.set_security_counter(v1::REQUIRED);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  format.set_dependency(v1::REQUIRED);
  format.add_dependencies()->set_image_id(1);
  format.mutable_dependencies(0)->set_minimum_version("2.0.0");
  format.set_image_count(2);
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  v1::VendorTlv& own = *format.add_vendor_tlvs();
  own.set_type(0xa0);
  own.set_value("own");
  format.add_request_tlvs(0xa5);
  return profile;
}

inline Request GoldenRequest() {
  Request request;
  request.version = {1, 2, 3, 4};
  request.security_counter = 5;
  request.payload_size = kPayload;
  v1::VendorTlv asked;
  asked.set_type(0xa5);
  asked.set_value("asked");
  request.vendor_tlvs = {asked};
  request.header_padding = std::byte{0xff};
  return request;
}

inline absl::StatusOr<std::unique_ptr<Sealer>> Fed(const v1::Profile& profile,
                                                   const Request& request,
                                                   absl::string_view range,
                                                   std::size_t chunk = 4096) {
  ASSIGN_OR_RETURN(auto made, trust::McubootProfile::Make(profile));
  ASSIGN_OR_RETURN(auto sealer, StartSealer(std::move(made), request));
  for (std::size_t at = 0; at < range.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(range.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

inline absl::Status Judged(absl::string_view range, std::size_t chunk = 4096) {
  return Fed(GoldenProfile(), GoldenRequest(), range, chunk).status();
}

// What a key would be asked to sign.
inline std::string DigestOf(const Sealer& sealer) {
  std::string digest;
  const auto status = sealer
                          .Seal([&](const Signable& what,
                                    Check) -> absl::StatusOr<std::string> {
                            digest = what.digest;
                            return absl::CancelledError("seen");
                          })
                          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  return digest;
}

inline std::string Sha256(absl::string_view bytes) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(bytes)).bytes());
}

// The golden range with a protected area of other TLVs, its size in the header.
inline std::string WithTlvs(const std::vector<RawTlv>& tlvs) {
  const std::string area = tlvs.empty() ? "" : Area(0x6908, tlvs);
  std::string range = Golden("range").substr(0, kHeader + kPayload) + area;
  range[0x0a] = static_cast<char>(area.size() & 0xff);
  range[0x0b] = static_cast<char>(area.size() >> 8);
  return range;
}

inline std::vector<RawTlv> GoldenTlvs() {
  std::vector<RawTlv> tlvs;
  const std::string range = Golden("range");
  for (const image::mcuboot::Tlv& tlv :
       image::mcuboot::Tlvs(AsBytes(range).subspan(kHeader + kPayload))) {
    tlvs.push_back({tlv.type, ToString(tlv.value)});
  }
  return tlvs;
}

// Whatever the chunks are.
inline void ExpectRefused(const std::string& range, const char* reason,
                          const std::string& says = "") {
  for (const std::size_t chunk : {1, 33, 4096}) {
    EXPECT_THAT(Judged(range, chunk), StatusIs(kInvalid, reason)) << chunk;
    EXPECT_THAT(Judged(range, chunk), MessageHas(says)) << chunk;
  }
}

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_TESTS_SERVER_SEALING_GOLDEN_RANGE_H_
