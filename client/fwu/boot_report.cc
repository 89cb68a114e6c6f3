#include "client/fwu/boot_report.h"

#include "absl/strings/str_format.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BootReason;

constexpr std::uint32_t kTag = 0xb0a7;

}  // namespace

std::optional<BootReport> DecodeBootReport(std::uint32_t report,
                                           std::uint32_t error) {
  const std::uint32_t reason = report & 0xf;
  constexpr auto kLast = static_cast<std::uint32_t>(BootReason::kFailed);
  if (report >> 16 != kTag || reason == 0 || reason - 1 > kLast) {
    return std::nullopt;
  }
  return BootReport{static_cast<BootReason>(reason - 1),
                    static_cast<std::uint8_t>(report >> 4 & 0xf),
                    static_cast<image::Error>(error)};
}

std::string WordsOf(image::Error error) {
  return absl::StrFormat("%s (0x%08x)", image::Text(error),
                         static_cast<std::uint32_t>(error));
}

}  // namespace bootseal::fwu
