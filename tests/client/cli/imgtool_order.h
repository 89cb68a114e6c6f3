// Command lines of imgtool's sign, held against a target.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_IMGTOOL_ORDER_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_IMGTOOL_ORDER_H_

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/status.h"
#include "client/cli/imgtool_target.h"
#include "client/imgtool/sign_arguments.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {

using Arguments = std::vector<std::string>;

inline v1::Profile App() {
  v1::Profile profile;
  profile.set_algorithm(v1::P256);
  v1::Target& target = *profile.mutable_target();
  target.set_name("an521-app");
  target.set_key("app");
  target.mutable_mcuboot()->set_header_size(0x400);
  target.mutable_mcuboot()->set_slot_size(0x80000);
  return profile;
}

inline imgtool::ServerOrder Read(Arguments arguments) {
  CLI::App app;
  const auto read = imgtool::DeclareSignArguments(app);
  for (const char* word : {"-v", "1.0", "-k", "bootseal:x", "in.bin", "o.bin"})
    arguments.emplace_back(word);
  app.parse(Arguments(arguments.rbegin(), arguments.rend()));
  const auto options = imgtool::ReadForServer(*read);
  EXPECT_OK(options);
  return {"x", "", options.value_or(imgtool::SignOptions()),
          imgtool::GivenOptions(app)};
}

inline std::string Complaint(const v1::Profile& profile,
                             const Arguments& arguments) {
  const absl::Status status = CheckAgainstTarget(Read(arguments), profile);
  if (status.ok()) return "";
  EXPECT_EQ(base::ReasonOf(status), "TARGET_CONTRADICTED");
  return std::string(status.message());
}

struct Contradiction {
  std::string name;
  Arguments arguments;
  std::string complaint;
};

inline void PrintTo(const Contradiction& contradiction, std::ostream* out) {
  *out << contradiction.name;
}

}  // namespace bootseal::cli

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_IMGTOOL_ORDER_H_
