// What a target's package and first stage formats must be like.
#include <bit>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/trust/names.h"
#include "server/trust/package_format.h"

namespace bootseal::trust {
namespace {

namespace certificate = image::certificate;
using certificate::ImageRole;

constexpr std::uint32_t kMaxAlign = 1 << 20;
constexpr std::uint32_t kMaxValidDays = 36'500;

// Those that BL2 loads whatever the product is.
constexpr ImageRole kAlways[] = {ImageRole::kFwConfig, ImageRole::kHwConfig,
                                 ImageRole::kTosFw, ImageRole::kNtFw};

std::string KnownImages() {
  std::vector<std::string> names;
  for (const certificate::ImageTraits& traits : certificate::kImageTraits) {
    names.push_back(traits.name);
  }
  return absl::StrJoin(names, ", ");
}

void CheckImage(const v1::FipImage& image, Names& seen, const Field& here) {
  if (!ImageRoleOf(image.name())) {
    here.At("name").Report(absl::StrCat("\"", image.name(),
                                        "\" is no image that certificates "
                                        "speak for; known: ",
                                        KnownImages()));
  } else if (!seen.insert(image.name()).second) {
    here.At("name").Report(
        absl::StrCat("\"", image.name(), "\" is given twice"));
  }
  if (image.presence() == v1::FORBIDDEN ||
      !v1::Presence_IsValid(image.presence())) {
    here.At("presence")
        .Report(
            "expected OPTIONAL or REQUIRED; one that is not to be there is not "
            "listed");
  }
}

void CheckImages(const v1::FipFormat& format, const Field& here) {
  Names seen;
  for (int i = 0; i < format.images_size(); ++i) {
    CheckImage(format.images(i), seen, here.At("images", i));
  }
  for (const ImageRole role : kAlways) {
    const char* const name = certificate::TraitsOf(role).name;
    const v1::FipImage* const image = FindImage(format, name);
    if (image != nullptr && image->presence() == v1::REQUIRED) continue;
    here.At("images").Report(absl::StrCat(
        "needs \"", name, "\" as REQUIRED: the second stage loads it always"));
  }
}

void CheckSize(std::uint64_t size, const Field& field) {
  if (size == 0) return field.Report("required: bytes of the smallest bank");
  if (size <= kMaxPackageBytes) return;
  field.Report(absl::StrCat(size, ", expected at most ", kMaxPackageBytes));
}

void CheckValidity(const v1::FipFormat& format, const Field& here) {
  if (format.valid_days() > kMaxValidDays) {
    here.At("valid_days")
        .Report(absl::StrCat(format.valid_days(), ", expected at most ",
                             kMaxValidDays));
  }
  const Field field = here.At("valid_from");
  if (format.valid_from().empty()) {
    return field.Report(
        "required, for example \"2026-01-01T00:00:00Z\": certificates begin "
        "there, so that the same request gives the same bytes");
  }
  const auto from = ParseValidFrom(format.valid_from());
  constexpr int kFirstYear = 1950;
  constexpr int kLastYear = 9899;
  const auto year =
      absl::ToCivilYear(from.value_or(absl::UnixEpoch()), absl::UTCTimeZone())
          .year();
  if (from && year >= kFirstYear && year <= kLastYear) return;
  field.Report(absl::StrCat("\"", format.valid_from(),
                            "\", expected a time such as "
                            "2026-01-31T00:00:00Z, of the years ",
                            kFirstYear, " to ", kLastYear));
}

void CheckPackageChip(v1::Stm32Chip chip, const Field& field) {
  if (chip == v1::STM32MP15 || chip == v1::STM32MP13) return;
  field.Report(
      "required: STM32MP15 or STM32MP13 (the package of an STM32MP2 has images "
      "and certificates of a Cortex-A35, which are not made here)");
}

}  // namespace

void CheckChip(v1::Stm32Chip chip, const Field& field) {
  if (ToImage(chip) != nullptr) return;
  field.Report(
      "required: STM32MP15, STM32MP13, STM32MP21, STM32MP23 or STM32MP25");
}

void CheckFip(const v1::FipFormat& format, v1::Algorithm algorithm,
              const Field& here) {
  CheckPackageChip(format.chip(), here.At("chip"));
  CheckImages(format, here);
  CheckSize(format.max_size(), here.At("max_size"));
  if (format.align() != 0 &&
      (!std::has_single_bit(format.align()) || format.align() > kMaxAlign)) {
    here.At("align").Report(absl::StrCat(
        format.align(), ", expected a power of two up to ", kMaxAlign));
  }
  CheckValidity(format, here);
  if (format.security_counter_ceiling() > certificate::kMaxCounter) {
    here.At("security_counter_ceiling")
        .Report(absl::StrCat(format.security_counter_ceiling(),
                             ", expected at most ", certificate::kMaxCounter));
  }
  if (IsOfAChain(algorithm) || algorithm == v1::ALGORITHM_UNSPECIFIED) return;
  here.Report(absl::StrCat(
      "needs keys of P256, or all of BRAINPOOL_P256T1: the chip verifies no "
      "other; the key is ",
      v1::Algorithm_Name(algorithm)));
}

}  // namespace bootseal::trust
