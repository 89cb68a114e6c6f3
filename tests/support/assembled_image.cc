#include "tests/support/assembled_image.h"

#include "absl/strings/str_cat.h"

namespace bootseal::tests {

std::string AssembledImage(const v1::SignReply& reply,
                           absl::string_view payload) {
  if (reply.profile().target().mcuboot().payload_has_header_room()) {
    payload.remove_prefix(reply.header().size());
  }
  std::string image = absl::StrCat(reply.header(), payload, reply.tlvs());
  if (reply.fill().file_size() == 0) return image;
  image.resize(reply.fill().file_size() - reply.fill().trailer().size(),
               static_cast<char>(reply.fill().erased_byte()));
  return absl::StrCat(image, reply.fill().trailer());
}

}  // namespace bootseal::tests
