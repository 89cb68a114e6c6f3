// A bundle over HTTPS: verified before it is kept, kept before it is written.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "client/fwu/fetch.h"
#include "tests/client/fwu/https_server.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/client/fwu/test_release.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::fwu {
namespace {

using tests::StatusIs;
using Code = absl::StatusCode;

const TestRelease& Release() {
  static const auto* release = new TestRelease(MakeRelease({.minor = 2}));
  return *release;
}

bool IsEmpty(const std::string& folder) {
  return std::filesystem::is_empty(folder);
}

absl::StatusOr<Bundle> FetchTo(const DownloadOptions& options,
                               const std::string& folder,
                               const ReleaseCheck& check) {
  return FetchBundle(options, TestTrust(), folder, check, nullptr);
}

absl::Status Allow(const image::host::VerifiedRelease&) {
  return absl::OkStatus();
}

TEST(FetchBundle, VerifiesTheManifestBeforeAnythingIsOnTheDisk) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 9000;
  const tests::TemporaryFolder folder;
  bool asked = false;
  auto bundle = FetchTo(server.Options(), folder.path(),
                        [&](const image::host::VerifiedRelease& release) {
                          asked = true;
                          EXPECT_TRUE(IsEmpty(folder.path()));
                          EXPECT_EQ(release.manifest().product, kProduct);
                          return absl::OkStatus();
                        });
  ASSERT_OK(bundle);
  EXPECT_TRUE(asked);
  EXPECT_OK(bundle->ReadImages([](std::size_t, std::uint64_t, image::Bytes) {
    return absl::OkStatus();
  }));
  EXPECT_TRUE(IsEmpty(folder.path()));
}

TEST(FetchBundle, EndsWithABadSignatureBeforeTheImages) {
  HttpsServer server(Release().bundle);
  TestRelease forged = Release();
  std::string& envelope = forged.head.envelope;
  const std::size_t at = envelope.find("\"sig\":\"") + 20;
  envelope[at] = envelope[at] == 'A' ? 'B' : 'A';
  server.content = TarOf(forged);
  server.bytes_per_connection = 8192;
  const tests::TemporaryFolder folder;
  EXPECT_FALSE(FetchTo(server.Options(), folder.path(), Allow).ok());
  EXPECT_TRUE(IsEmpty(folder.path()));
  EXPECT_EQ(server.requests, 1);
}

TEST(FetchBundle, EndsWithAReleaseThatTheDeviceRefuses) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 8192;
  const tests::TemporaryFolder folder;
  EXPECT_THAT(FetchTo(server.Options(), folder.path(),
                      [](const image::host::VerifiedRelease&) {
                        return base::Precondition("PRODUCT_MISMATCH",
                                                  "another");
                      }),
              StatusIs(Code::kFailedPrecondition, "PRODUCT_MISMATCH"));
  EXPECT_EQ(server.requests, 1);
}

TEST(FetchBundle, IsNoLongerThanItsRelease) {
  HttpsServer server(Release().bundle);
  server.content += std::string(4 << 20, '\0');
  const tests::TemporaryFolder folder;
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_SIZE"));
}

TEST(FetchBundle, OfWhatIsNoBundleIsRefused) {
  HttpsServer server(Release().bundle);
  const tests::TemporaryFolder folder;
  server.content = std::string(5000, 'x');
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_FORMAT"));
  server.content = Release().bundle.substr(0, 700);
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_TRUNCATED"));
}

TEST(FetchBundle, NamesAFolderThatCannotBeWritten) {
  HttpsServer server(Release().bundle);
  EXPECT_THAT(FetchTo(server.Options(), "/nonexistent", Allow),
              StatusIs(Code::kFailedPrecondition, "FILE_UNWRITABLE"));
}

TEST(FetchBundle, DoesNotFollowAServerThatNeverEnds) {
  HttpsServer server(Release().bundle);
  const tests::TemporaryFolder folder;
  EXPECT_THAT(FetchTo(server.Options("/endless"), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_SIZE"));
  // Nor one whose manifest never ends: nothing of it is on the disk.
  server.content = std::string(512, '\0');
  EXPECT_FALSE(FetchTo(server.Options("/endless"), folder.path(), Allow).ok());
  EXPECT_TRUE(IsEmpty(folder.path()));
}

// The server is gone for good after one byte more, and one more: whatever was
// there of the release, no byte of it reached the device.
TEST(FetchBundle, WritesNothingToTheDeviceUntilAllOfItIsThere) {
  SimulatedDevice device(DeviceOptions{});
  device.Fill(0, Release());
  using image::fwu::BankState;
  device.StoreMetadata(MakeMetadata(
      device.options(), 0, 1, {BankState::kAccepted, BankState::kInvalid}));
  SimulatedFlash flash(device.content.flash, 512, device.medium());
  int writes = 0;
  flash.OnWrite([&writes](const UnitWrite&) { ++writes; });
  auto agent = device.OpenAgent(flash, device.content);
  ASSERT_OK(agent);
  const tests::TemporaryFolder folder;
  const std::size_t size = Release().bundle.size();
  for (std::size_t at = 0; at < size; at += at < 4096 ? 101 : 7919) {
    HttpsServer server(Release().bundle.substr(0, size));
    server.bytes_per_connection = at;
    server.on_request = [&server](int number) {
      if (number > 1) server.bytes_per_connection = 0;
    };
    DownloadOptions options = server.Options();
    options.attempts = 1;
    const auto bundle =
        FetchTo(options, folder.path(),
                [&agent](const image::host::VerifiedRelease& release) {
                  return agent->CheckRelease(release);
                });
    ASSERT_THAT(bundle, StatusIs(Code::kUnavailable, "DOWNLOAD_BROKEN")) << at;
    ASSERT_EQ(writes, 0) << at;
    ASSERT_TRUE(IsEmpty(folder.path())) << at;
  }
}

}  // namespace
}  // namespace bootseal::fwu
