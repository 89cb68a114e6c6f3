// A headless Chromium, driven as W3C WebDriver says: what a person sees, types
// and clicks. Profile and caches lie in a folder of the test's; no process
// outlives the object.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_BROWSER_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_BROWSER_H_

#include <google/protobuf/struct.pb.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace bootseal::tests {

namespace keys {
inline constexpr char kEnter[] = "\uE007";
inline constexpr char kEscape[] = "\uE00C";
inline constexpr char kTab[] = "\uE004";
inline constexpr char kDown[] = "\uE015";
inline constexpr char kUp[] = "\uE013";
}  // namespace keys

// Failures are failures of the running test.
class Browser {
 public:
  explicit Browser(const std::string& folder);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void Open(const std::string& address);
  // The result of a function's body; text or a number as text.
  std::string Run(const std::string& script);
  // Runs `script` until it gives something that is true; false after `limit`.
  bool WaitFor(const std::string& script,
               std::chrono::seconds limit = std::chrono::seconds(20));
  // The text that a person sees in the first element, "" when there is none.
  std::string TextOf(const std::string& selector);
  bool WaitForText(const std::string& selector, const std::string& text);

  // Keys to whatever has the focus, one after the other.
  void Press(const std::vector<std::string>& keys);
  void Type(const std::string& text);
  void Click(const std::string& selector);
  // Into an element, for example the path of a file into a chooser.
  void TypeInto(const std::string& selector, const std::string& text);

  void Resize(int width, int height);
  void PreferDark();
  // Of the page from its top to its end.
  void Screenshot(const std::string& path);
  // Runs `script` before any other in every page from now on.
  void BeforeEveryPage(const std::string& script);

 private:
  using Value = google::protobuf::Value;

  // A WebDriver command below /session/ID.
  Value Command(const std::string& method, const std::string& path,
                const std::string& body = "{}");
  // The id of the first element; "" and a failure when there is none.
  std::string Find(const std::string& selector);
  Value DevTools(const std::string& command, const std::string& parameters);
  int WaitForPort(const std::string& log) const;

  std::unique_ptr<Background> driver_;
  int port_ = 0;
  std::string session_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_BROWSER_H_
