// A server with a target whose key signs the image itself ("pure"), one that
// takes compressed payloads ("compressed"), and one that does both ("both").
#ifndef BOOTSEAL_TESTS_SERVER_CONTENT_FIXTURE_H_
#define BOOTSEAL_TESTS_SERVER_CONTENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/compression.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/verifier.h"
#include "server/trust/profile.h"
#include "tests/server/log_entries.h"
#include "tests/support/compressed_image.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
using image::host::AsBytes;
using image::mcuboot::Compression;
using Code = absl::StatusCode;

inline std::string FileOf(const v1::SignReply& reply,
                          absl::string_view payload) {
  return absl::StrCat(reply.header(), payload, reply.tlvs());
}

// The device's verdict over the image, and over what it makes of it.
inline absl::Status Verdict(const v1::SignReply& reply,
                            absl::string_view payload) {
  const auto profile = trust::McubootProfile::Make(reply.profile());
  if (!profile.ok()) return profile.status();
  const std::string file = FileOf(reply, payload);
  const image::mcuboot::Rules& rules = (*profile)->rules();
  const absl::Status outer = image::host::ToStatus(
      image::mcuboot::Verify(rules, AsBytes(file)).error());
  if (!outer.ok()) return outer;
  return image::host::CheckPlainVariant(rules, AsBytes(file));
}

inline std::string Sent(const std::string& plain,
                        Compression compression = Compression::kLzma2) {
  return image::host::Compress(compression, plain).value();
}

class Content : public testing::Test {
 protected:
  Content() {
    server_.AddKey("edwards", hsm::Algorithm::kEd25519);
    server_.AddTarget("pure", "edwards").mutable_mcuboot()->set_pure(true);
    AddCompressed("compressed", "app");
    AddCompressed("both", "edwards").set_pure(true);
  }

  v1::McubootFormat& AddCompressed(const std::string& name,
                                   const std::string& key) {
    v1::McubootFormat& format = *server_.AddTarget(name, key).mutable_mcuboot();
    format.set_strategy(v1::OVERWRITE_ONLY);
    format.set_compression(v1::LZMA2);
    return format;
  }

  static v1::SignHeader For(const std::string& target,
                            absl::string_view payload) {
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(target);
    return header;
  }
  static v1::SignHeader Compressed(const std::string& target,
                                   absl::string_view payload) {
    v1::SignHeader header = For(target, payload);
    header.set_compression(v1::LZMA2);
    return header;
  }

  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    absl::string_view payload,
                                    std::size_t chunk = 4096) {
    return Sign(server_.Channel("ci"), header, payload, {chunk});
  }

  std::size_t Releases() { return tests::Releases(server_); }

  ServerFixture server_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_CONTENT_FIXTURE_H_
