#include "tests/support/test_release.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "firmware/image/bytes.h"

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
  constexpr std::size_t kTable = 16 + 2 * 40;
  std::string fip(std::max(bytes, kTable + 1), '\0');
  image::Writer writer(
      image::MutableBytes(reinterpret_cast<std::byte*>(fip.data()), kTable));
  writer.U32(0xaa640001);
  writer.U32(0x12345678);
  writer.U64(0);
  for (int i = 0; i < 2; ++i) writer.U64(0x0123456789abcdef);  // UUID
  writer.U64(kTable);
  writer.U64(fip.size() - kTable);
  writer.U64(0);
  for (int i = 0; i < 2; ++i) writer.U64(0);
  writer.U64(fip.size());
  for (std::size_t i = kTable; i < fip.size(); ++i) {
    fip[i] = static_cast<char>(seed + i * 7);
  }
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
