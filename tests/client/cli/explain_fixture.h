// bootseal explain of an image that a test spoils, offline.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_EXPLAIN_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_EXPLAIN_FIXTURE_H_

#include <array>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer.h"
#include "tests/client/cli/offline_fixture.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

class ExplainTest : public OfflineTest {
 protected:
  ExplainTest() : target_(SharedKey(image::Algorithm::kP256)) {
    parts_ = MakeParts(target_, TestPayload(301), {});
    proto_.set_name("board/app");
    proto_.set_key("app");
    proto_.add_requesters("ci");
    v1::McubootFormat& format = *proto_.mutable_mcuboot();
    format.set_header_size(0x20);
    format.set_slot_size(0x10000);
    format.set_strategy(v1::SWAP_SCRATCH);
    format.set_sector_size(0x1000);
    format.set_security_counter(v1::OPTIONAL);
    format.set_image_count(2);
  }

  v1::McubootFormat& format() { return *proto_.mutable_mcuboot(); }

  std::string Profile(const v1::Target& target, const SigningKey& key,
                      const std::string& name) {
    v1::Profile profile;
    *profile.mutable_target() = target;
    profile.set_algorithm(v1::P256);
    profile.set_public_key(key.public_key());
    std::string text;
    google::protobuf::TextFormat::PrintToString(profile, &text);
    return WriteFile(name, text);
  }
  std::string Profile() {
    return Profile(proto_, SharedKey(image::Algorithm::kP256), "profile");
  }

  Outcome Explain(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"explain", "--profile", Profile()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(WriteFile("image.bin", Join(parts_)));
    return Bootseal(arguments);
  }

  // The file up to the slot's end, with the trailer of imgtool's --pad or
  // --confirm.
  std::string Padded(image::mcuboot::TrailerKind kind) {
    std::array<std::byte, 80> buffer;
    const auto trailer = image::mcuboot::WriteTrailer(target_.rules, kind,
                                                      std::byte{0xff}, buffer);
    std::string file = Join(parts_);
    file.resize(0x10000 - trailer->size(), '\xff');
    return file + image::host::ToString(*trailer);
  }

  TestTarget target_;
  ImageParts parts_;
  v1::Target proto_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_EXPLAIN_FIXTURE_H_
