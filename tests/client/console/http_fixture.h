// The console's server on a free port, spoken to byte by byte.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_HTTP_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_HTTP_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "client/console/access.h"
#include "client/console/api.h"
#include "client/console/confirmations.h"
#include "client/console/server.h"
#include "client/console/terminal.h"
#include "tests/client/console/memory_source.h"

namespace bootseal::tests {

// Stands still until it is told to go on.
class HandClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

// Headers by name, an empty value leaves one out.
using HttpHeaders = std::map<std::string, std::string>;

class HttpTest : public testing::Test {
 protected:
  HttpTest();
  ~HttpTest() override;

  // Bytes out, bytes back until the server closes.
  std::string Exchange(const std::string& bytes) const;
  // What our own page sends, `changes` on top.
  std::string Get(const std::string& path,
                  const HttpHeaders& changes = {}) const;
  std::string Post(const std::string& path, const std::string& body,
                   const HttpHeaders& changes = {}) const;
  std::string Send(const std::string& method, const std::string& path,
                   const std::string& body, HttpHeaders headers,
                   const HttpHeaders& changes) const;

  // Asks for a confirmation; its id.
  std::string Ask(const std::string& subject, const std::string& verdict);
  std::string Answer(const std::string& id, const std::string& code) const;
  // What the terminal shows, and the last code on it.
  std::string Shown() const;
  std::string CodeShown() const;
  // A code that is not the one shown.
  std::string WrongCode() const;

  std::string Host() const;
  int port() const { return server_->port(); }
  const std::string& token() const { return token_; }

  HandClock clock_;
  MemorySource source_;
  console::Access access_;
  console::Confirmations confirmations_{clock_};

 private:
  std::FILE* const screen_;
  console::Terminal terminal_;
  console::Api api_;
  std::unique_ptr<console::Server> server_;
  std::string token_;
};

int StatusOfReply(const std::string& reply);
// The value of a member that is text or a number, by plain search.
std::string Member(const std::string& reply, const std::string& name);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_HTTP_FIXTURE_H_
