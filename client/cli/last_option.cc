#include "client/cli/last_option.h"

namespace bootseal::cli {

CLI::Validator NoOptionOf(const CLI::App& app) {
  const auto judge = [&app](std::string& text) -> std::string {
    const bool is_option = text.size() > 1 && text.front() == '-' &&
                           app.get_option_no_throw(text) != nullptr;
    return is_option ? "takes a value; it swallowed " + text : "";
  };
  return {judge, "", "no option"};
}

CLI::Option* LastOf(CLI::Option* option) {
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

CLI::Option* AddText(CLI::App& app, const std::string& names,
                     std::string& value, const std::string& help) {
  return LastOf(app.add_option(names, value, help))
      ->check(NotEmpty())
      ->check(NoOptionOf(app));
}

CLI::Option* AddChoice(CLI::App& app, const std::string& names,
                       std::string& value,
                       const std::vector<std::string>& choices,
                       const std::string& help) {
  return LastOf(app.add_option(names, value, help))
      ->check(CLI::IsMember(choices));
}

}  // namespace bootseal::cli
