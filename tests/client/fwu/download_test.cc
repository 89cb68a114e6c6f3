// A file over HTTPS, from a server that does its worst.
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "base/file.h"
#include "client/fwu/download.h"
#include "tests/client/fwu/https_server.h"
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

struct Received {
  std::string bytes;
  absl::Status status;
};

Received Fetch(const DownloadOptions& options) {
  Received received;
  received.status = Download(
      options,
      [&received](image::Bytes bytes) {
        received.bytes.append(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size());
        return absl::OkStatus();
      },
      nullptr);
  return received;
}

TEST(Download, BringsTheFile) {
  HttpsServer server(Release().bundle);
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_EQ(server.requests, 1);
}

TEST(Download, GoesOnWhereItBroke) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 10000;
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_GE(server.ranges, 5);
}

TEST(Download, GoesOnWithoutAValidator) {
  HttpsServer server(Release().bundle);
  server.etag.clear();
  server.bytes_per_connection = 30000;
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
}

TEST(Download, SkipsWhatItHasWhenAServerKnowsNoRanges) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 20000;
  const Received received = Fetch(server.Options("/stream"));
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_EQ(server.requests, 3);
}

TEST(Download, RefusesAPartOfNobodyKnowsWhat) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 20000;
  EXPECT_THAT(Fetch(server.Options("/no-content-range")).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_REFUSED"));
}

TEST(Download, DoesNotMixTwoFiles) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 20000;
  server.on_request = [&server](int number) {
    if (number == 2) server.etag = "\"two\"";
  };
  EXPECT_THAT(Fetch(server.Options()).status,
              StatusIs(Code::kFailedPrecondition, "DOWNLOAD_CHANGED"));
}

TEST(Download, EndsAfterAttemptsThatBringNothing) {
  HttpsServer server(Release().bundle);
  const Received received = Fetch(server.Options("/broken"));
  EXPECT_THAT(received.status, StatusIs(Code::kUnavailable, "DOWNLOAD_BROKEN"));
  EXPECT_EQ(server.requests, 3);
  EXPECT_EQ(received.bytes, "");
}

TEST(Download, BelievesThePinnedAuthorityAlone) {
  HttpsServer server(Release().bundle);
  const tests::CertificateAuthority other("update CA");
  const tests::TemporaryFolder folder;
  ASSERT_OK(
      base::WriteFileAtomically(folder.File("ca"), other.certificate_pem()));
  DownloadOptions options = server.Options();
  options.ca_path = folder.File("ca");
  const Received received = Fetch(options);
  EXPECT_THAT(received.status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_UNTRUSTED"));
  EXPECT_EQ(server.requests, 0);
}

TEST(Download, BelievesNoOtherHostsCertificate) {
  HttpsServer server(Release().bundle);
  DownloadOptions options = server.Options();
  options.url.replace(options.url.find("127.0.0.1"), 9, "localhost");
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_UNTRUSTED"));
}

TEST(Download, FollowsNoRedirect) {
  HttpsServer server(Release().bundle);
  EXPECT_THAT(Fetch(server.Options("/moved")).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_REFUSED"));
  EXPECT_THAT(Fetch(server.Options("/none")).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_REFUSED"));
  EXPECT_EQ(server.requests, 0);
}

TEST(Download, WantsHttpsAndACertificate) {
  HttpsServer server(Release().bundle);
  DownloadOptions options = server.Options();
  options.url = "http://127.0.0.1/bundle";
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kInvalidArgument, "DOWNLOAD_URL"));
  options = server.Options();
  options.ca_path = "/nonexistent";
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kInvalidArgument, "DOWNLOAD_CA"));
  options.ca_path = "";
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kInvalidArgument, "DOWNLOAD_CA"));
}

TEST(Download, NamesAServerThatIsNotThere) {
  DownloadOptions options;
  {
    HttpsServer server(Release().bundle);
    options = server.Options();
    EXPECT_OK(Fetch(options).status);
  }
  const tests::TemporaryFolder folder;
  ASSERT_OK(base::WriteFileAtomically(
      folder.File("ca"), tests::CertificateAuthority("x").certificate_pem()));
  options.ca_path = folder.File("ca");
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kUnavailable, "DOWNLOAD_BROKEN"));
}

// The connection breaks at one byte after another: of the manifest, of the
// headers, of an image, and of the end.
TEST(Download, GoesOnWhereverItBreaks) {
  const std::size_t size = Release().bundle.size();
  int broken = 0;
  for (std::size_t at = 1; at < size; at += at < 4096 ? 97 : 4091) {
    HttpsServer server(Release().bundle);
    server.first_connection = at;
    const Received received = Fetch(server.Options());
    ASSERT_OK(received.status) << at;
    ASSERT_TRUE(received.bytes == server.content) << at;
    ASSERT_EQ(server.requests, 2) << at;
    ASSERT_EQ(server.ranges, 1) << at;
    ++broken;
  }
  EXPECT_GT(broken, 50);
}

TEST(Download, LosesPatienceWithAServerThatStalls) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 5000;
  server.stalls = true;
  DownloadOptions options = server.Options();
  options.patience = absl::Seconds(3);
  // It goes on where it stalled, and gets 5000 bytes of each connection.
  const absl::Time start = absl::Now();
  server.content.resize(9000);
  const Received received = Fetch(options);
  EXPECT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_EQ(server.requests, 2);
  EXPECT_LT(absl::Now() - start, absl::Seconds(25));
}

TEST(Download, EndsWithAServerThatStallsBeforeTheFirstByte) {
  HttpsServer server(Release().bundle);
  server.bytes_per_connection = 0;
  server.stalls = true;
  DownloadOptions options = server.Options();
  options.patience = absl::Seconds(1);
  options.attempts = 2;
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kUnavailable, "DOWNLOAD_BROKEN"));
}

TEST(Download, EndsWithItsSink) {
  HttpsServer server(Release().bundle);
  const absl::Status status = Download(
      server.Options("/endless"),
      [](image::Bytes) { return base::Precondition("ENOUGH", "enough"); },
      nullptr);
  EXPECT_THAT(status, StatusIs(Code::kFailedPrecondition, "ENOUGH"));
  EXPECT_EQ(server.requests, 1);
}

}  // namespace
}  // namespace bootseal::fwu
