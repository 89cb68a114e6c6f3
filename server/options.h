// The command line of bootseald.
#ifndef BOOTSEAL_SERVER_OPTIONS_H_
#define BOOTSEAL_SERVER_OPTIONS_H_

#include <functional>
#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::server {

extern const char kName[];
extern const char kWords[];
// Signals and exit status.
extern const char kFooter[];

struct Options {
  std::string config_path;
  bool check_keys = false;
};
void DeclareOptions(CLI::App& app, Options& options);

// Hands over the definition of the options, which lives no longer than that.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_OPTIONS_H_
