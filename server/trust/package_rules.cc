#include "server/trust/package_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/fip/toc.h"
#include "server/trust/package_format.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

namespace certificate = image::certificate;

std::string NamesOf(const v1::FipFormat& format) {
  std::vector<std::string> names;
  for (const v1::FipImage* image : ImagesOf(format)) {
    names.push_back(absl::StrCat(
        image->name(), image->presence() == v1::REQUIRED ? "" : " (optional)"));
  }
  return absl::StrJoin(names, ", ");
}

bool IsCertificate(absl::string_view name) {
  for (const certificate::RoleTraits& traits : certificate::kRoleTraits) {
    if (name == traits.name) return true;
  }
  return false;
}

Objection Unknown(const v1::Target& target, absl::string_view name) {
  return {"COMPONENT_UNKNOWN",
          absl::StrCat("component \"", absl::CHexEscape(name), "\" is ",
                       IsCertificate(name)
                           ? "a certificate, which the server makes; leave it "
                             "out"
                           : "none of the target's",
                       "; target ", target.name(), " takes ",
                       NamesOf(target.fip()), ", in this order")};
}

// Against the one before it.
Answer CheckPlace(const v1::Target& target, const v1::SignHeader& header,
                  int at) {
  if (at == 0) return {};
  const std::string& name = header.components(at).name();
  const std::string& before = header.components(at - 1).name();
  for (int i = 0; i < at; ++i) {
    if (header.components(i).name() != name) continue;
    return Objection{
        "COMPONENT_TWICE",
        absl::StrCat("component ", name, " is given twice; give one of each")};
  }
  if (*ImageRoleOf(before) < *ImageRoleOf(name)) return {};
  return Objection{"COMPONENT_ORDER",
                   absl::StrCat("component ", name, " comes behind ", before,
                                "; target ", target.name(), " takes ",
                                NamesOf(target.fip()), ", in this order")};
}

Answer CheckImageSize(const v1::FipFormat& format, const v1::FipImage& image,
                      const v1::Component& component) {
  if (component.size() == 0) {
    return Objection{"COMPONENT_EMPTY",
                     absl::StrCat("component ", image.name(),
                                  " has no bytes; give the file that the build "
                                  "made, or leave it out")};
  }
  const std::uint64_t most =
      image.max_size() == 0 ? format.max_size() : image.max_size();
  if (component.size() <= most) return {};
  return Objection{
      "COMPONENT_TOO_LARGE",
      absl::StrCat("component ", image.name(), " has ", component.size(),
                   " bytes, expected at most ", most)};
}

Answer CheckAllThere(const v1::Target& target, const v1::SignHeader& header) {
  for (const v1::FipImage* image : ImagesOf(target.fip())) {
    const bool there = std::any_of(
        header.components().begin(), header.components().end(),
        [image](const auto& each) { return each.name() == image->name(); });
    if (there || image->presence() != v1::REQUIRED) continue;
    return Objection{
        "COMPONENT_MISSING",
        absl::StrCat("component ", image->name(),
                     " is missing: the second stage would not "
                     "start without it; target ",
                     target.name(), " takes ", NamesOf(target.fip()))};
  }
  return {};
}

// With certificates of the largest size.
Answer CheckPackageSize(const v1::Target& target,
                        const v1::SignHeader& header) {
  const v1::FipFormat& format = target.fip();
  const std::uint64_t align = std::max<std::uint64_t>(format.align(), 1);
  const auto aligned = [align](std::uint64_t size) {
    return (size + align - 1) / align * align;
  };
  std::uint64_t size = aligned(
      image::fip::TocBytes(static_cast<std::size_t>(header.components_size()) +
                           certificate::kRoles));
  for (const v1::Component& each : header.components()) {
    size += aligned(each.size());
  }
  size += certificate::kRoles * aligned(certificate::kMaxCertificateBytes);
  if (size <= format.max_size()) return {};
  return Objection{
      "PACKAGE_TOO_LARGE",
      absl::StrCat("the package would have up to ", size,
                   " bytes, its bank holds ", format.max_size(),
                   "; make the images smaller, or the bank larger")};
}

}  // namespace

Answer CheckPackageImages(const v1::Target& target,
                          const v1::SignHeader& header) {
  for (int i = 0; i < header.components_size(); ++i) {
    const v1::Component& component = header.components(i);
    const v1::FipImage* const image = FindImage(target.fip(), component.name());
    if (image == nullptr) return Unknown(target, component.name());
    if (Answer bad = CheckPlace(target, header, i)) return bad;
    if (Answer bad = CheckImageSize(target.fip(), *image, component)) {
      return bad;
    }
  }
  if (Answer bad = CheckAllThere(target, header)) return bad;
  return CheckPackageSize(target, header);
}

Answer CheckNonTrustedCounter(const v1::Target& target,
                              const v1::SignHeader& header,
                              std::uint32_t security_counter) {
  if (!header.has_non_trusted_counter()) return {};
  if (!target.has_fip()) {
    return Objection{
        "NON_TRUSTED_COUNTER_NOT_OF_TARGET",
        absl::StrCat("target ", target.name(), " is for ", HowToAsk(target),
                     ", and has no non-trusted world; leave its "
                     "counter out")};
  }
  if (header.non_trusted_counter() == security_counter) return {};
  return Objection{
      "COUNTERS_DIFFER",
      absl::StrCat("trusted counter ", security_counter,
                   ", non-trusted counter ", header.non_trusted_counter(),
                   ": the chip keeps both in one register, and would refuse "
                   "the lower one for good after the first accepted start; "
                   "give one value")};
}

Answer CheckValidFrom(const v1::Target& target, const v1::SignHeader& header) {
  if (!header.has_valid_from_unix_seconds()) return {};
  if (!target.has_fip()) {
    return Objection{
        "VALID_FROM_NOT_OF_TARGET",
        absl::StrCat("target ", target.name(), " is for ", HowToAsk(target),
                     ", and has no certificates; leave valid_from "
                     "out")};
  }
  // Up to 9899, as the longest validity is a hundred years.
  constexpr std::int64_t kEnd = 250'223'126'400;
  const std::int64_t seconds = header.valid_from_unix_seconds();
  if (seconds >= 0 && seconds < kEnd) return {};
  return Objection{"VALID_FROM_INVALID",
                   absl::StrCat("valid from second ", seconds,
                                " since 1970, expected 0 to ", kEnd - 1)};
}

Answer CheckImageVersion(const v1::Target& target,
                         std::uint32_t security_counter) {
  if (!target.has_stm32_header() || security_counter != 0 ||
      target.stm32_header().open_chips()) {
    return {};
  }
  return Objection{
      "IMAGE_VERSION_ZERO",
      absl::StrCat("image version 0 does not start on a closed chip, and "
                   "closing one raises its counter to 1; give 1 or more (a "
                   "target whose chips stay open says open_chips)")};
}

Answer CheckFirstStageSize(const v1::Target& target,
                           const v1::SignHeader& header) {
  const std::uint64_t size = header.payload_size();
  const std::uint64_t most = target.stm32_header().max_size();
  if (size == 0) {
    return Objection{"EMPTY_PAYLOAD", "a first stage's payload has 0 bytes"};
  }
  if (size <= most) return {};
  return Objection{
      "PAYLOAD_TOO_LARGE",
      absl::StrCat("payload has ", size, " bytes, expected at most ", most,
                   ", the max_size of target ", target.name())};
}

}  // namespace bootseal::trust
