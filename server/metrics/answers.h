// What is answered to a whole HTTP request, in memory: nothing here waits for
// anybody.
#ifndef BOOTSEAL_SERVER_METRICS_ANSWERS_H_
#define BOOTSEAL_SERVER_METRICS_ANSWERS_H_

#include <httplib.h>

#include <functional>
#include <map>
#include <string>

namespace bootseal::metrics {

struct Page {
  int status = 200;
  std::string content_type;
  std::string body;
};

// By path: made anew for each request.
using Pages = std::map<std::string, std::function<Page()>>;

// Not thread-safe.
class Answers final : private httplib::Server {
 public:
  explicit Answers(Pages pages);

  // The bytes of the answer to `request`, which has its whole head (RFC 9112);
  // a body is not looked at. Empty for what is not HTTP.
  std::string To(std::string request);

 private:
  const Pages pages_;
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_ANSWERS_H_
