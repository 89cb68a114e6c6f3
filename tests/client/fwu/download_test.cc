#include "client/fwu/download.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/fwu/fetch.h"
#include "tests/client/fwu/test_release.h"
#include "tests/support/pki.h"
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

// Serves one file over TLS, a bit of it per connection.
class Server {
 public:
  Server() : authority_("update CA") {
    const auto credential = authority_.Issue({"server", {}, {"127.0.0.1"}});
    EXPECT_OK(
        base::WriteFileAtomically(ca_path(), authority_.certificate_pem()));
    EXPECT_OK(base::WriteFileAtomically(folder_.File("cert"),
                                        credential.certificate_pem));
    EXPECT_OK(
        base::WriteFileAtomically(folder_.File("key"), credential.key_pem));
    server_ = std::make_unique<httplib::SSLServer>(folder_.File("cert").c_str(),
                                                   folder_.File("key").c_str());
    server_->Get("/bundle", [this](const httplib::Request& request,
                                   httplib::Response& response) {
      Serve(request, response);
    });
    server_->Get("/stream", [this](const httplib::Request& request,
                                   httplib::Response& response) {
      Stream(request, response);
    });
    server_->Get("/moved",
                 [](const httplib::Request&, httplib::Response& response) {
                   response.set_redirect("/bundle");
                 });
    server_->Get("/broken",
                 [this](const httplib::Request&, httplib::Response& response) {
                   ++requests;
                   response.status = 503;
                 });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    for (int i = 0; i < 500 && !server_->is_running(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  ~Server() {
    server_->stop();
    thread_.join();
  }

  std::string ca_path() const { return folder_.File("ca"); }
  DownloadOptions Options(const std::string& path = "/bundle") const {
    DownloadOptions options;
    options.url = absl::StrCat("https://127.0.0.1:", port_, path);
    options.ca_path = ca_path();
    options.attempts = 3;
    options.pause = absl::Milliseconds(1);
    options.patience = absl::Seconds(2);
    return options;
  }
  const std::string& folder() const { return folder_.path(); }

  std::string content = Release().bundle;
  std::string etag = "\"one\"";
  std::size_t bytes_per_connection = 1 << 30;
  std::atomic<int> requests = 0;
  std::atomic<int> ranges = 0;
  std::function<void(int)> on_request = [](int) {};

 private:
  // The connection ends when the provider says so.
  bool Give(std::size_t offset, std::size_t length, std::size_t& given,
            httplib::DataSink& sink) {
    if (given >= bytes_per_connection) return false;
    const std::size_t count =
        std::min({length, bytes_per_connection - given, std::size_t{4096}});
    given += count;
    return sink.write(content.data() + offset, count);
  }

  void Serve(const httplib::Request& request, httplib::Response& response) {
    on_request(++requests);
    if (!request.ranges.empty()) ++ranges;
    if (!request.ranges.empty() && request.has_header("If-Range")) {
      EXPECT_FALSE(request.get_header_value("If-Range").empty());
    }
    if (!etag.empty()) response.set_header("ETag", etag);
    auto given = std::make_shared<std::size_t>(0);
    response.set_content_provider(
        content.size(), "application/x-tar",
        [this, given](std::size_t offset, std::size_t length,
                      httplib::DataSink& sink) {
          return Give(offset, length, *given, sink);
        });
  }

  // Without a length, and blind to ranges.
  void Stream(const httplib::Request&, httplib::Response& response) {
    const int number = ++requests;
    const std::size_t limit = number < 3 ? bytes_per_connection : 1 << 30;
    response.set_chunked_content_provider(
        "application/x-tar",
        [this, limit](std::size_t offset, httplib::DataSink& sink) {
          if (offset >= content.size()) {
            sink.done();
            return true;
          }
          if (offset >= limit) return false;
          return sink.write(
              content.data() + offset,
              std::min<std::size_t>(4096, content.size() - offset));
        });
  }

  tests::TemporaryFolder folder_;
  tests::CertificateAuthority authority_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::thread thread_;
};

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
  Server server;
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_EQ(server.requests, 1);
}

TEST(Download, GoesOnWhereItBroke) {
  Server server;
  server.bytes_per_connection = 10000;
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_GE(server.ranges, 5);
}

TEST(Download, GoesOnWithoutAValidator) {
  Server server;
  server.etag.clear();
  server.bytes_per_connection = 30000;
  const Received received = Fetch(server.Options());
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
}

TEST(Download, SkipsWhatItHasWhenAServerKnowsNoRanges) {
  Server server;
  server.bytes_per_connection = 20000;
  const Received received = Fetch(server.Options("/stream"));
  ASSERT_OK(received.status);
  EXPECT_EQ(received.bytes, server.content);
  EXPECT_EQ(server.requests, 3);
}

TEST(Download, DoesNotMixTwoFiles) {
  Server server;
  server.bytes_per_connection = 20000;
  server.on_request = [&server](int number) {
    if (number == 2) server.etag = "\"two\"";
  };
  EXPECT_THAT(Fetch(server.Options()).status,
              StatusIs(Code::kFailedPrecondition, "DOWNLOAD_CHANGED"));
}

TEST(Download, EndsAfterAttemptsThatBringNothing) {
  Server server;
  const Received received = Fetch(server.Options("/broken"));
  EXPECT_THAT(received.status, StatusIs(Code::kUnavailable, "DOWNLOAD_BROKEN"));
  EXPECT_EQ(server.requests, 3);
  EXPECT_EQ(received.bytes, "");
}

TEST(Download, BelievesThePinnedAuthorityAlone) {
  Server server;
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
  Server server;
  DownloadOptions options = server.Options();
  options.url.replace(options.url.find("127.0.0.1"), 9, "localhost");
  EXPECT_THAT(Fetch(options).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_UNTRUSTED"));
}

TEST(Download, FollowsNoRedirect) {
  Server server;
  EXPECT_THAT(Fetch(server.Options("/moved")).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_REFUSED"));
  EXPECT_THAT(Fetch(server.Options("/none")).status,
              StatusIs(Code::kPermissionDenied, "DOWNLOAD_REFUSED"));
  EXPECT_EQ(server.requests, 0);
}

TEST(Download, WantsHttpsAndACertificate) {
  Server server;
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
    Server server;
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
  Server server;
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
  Server server;
  TestRelease forged = Release();
  forged.head.envelope = forged.head.envelope.replace(
      forged.head.envelope.find("\"sig\":\"") + 20, 1, "_");
  server.content = TarOf(forged);
  server.bytes_per_connection = 8192;
  const tests::TemporaryFolder folder;
  EXPECT_FALSE(FetchTo(server.Options(), folder.path(), Allow).ok());
  EXPECT_TRUE(IsEmpty(folder.path()));
  EXPECT_EQ(server.requests, 1);
}

TEST(FetchBundle, EndsWithAReleaseThatTheDeviceRefuses) {
  Server server;
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
  Server server;
  server.content += std::string(4 << 20, '\0');
  const tests::TemporaryFolder folder;
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_SIZE"));
}

TEST(FetchBundle, OfWhatIsNoBundleIsRefused) {
  Server server;
  const tests::TemporaryFolder folder;
  server.content = std::string(5000, 'x');
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_FORMAT"));
  server.content = Release().bundle.substr(0, 700);
  EXPECT_THAT(FetchTo(server.Options(), folder.path(), Allow),
              StatusIs(Code::kInvalidArgument, "BUNDLE_TRUNCATED"));
}

TEST(FetchBundle, NamesAFolderThatCannotBeWritten) {
  Server server;
  EXPECT_THAT(FetchTo(server.Options(), "/nonexistent", Allow),
              StatusIs(Code::kFailedPrecondition, "FILE_UNWRITABLE"));
}

}  // namespace
}  // namespace bootseal::fwu
