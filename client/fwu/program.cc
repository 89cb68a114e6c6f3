#include "client/fwu/program.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "client/fwu/configuration.h"
#include "client/fwu/fetch.h"
#include "client/fwu/gpt_storage.h"
#include "client/fwu/instance_lock.h"
#include "client/fwu/report.h"
#include "client/fwu/terminal_progress.h"
#include "client/fwu/verdict.h"

namespace bootseal::fwu {
namespace {

struct Request {
  Configuration configuration;
  std::string bundle;
  std::string statement;
  std::string receipt;
  std::optional<int> bank;
  bool json = false;
};

// A device that is opened, with what a command needs.
struct Session {
  const Request& request;
  image::host::ReleaseTrust trust;
  FolderRecords records;
  std::unique_ptr<Storage> storage;
  DeviceFacts facts;
  std::optional<Agent> agent;
};

using Answer = absl::StatusOr<Outcome>;

absl::StatusOr<Bundle> OpenBundle(Session& session,
                                  TerminalProgress& progress) {
  const Configuration& configuration = session.request.configuration;
  const std::string& place = session.request.bundle;
  if (!absl::StrContains(place, "://")) {
    ASSIGN_OR_RETURN(auto source, FromFile(place));
    return Bundle::Open(std::move(source), session.trust);
  }
  DownloadOptions options;
  options.url = place;
  options.ca_path = configuration.ca;
  return FetchBundle(
      options, session.trust, configuration.download_folder,
      [&session](const image::host::VerifiedRelease& release) {
        return session.agent->CheckRelease(release);
      },
      [&progress](std::uint64_t done, std::uint64_t total) {
        progress.Show("download", done, total);
      });
}

Answer Install(Session& session) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(Bundle bundle, OpenBundle(session, progress));
  return session.agent->Install(
      bundle,
      [&progress](absl::string_view what, std::uint64_t done,
                  std::uint64_t total) { progress.Show(what, done, total); });
}

Answer Record(Session& session) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(Bundle bundle, OpenBundle(session, progress));
  return session.agent->Record(bundle);
}

absl::StatusOr<std::string> ReadReceipt(const std::string& path) {
  if (path.empty()) return std::string();
  return base::ReadFile(path, kMaxReceiptBytes);
}

// The release on trial has to be known, or nothing says what was judged.
absl::Status CheckAuthority(Session& session, image::host::TrialEnd end) {
  const Request& request = session.request;
  if (request.configuration.verdicts == "free") return absl::OkStatus();
  if (request.statement.empty()) {
    return base::Refused(
        "VERDICT_MISSING",
        absl::StrCat("this device wants a signed statement: ",
                     image::host::NameOf(end), " --statement FILE"));
  }
  ASSIGN_OR_RETURN(const Condition condition, session.agent->Examine());
  const BankCondition& bank = condition.banks[condition.stored.metadata.active];
  if (!bank.release) {
    return base::Precondition("BANK_RELEASE_UNKNOWN",
                              "nothing says which release is on trial");
  }
  // What is damaged can still be given up.
  if (end == image::host::TrialEnd::kAccept &&
      bank.content != Content::kVerified) {
    return base::Precondition("BANK_CONTENT",
                              "the bank on trial does not hold its release");
  }
  ASSIGN_OR_RETURN(const std::string envelope,
                   base::ReadFile(request.statement, kMaxManifestBytes));
  ASSIGN_OR_RETURN(const std::string receipt, ReadReceipt(request.receipt));
  return CheckVerdict(
             envelope, receipt, session.trust,
             {request.configuration.product, *bank.release, end, absl::Now()})
      .status();
}

Answer Accept(Session& session) {
  RETURN_IF_ERROR(CheckAuthority(session, image::host::TrialEnd::kAccept));
  return session.agent->Accept();
}

Answer Reject(Session& session) {
  RETURN_IF_ERROR(CheckAuthority(session, image::host::TrialEnd::kReject));
  return session.agent->Reject();
}

Answer Rollback(Session& session) {
  std::optional<std::uint8_t> bank;
  if (session.request.bank) {
    bank = static_cast<std::uint8_t>(*session.request.bank);
  }
  return session.agent->Rollback(bank);
}

Answer Check(Session& session) { return session.agent->Check(); }

Answer Repair(Session& session) { return session.agent->Repair(); }

// Before anything is looked for in it.
absl::Status RepairTable(const Configuration& configuration, Storage& storage) {
  if (configuration.kind != "gpt") return absl::OkStatus();
  return RepairGpt(storage);
}

struct Command {
  const char* name;
  const char* words;
  Access access;
  absl::Status (*prepare)(const Configuration&, Storage&);
  Answer (*run)(Session&);  // nullptr: tells the condition
};

constexpr Command kCommands[] = {
    {"status", "tell the state, the banks and both copies of the metadata",
     Access::kRead, nullptr, nullptr},
    {"install", "verify a bundle, write it to the inactive bank and try it",
     Access::kReadWrite, nullptr, Install},
    {"accept", "keep the release on trial", Access::kReadWrite, nullptr,
     Accept},
    {"reject", "give the release on trial up", Access::kReadWrite, nullptr,
     Reject},
    {"rollback", "return to the release before", Access::kReadWrite, nullptr,
     Rollback},
    {"check", "after a reset: does run what was expected?", Access::kReadWrite,
     nullptr, Check},
    {"repair", "make a damaged copy of the metadata, or of the GPT, anew",
     Access::kReadWrite, RepairTable, Repair},
    {"record",
     "note which bank holds the release of a bundle, as the factory "
     "left it",
     Access::kRead, nullptr, Record},
};

// For standard output; a complaint is an answer too, and the answer is no.
struct Said {
  std::string text;
  std::string complaint;
};

absl::StatusOr<Said> Run(const Command& command, const Request& request) {
  const Configuration& configuration = request.configuration;
  RETURN_IF_ERROR(CheckConfiguration(configuration));
  ASSIGN_OR_RETURN(const InstanceLock lock,
                   InstanceLock::Take(configuration.lock));
  ASSIGN_OR_RETURN(image::host::ReleaseTrust trust, TrustOf(configuration));
  ASSIGN_OR_RETURN(auto storage, OpenStorage(configuration, command.access));
  if (command.prepare != nullptr) {
    RETURN_IF_ERROR(command.prepare(configuration, *storage));
  }
  ASSIGN_OR_RETURN(Device device, OpenDevice(configuration, *storage));
  Session session{
      request,
      trust,
      FolderRecords(configuration.records, trust),
      std::move(storage),
      {device.product, device.security_counter, device.boot, std::nullopt},
      std::nullopt};
  if (configuration.kind == "gpt")
    session.facts.gpt = InspectGpt(*session.storage);
  ASSIGN_OR_RETURN(Agent agent,
                   Agent::Open(std::move(device), session.records));
  session.agent.emplace(std::move(agent));
  if (command.run == nullptr) {
    ASSIGN_OR_RETURN(const Condition condition, session.agent->Examine());
    return Said{request.json ? ConditionJson(condition, session.facts)
                             : ConditionText(condition, session.facts),
                ""};
  }
  ASSIGN_OR_RETURN(const Outcome outcome, command.run(session));
  return Said{request.json ? OutcomeJson(outcome) : OutcomeText(outcome),
              outcome.fallback ? outcome.words + " (FELL_BACK)" : ""};
}

void AddDeviceOptions(CLI::App& app, Configuration& configuration) {
  app.add_option("--device", configuration.device, "block or MTD device");
  app.add_option("--kind", configuration.kind, "gpt or raw");
  app.add_option("--unit", configuration.unit,
                 "bytes of a sector or erase block");
  app.add_option("--metadata", configuration.metadata,
                 "raw: offsets of both copies")
      ->expected(2);
  app.add_option("--metadata-size", configuration.metadata_size,
                 "raw: bytes of each");
  app.add_option("--image", configuration.images, "raw: GUID@OFFSET+SIZE");
  app.add_option("--metadata-version", configuration.metadata_version,
                 "what the bootloader reads, 1 or 2");
  app.add_option("--banks", configuration.banks, "banks");
  app.add_option("--images-per-bank", configuration.images_per_bank,
                 "images of each bank");
  app.add_option("--boot-register", configuration.boot_register,
                 "file:, binary: or devmem:");
  app.add_option("--security-counter", configuration.security_counter,
                 "file:, binary: or devmem:");
  app.add_option("--report-register", configuration.report_register,
                 "of the second stage: file:, binary: or devmem:");
  app.add_option("--error-register", configuration.error_register,
                 "of the second stage: file:, binary: or devmem:");
  app.add_option("--backup-marker", configuration.backup_marker,
                 "a word of the backup domain for install to write: binary: or "
                 "devmem:");
}

void AddTrustOptions(CLI::App& app, Configuration& configuration) {
  app.add_option("--product", configuration.product, "this device's product");
  app.add_option("--release-key", configuration.release_key, "public key, PEM");
  app.add_option("--algorithm", configuration.algorithm, "of that key");
  app.add_option("--log-key", configuration.log_key,
                 "of the audit log; receipts are demanded");
  app.add_option("--verdicts", configuration.verdicts,
                 "free, or signed: accept and reject want a statement");
  app.add_option("--lock", configuration.lock, "one instance at a time");
  app.add_option("--records", configuration.records,
                 "folder: which release each bank has");
  app.add_option("--download-folder", configuration.download_folder,
                 "where a download is kept until it is installed");
  app.add_option("--ca", configuration.ca, "CA of the download, PEM");
}

void AddCommands(CLI::App& app, Request& request) {
  for (const Command& command : kCommands) {
    CLI::App* added = app.add_subcommand(command.name, command.words);
    added->configurable(false);
    const absl::string_view name = command.name;
    if (name == "install" || name == "record") {
      added->add_option("bundle", request.bundle, "file, or https:// URL")
          ->required();
    }
    if (name == "accept" || name == "reject") {
      added->add_option("--statement", request.statement,
                        "signed verdict, of `bootseal fwu accept` or reject");
      added->add_option("--receipt", request.receipt,
                        "its proof, where the log's key is configured");
    }
    if (name == "rollback") {
      added->add_option("--bank", request.bank, "instead of the previous one")
          ->check(CLI::Range(0, 3));
    }
  }
}

constexpr char kName[] = "bootseal-fwu";
constexpr char kWords[] = "Updates the firmware of this device";

void Declare(CLI::App& app, Request& request) {
  app.require_subcommand(1);
  app.fallthrough();
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", kConfigurationPath, "what this device is");
  app.add_flag("--json", request.json, "results and errors as JSON")
      ->configurable(false);
  AddDeviceOptions(app, request.configuration);
  AddTrustOptions(app, request.configuration);
  AddCommands(app, request);
}

void Complain(absl::string_view words) {
  std::fprintf(stderr, "bootseal-fwu: %s\n", std::string(words).c_str());
}

ExitStatus Tell(const absl::StatusOr<Said>& said, bool json) {
  if (!said.ok()) {
    if (json) std::fputs(ErrorJson(said.status()).c_str(), stdout);
    Complain(absl::StrCat(said.status().message(), " (",
                          base::ReasonOf(said.status()), ")"));
    return ExitStatusOf(said.status());
  }
  std::fputs(said->text.c_str(), stdout);
  if (std::fflush(stdout) != 0) return ExitStatus::kLocalFile;
  if (said->complaint.empty()) return ExitStatus::kDone;
  Complain(said->complaint);
  return ExitStatus::kRefused;
}

}  // namespace

ExitStatus RunProgram(const std::vector<std::string>& arguments) {
  Request request;
  CLI::App app(kWords, kName);
  Declare(app, request);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    reversed.pop_back();  // the program's name
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitStatus::kDone : ExitStatus::kUsage;
  }
  for (const Command& command : kCommands) {
    if (!app.got_subcommand(command.name)) continue;
    return Tell(Run(command, request), request.json);
  }
  return ExitStatus::kUsage;
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  Request request;
  CLI::App app(kWords, kName);
  Declare(app, request);
  read(app);
}

}  // namespace bootseal::fwu
