// A server of one bundle over TLS on the loopback, which breaks off, stalls,
// forgets ranges, changes the file or never ends, as it is told.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_HTTPS_SERVER_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_HTTPS_SERVER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "client/fwu/download.h"
#include "tests/support/pki.h"
#include "tests/support/temporary_folder.h"

namespace httplib {
class DataSink;
struct Request;
struct Response;
class SSLServer;
}  // namespace httplib

namespace bootseal::fwu {

// What is set is set before the first request.
class HttpsServer {
 public:
  explicit HttpsServer(std::string served);
  ~HttpsServer();
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;

  std::string ca_path() const { return folder_.File("ca"); }
  std::string Url(const std::string& path = "/bundle") const;
  // Three attempts, short pauses, two seconds of patience.
  DownloadOptions Options(const std::string& path = "/bundle") const;

  std::string content;
  std::string etag = "\"one\"";
  std::size_t bytes_per_connection = 1 << 30;
  // The first connection alone breaks off there, or each of them.
  std::size_t first_connection = 1 << 30;
  bool stalls = false;  // instead of breaking off
  std::atomic<int> requests = 0;
  std::atomic<int> ranges = 0;
  std::function<void(int)> on_request = [](int) {};

 private:
  struct Given;

  void AddRoutes();
  bool Give(std::size_t offset, std::size_t length, Given& given,
            httplib::DataSink& sink);
  // /bundle: the file, or a part of it.
  void Serve(const httplib::Request& request, httplib::Response& response);
  // /stream: without a length, and blind to ranges; /no-content-range: the
  // same, and says that it is a part.
  void Stream(const httplib::Request& request, httplib::Response& response);
  // /endless: the bundle, and zeros for ever.
  void Endless(const httplib::Request& request, httplib::Response& response);

  tests::TemporaryFolder folder_;
  tests::CertificateAuthority authority_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_HTTPS_SERVER_H_
