// The shell side of a BitBake class, outside BitBake: its variables and its
// shell functions, put together as BitBake puts a task's run script together.
#ifndef BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_BITBAKE_CLASS_H_
#define BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_BITBAKE_CLASS_H_

#include <map>
#include <string>

namespace bootseal::tests {

// Names and values: BitBake's datastore.
using Datastore = std::map<std::string, std::string>;

class BitbakeClass {
 public:
  // Reads assignments (=, ?=, ??=), flags aside, and functions without
  // `python`; aborts the test's process when the file cannot be read.
  explicit BitbakeClass(const std::string& path);

  const Datastore& defaults() const { return defaults_; }
  // Names and how each was first assigned: "=", "?=" or "??=".
  const Datastore& assignments() const { return assignments_; }
  const std::map<std::string, std::string>& functions() const {
    return functions_;
  }

  // What BitBake gives /bin/sh for a task whose body is `command`: every
  // function, with ${NAME} replaced where `values` or the defaults have NAME,
  // and OpenEmbedded's bbfatal and bbnote.
  std::string RunScript(const Datastore& values,
                        const std::string& command) const;

 private:
  Datastore defaults_;
  Datastore assignments_;
  std::map<std::string, std::string> functions_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_BITBAKE_CLASS_H_
