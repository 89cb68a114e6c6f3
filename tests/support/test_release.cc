#include "tests/support/test_release.h"

#include <google/protobuf/text_format.h>

#include <atomic>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

constexpr char kFormat[] = R"(
product: "board"
metadata_version: 2
images {
  name: "fip"
  type_guid: "19d5df83-11b0-457b-be2c-7559c13142a5"
  bank_guids: "4fd84c93-54ef-463f-a7ef-ae25ff887087"
  bank_guids: "09c54952-d5bf-45af-acee-335303766fb3"
  bank_size: 0x10000
}
images {
  name: "bootfs"
  type_guid: "bc13c2ff-59e6-4262-a352-b275fd6f7172"
  location_guid: "0fc63daf-8483-4772-8e79-3d69d8477de4"
  bank_guids: "11111111-2222-4333-8444-555555555550"
  bank_guids: "11111111-2222-4333-8444-555555555551"
  bank_size: 0x8000
}
readers: [BOOTSEAL_BOOT, U_BOOT_V2]
)";

}  // namespace

v1::ReleaseFormat TestReleaseFormat() {
  v1::ReleaseFormat format;
  if (!google::protobuf::TextFormat::ParseFromString(kFormat, &format)) {
    std::abort();
  }
  return format;
}

v1::ReleaseFormat TestFipFormat() {
  v1::ReleaseFormat format = TestReleaseFormat();
  format.mutable_images()->RemoveLast();
  for (const v1::MetadataReader reader : {v1::TF_A_2_11, v1::TF_A_2_16}) {
    format.add_readers(reader);
  }
  return format;
}

std::string TestFip(std::size_t bytes, char seed) {
  std::string fip("\x01\x00\x64\xaa", 4);
  for (std::size_t i = fip.size(); i < bytes; ++i) {
    fip.push_back(static_cast<char>(seed + i * 7));
  }
  fip.resize(bytes);
  return fip;
}

v1::SignHeader ReleaseHeader(const std::string& target, const Files& files) {
  static std::atomic<int> next = 0;
  v1::SignHeader header;
  header.set_target(target);
  header.set_version("1.2.3");
  header.set_security_counter(5);
  header.set_request_id(absl::StrCat("release-", next++));
  for (const auto& [name, content] : files) {
    v1::Component& component = *header.add_components();
    component.set_name(name);
    component.set_size(content.size());
    header.set_payload_size(header.payload_size() + content.size());
  }
  return header;
}

std::string Joined(const Files& files) {
  std::string all;
  for (const auto& [name, content] : files) all += content;
  return all;
}

}  // namespace bootseal::tests
