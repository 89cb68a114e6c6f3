// The monitoring port of a server under test, over HTTP.
#ifndef BOOTSEAL_TESTS_SERVER_SCRAPE_H_
#define BOOTSEAL_TESTS_SERVER_SCRAPE_H_

#include <string>

#include "tests/support/server_fixture.h"

namespace bootseal::tests {

// Has the server listen on a free port, which is in the folder's file
// "metrics-port" once it listens.
void AddMetrics(ServerFixture& server);
// Has the token sign with key "canary", the policy's last one, every second.
void AddCanary(ServerFixture& server);
int MetricsPort(const ServerFixture& server);

struct HttpAnswer {
  int status = 0;  // 0: none
  std::string content_type;
  std::string body;
};
HttpAnswer Fetch(const ServerFixture& server, const std::string& path);

// The body of /metrics.
std::string Scrape(const ServerFixture& server);

// The value of a series as it stands there: "name" or `name{label="x"}`; -1
// when the scrape does not have it.
double ValueOf(const std::string& scrape, const std::string& series);

// Scrapes until the series has that value; false after fifteen seconds.
bool Reaches(const ServerFixture& server, const std::string& series,
             double value);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_SCRAPE_H_
