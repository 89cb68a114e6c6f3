#include <CLI/CLI.hpp>
#include <memory>

#include "hsm/commands/ceremony_check.h"
#include "hsm/commands/ceremony_run.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/failure.h"

namespace bootseal::hsm::commands {
namespace {

absl::Status HoldOrCheck(const CeremonyOptions& options) {
  if (!options.check.empty()) return CheckCeremony(options);
  if (!options.transcript.empty()) return HoldCeremony(options);
  return UsageError(
      "neither --transcript nor --check is given, expected the file to write, "
      "or the one to check");
}

void AddPlan(CLI::App& command, CeremonyOptions& options) {
  const auto add = [&command](const char* name,
                              std::vector<std::string>& values,
                              const char* help) {
    return command.add_option(name, values, help)->allow_extra_args(false);
  };
  add("--label", options.labels, "label of a new key; again for another");
  add("--algorithm", options.algorithms,
      "of each key: rsa2048, rsa3072, p256, p384, ed25519 or brainpoolP256t1");
  add("--padding", options.paddings,
      "of each key, or of none: pss (default), or pkcs1 for UEFI capsules")
      ->check(CLI::IsMember({"pss", "pkcs1"}));
  add("--purpose", options.purposes,
      "of each key, or of none: firmware (default), checkpoint or canary")
      ->check(CLI::IsMember({"firmware", "checkpoint", "canary"}));
  command.add_option("--origin", options.origin,
                     "the log's name, for a key that signs checkpoints");
  add("--witness-name", options.people,
      "who is present and confirms; again for another");
}

}  // namespace

void AddCeremony(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "ceremony",
      "make keys step by step in front of people, and write a transcript");
  const auto options = std::make_shared<CeremonyOptions>();
  AddTokenOptions(command, options->token);
  AddPlan(command, *options);
  command.add_flag("--yes", options->unattended,
                   "ask nobody; the transcript says so");
  auto* transcript = command.add_option(
      "--transcript", options->transcript,
      "file to write: whole, once, also of a ceremony that fails");
  command
      .add_option("--check", options->check,
                  "hold this transcript against the token, and make nothing")
      ->excludes(transcript);
  AddJsonFlag(command, options->form);
  command.callback([&action, options] {
    action = [options] { return HoldOrCheck(*options); };
  });
}

}  // namespace bootseal::hsm::commands
