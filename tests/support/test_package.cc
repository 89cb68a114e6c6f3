#include "tests/support/test_package.h"

#include <atomic>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

void AddImage(v1::FipFormat& format, const char* name, v1::Presence presence,
              std::uint64_t max_size = 0) {
  v1::FipImage& image = *format.add_images();
  image.set_name(name);
  image.set_presence(presence);
  image.set_max_size(max_size);
}

}  // namespace

v1::FipFormat TestPackageFormat() {
  v1::FipFormat format;
  format.set_chip(v1::STM32MP15);
  format.set_max_size(256 << 10);
  format.set_valid_from("2026-01-01T00:00:00Z");
  // Not in the order of the upload.
  AddImage(format, "tos-fw", v1::REQUIRED);
  AddImage(format, "tos-fw-extra1", v1::OPTIONAL, 4096);
  AddImage(format, "tos-fw-extra2", v1::PRESENCE_UNSPECIFIED);
  AddImage(format, "nt-fw", v1::REQUIRED);
  AddImage(format, "fw-config", v1::REQUIRED);
  AddImage(format, "hw-config", v1::REQUIRED);
  return format;
}

v1::Stm32HeaderFormat TestFirstStageFormat() {
  v1::Stm32HeaderFormat format;
  format.set_chip(v1::STM32MP15);
  format.set_entry_point(0x2ffc2500);
  format.set_load_address(0x2ffc2400);
  format.set_max_size(64 << 10);
  return format;
}

PackageFiles TestPackageFiles() {
  return {{"fw-config", "configuration of firmware"},
          {"hw-config", std::string(3000, 'h')},
          {"tos-fw", absl::StrCat("trusted", std::string(70'000, 't'))},
          {"tos-fw-extra1", "pager"},
          {"nt-fw", absl::StrCat("u-boot", std::string(9'000, 'u'))}};
}

std::string PackageUpload(const PackageFiles& files) {
  std::string upload;
  for (const auto& [name, content] : files) upload += content;
  return upload;
}

v1::SignHeader PackageHeader(const std::string& target,
                             const PackageFiles& files) {
  static std::atomic<int> next = 0;
  v1::SignHeader header;
  header.set_target(target);
  header.set_version("1.2.3");
  header.set_security_counter(1);
  header.set_request_id(absl::StrCat("package-", next++));
  for (const auto& [name, content] : files) {
    v1::Component& component = *header.add_components();
    component.set_name(name);
    component.set_size(content.size());
    header.set_payload_size(header.payload_size() + content.size());
  }
  return header;
}

}  // namespace bootseal::tests
