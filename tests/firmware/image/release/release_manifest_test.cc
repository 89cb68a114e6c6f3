#include "firmware/image/host/release_manifest.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"
#include "tests/firmware/image/release/release_case.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::host::ReadManifest;
using image::host::ReleaseManifest;
using image::host::WriteManifest;

TEST(ReleaseManifest, HasTheTextOfItsHeader) {
  const std::string text = WriteManifest(FipManifest(2));
  EXPECT_TRUE(absl::StartsWith(
      text,
      R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"banks":2,)"
      R"("images":[{"bankGuids":["4fd84c93-54ef-463f-a7ef-ae25ff887087",)"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, R"("securityCounter":7,)")) << text;
  EXPECT_TRUE(absl::StrContains(text, R"("version":"1.3.0"})")) << text;
}

TEST(ReleaseManifest, IsReadAsItWasWritten) {
  for (const std::uint32_t version : {1u, 2u}) {
    const ReleaseManifest manifest = FipManifest(version);
    const std::string text = WriteManifest(manifest);
    const auto read = ReadManifest(text);
    ASSERT_OK(read);
    EXPECT_EQ(WriteManifest(*read), text);
    EXPECT_EQ(read->product, manifest.product);
    EXPECT_EQ(read->security_counter, 7u);
    EXPECT_EQ(read->images[0].sha256, manifest.images[0].sha256);
    EXPECT_EQ(read->metadata, manifest.metadata);
  }
}

TEST(ReleaseManifest, MayHoldMetadataOfFwumdTool) {
  ReleaseManifest manifest = FipManifest(1);
  manifest.metadata = Written(FactoryMetadata(0));
  EXPECT_OK(ReadManifest(WriteManifest(manifest)));
}

// The member that a manifest is refused for.
std::string FieldOf(const std::string& text) {
  const auto read = ReadManifest(text);
  if (read.ok()) return "taken";
  EXPECT_EQ(base::ReasonOf(read.status()), "MANIFEST_MALFORMED");
  return base::FieldOf(read.status());
}

TEST(ReleaseManifest, ThatIsInconsistentIsRefusedByItsMember) {
  const auto changed = [](const std::function<void(ReleaseManifest&)>& change) {
    ReleaseManifest manifest = FipManifest(2);
    change(manifest);
    return FieldOf(WriteManifest(manifest));
  };
  using M = ReleaseManifest;
  const std::string image = "predicate.images.0.";
  EXPECT_EQ(changed([](M& m) { m.product.clear(); }), "predicate.product");
  EXPECT_EQ(changed([](M& m) { m.target.clear(); }), "predicate.target");
  EXPECT_EQ(changed([](M& m) { m.metadata_version = 3; }),
            "predicate.metadataVersion");
  EXPECT_EQ(changed([](M& m) { m.metadata_version = 1; }),
            "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.banks = 0; }), "predicate.banks");
  EXPECT_EQ(changed([](M& m) { m.banks = 5; }), "predicate.banks");
  EXPECT_EQ(changed([](M& m) { m.banks = 3; }), image + "bankGuids");
  EXPECT_EQ(changed([](M& m) { m.images.clear(); }), "predicate.images");
  EXPECT_EQ(changed([](M& m) { m.images.resize(9, m.images[0]); }),
            "predicate.images");
  EXPECT_EQ(changed([](M& m) { m.images.resize(2, m.images[0]); }),
            "predicate.images");
  EXPECT_EQ(changed([](M& m) { m.images[0].name = ""; }), image + "name");
  EXPECT_EQ(changed([](M& m) { m.images[0].name = "../fip"; }), image + "name");
  EXPECT_EQ(changed([](M& m) { m.images[0].size = 0; }), image + "size");
  EXPECT_EQ(changed([](M& m) { m.images[0].size = (4 << 20) + 1; }),
            image + "size");
  EXPECT_EQ(changed([](M& m) { m.images[0].bank_size = 0; }),
            image + "bankSize");
  EXPECT_EQ(changed([](M& m) { m.images[0].sha256.pop_back(); }),
            image + "sha256");
  EXPECT_EQ(changed([](M& m) { m.images[0].banks[1] = {}; }),
            image + "bankGuids");
  EXPECT_EQ(changed([](M& m) { m.images[0].banks[1] = m.images[0].banks[0]; }),
            "predicate.images");
  EXPECT_EQ(changed([](M& m) { m.images[0].type = image::guids::kFsbl; }),
            "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.images[0].location = image::guids::kFip; }),
            "predicate.metadata");
  EXPECT_EQ(changed([](M& m) {
              std::swap(m.images[0].banks[0], m.images[0].banks[1]);
            }),
            "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.metadata.clear(); }), "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.metadata += '\0'; }), "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.metadata[40] ^= 1; }), "predicate.metadata");
  EXPECT_EQ(changed([](M& m) { m.metadata = Written(FactoryMetadata(1)); }),
            "predicate.metadata");
}

TEST(ReleaseManifest, InAnotherTextIsRefused) {
  const std::string text = WriteManifest(FipManifest(2));
  const auto changed = [&](const std::string& from, const std::string& to) {
    EXPECT_TRUE(absl::StrContains(text, from)) << from;
    return FieldOf(absl::StrReplaceAll(text, {{from, to}}));
  };
  EXPECT_EQ(changed("\"banks\"", " \"banks\""), "text");
  EXPECT_EQ(changed("\"banks\"", "\"more\":1,\"banks\""), "text");
  EXPECT_EQ(changed("\"1.3.0\"", "\"1.3\""), "text");
  EXPECT_EQ(changed("\"1.3.0\"", "\"1.x\""), "predicate.version");
  EXPECT_EQ(changed("4fd84c93", "4FD84C93"), "text");
  EXPECT_EQ(changed("\"subject\":[", "\"subject\":[{},"), "text");
  EXPECT_EQ(changed("\"subject\"", "\"subjects\""), "text");
  EXPECT_EQ(changed("Statement/v1", "Statement/v2"), "_type");
  EXPECT_EQ(changed("release/v1", "release/v2"), "predicateType");
  EXPECT_EQ(changed("\"securityCounter\":7", "\"securityCounter\":4294967296"),
            "predicate.securityCounter");
  EXPECT_EQ(changed("\"securityCounter\":7", "\"securityCounter\":-1"),
            "predicate.securityCounter");
  EXPECT_EQ(changed("\"securityCounter\":7", "\"securityCounter\":7.0"),
            "predicate.securityCounter");
  EXPECT_EQ(changed("\"predicate\":{", "\"predicates\":{"),
            "predicate.product");
  EXPECT_EQ(FieldOf(text + "\n"), "text");
  EXPECT_EQ(FieldOf(""), "JSON");
  EXPECT_EQ(FieldOf("7"), "JSON");
}

TEST(ReleaseManifest, ChangedAtAnyByteIsAnotherOrRefused) {
  const std::string text = WriteManifest(FipManifest(2));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] ^= 1;
    const auto read = ReadManifest(changed);
    if (read.ok()) {
      ASSERT_EQ(WriteManifest(*read), changed) << at;
    }
    ASSERT_FALSE(ReadManifest(text.substr(0, at)).ok()) << at;
  }
}

}  // namespace
}  // namespace bootseal::tests
