#include "client/cli/login.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/probe.h"
#include "client/cli/settings_file.h"
#include "client/cli/text.h"
#include "client/login/chain.h"
#include "client/login/report.h"
#include "client/login/store.h"
#include "client/token/file.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxPemBytes = 1024 * 1024;

struct Options {
  std::string client_ca;
  bool status = false;
  bool offline = false;
  bool force = false;
};

// What is stored is found without the option.
absl::Status CheckPlace(const CLI::App& command) {
  if (command.get_parent()->get_option("--config")->count() == 0) {
    return absl::OkStatus();
  }
  return UsageError("CONFIG_NOT_STORED",
                    "--config names a file that later commands would not "
                    "look for; set XDG_CONFIG_HOME to keep several identities");
}

absl::Status CheckGiven(const Settings& settings) {
  if (!settings.token.empty()) {
    return UsageError("TOKEN_NOT_STORED",
                      "BOOTSEAL_TOKEN is a token, not a place where one is "
                      "kept fresh; give --token-file");
  }
  const bool nobody = settings.certificate.empty() && settings.key.empty() &&
                      settings.token_file.empty() &&
                      settings.token_audience.empty();
  if (!nobody) return absl::OkStatus();
  return UsageError("IDENTITY_MISSING",
                    "nobody to log in; give --cert and --key, or "
                    "--token-file");
}

// As later commands can use it from any folder.
absl::StatusOr<Settings> Lasting(Settings settings) {
  ASSIGN_OR_RETURN(const auto servers, SplitServers(settings.server));
  settings.server = absl::StrJoin(servers, ",");
  if (!settings.log_key.empty()) {
    ASSIGN_OR_RETURN(const LogKey key, LogKey::Read(settings.log_key));
    settings.log_key = key.text();
  }
  if (!settings.token_file.empty()) {
    settings.token_file = std::filesystem::absolute(settings.token_file);
  }
  return settings;
}

// The CAs of our certificate, which vouch for it; empty without one.
absl::StatusOr<std::string> CheckIssuer(const Options& options,
                                        const Settings& settings,
                                        const Credentials& credentials,
                                        absl::Time now) {
  if (credentials.certificate_pem.empty()) return "";
  const std::string path = options.client_ca.empty()
                               ? login::ClientCaPath(settings)
                               : options.client_ca;
  ASSIGN_OR_RETURN(std::string pem, base::ReadFile(path, kMaxPemBytes));
  RETURN_IF_ERROR(
      login::CheckChain(credentials.certificate_pem, pem, path, now));
  return pem;
}

// The question has no target, so that there is nothing to allow or to record.
absl::StatusOr<login::SeenAs> AskServer(Context& context) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const auto stub = v1::SigningService::NewStub(connection->channel());
  ASSIGN_OR_RETURN(const v1::EvaluateReply reply,
                   connection->Unary(*stub, &v1::SigningService::Stub::Evaluate,
                                     v1::EvaluateRequest()));
  const v1::Caller& caller = reply.caller();
  return login::SeenAs{caller.identity(),
                       {caller.roles().begin(), caller.roles().end()}};
}

absl::StatusOr<std::optional<absl::Time>> TokenExpiry(
    const Settings& settings, const base::Clock& clock) {
  if (settings.token_file.empty()) return std::nullopt;
  const auto checked = token::ReadTokenFile(settings.token_file, clock.Now());
  if (checked.ok()) return checked->expires;
  return WithExit(checked.status(), ExitStatus::kLocalFile);
}

void WarnOfVariables(const login::Report& report) {
  if (report.overridden_by.empty()) return;
  Warn(
      absl::StrCat("VARIABLES_WIN: ", absl::StrJoin(report.overridden_by, ", "),
                   " of the environment win over what is stored"));
}

ExitStatus Tell(const login::Report& report, absl::Time now, Format format) {
  PrintResult(format == Format::kJson ? login::FormatJson(report, now)
                                      : login::FormatText(report, now));
  WarnOfVariables(report);
  return ExitStatus::kDone;
}

void WarnOfWhatIsMissing(const Settings& settings) {
  if (!settings.log_key.empty()) return;
  Warn(
      "LOG_KEY_MISSING: no log key is stored; commands that check receipts "
      "need --log-key");
}

absl::StatusOr<ExitStatus> LogIn(Context& context, const Options& options) {
  const base::SystemClock clock;
  ASSIGN_OR_RETURN(const Settings* const resolved, context.settings());
  RETURN_IF_ERROR(CheckGiven(*resolved));
  ASSIGN_OR_RETURN(const Settings settings, Lasting(*resolved));
  ASSIGN_OR_RETURN(const Credentials credentials,
                   LoadCredentials(settings, clock));
  login::Report report{.settings_path = SettingsPath(),
                       .overridden_by = VariablesThatWin()};
  ASSIGN_OR_RETURN(const std::string client_ca,
                   CheckIssuer(options, settings, credentials, clock.Now()));
  report.bearer = login::ReadBearer(credentials.certificate_pem, client_ca);
  ASSIGN_OR_RETURN(report.token_expires, TokenExpiry(settings, clock));
  ASSIGN_OR_RETURN(login::Store store,
                   login::Store::Open(report.settings_path));
  if (!options.force) {
    RETURN_IF_ERROR(store.CheckLoss(settings, credentials, clock.Now()));
  }
  if (!options.offline) {
    ASSIGN_OR_RETURN(report.seen_as, AskServer(context));
  }
  ASSIGN_OR_RETURN(report.replaced,
                   store.Put(settings, credentials,
                             client_ca == credentials.ca_pem ? "" : client_ca));
  ASSIGN_OR_RETURN(const login::Stored stored,
                   login::ReadStored(report.settings_path));
  report.settings = stored.settings;
  WarnOfWhatIsMissing(report.settings);
  return Tell(report, clock.Now(), context.format());
}

absl::Status CheckFiles(const login::Stored& stored, const base::Clock& clock) {
  RETURN_IF_ERROR(login::CheckPlaces(stored));
  const absl::Status status = LoadCredentials(stored.settings, clock).status();
  if (base::ReasonOf(status) != "FILE_NOT_FOUND") return status;
  return LocalFileError(
      "FILE_NOT_FOUND",
      absl::StrCat(status.message(),
                   "; what is stored is not whole; fix: bootseal login with "
                   "--ca, --cert and --key"));
}

absl::StatusOr<ExitStatus> TellStatus(Context& context) {
  const base::SystemClock clock;
  ASSIGN_OR_RETURN(const login::Stored stored,
                   login::ReadStored(SettingsPath()));
  if (!stored.HasIdentity()) {
    return LocalFileError(
        "NOT_LOGGED_IN",
        absl::StrCat(stored.path, " names no certificate and no token"));
  }
  login::Report report{.settings_path = stored.path,
                       .settings = stored.settings,
                       .bearer = stored.bearer,
                       .overridden_by = VariablesThatWin()};
  const auto token = TokenExpiry(stored.settings, clock);
  if (token.ok()) report.token_expires = *token;
  Tell(report, clock.Now(), context.format());
  RETURN_IF_ERROR(token.status());
  RETURN_IF_ERROR(login::CheckUsable(report, clock.Now()));
  RETURN_IF_ERROR(CheckFiles(stored, clock));
  if (!report.bearer) return ExitStatus::kDone;
  const std::string notice = login::ExpiryNotice(*report.bearer, clock.Now());
  if (!notice.empty()) Warn(notice);
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> LogOut(Context& context) {
  ASSIGN_OR_RETURN(const login::Stored before,
                   login::ReadStored(SettingsPath()));
  if (!before.HasIdentity()) {
    return LocalFileError(
        "NOT_LOGGED_IN",
        absl::StrCat(before.path, " names no certificate and no token"));
  }
  ASSIGN_OR_RETURN(login::Store store, login::Store::Open(before.path));
  const login::Stored gone = store.stored();
  RETURN_IF_ERROR(store.Forget());
  ASSIGN_OR_RETURN(const login::Stored left, login::ReadStored(before.path));
  login::Report report{.settings_path = left.path,
                       .settings = left.settings,
                       .overridden_by = VariablesThatWin()};
  for (const SettingLine& line : SettingLines(gone.settings)) {
    if (line.key == "server" || line.key == "ca" || line.key == "log-key") {
      continue;
    }
    report.removed.push_back(absl::StrCat(line.key, " = ", line.value));
  }
  return Tell(report, absl::Now(), context.format());
}

}  // namespace

Action DeclareLogin(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--client-ca", options->client_ca,
                 "PEM file: the CA of our certificate; default: --ca")
      ->check(NotEmpty());
  CLI::Option* const offline = app.add_flag("--offline", options->offline,
                                            "store without asking the server");
  CLI::Option* const force =
      app.add_flag("--force", options->force,
                   "replace an identity that would be lost by that");
  app.add_flag("--status", options->status,
               "who is stored, and until when; stores nothing")
      ->excludes(offline)
      ->excludes(force);
  return [options, &app](Context& context) -> absl::StatusOr<ExitStatus> {
    RETURN_IF_ERROR(CheckPlace(app));
    return options->status ? TellStatus(context) : LogIn(context, *options);
  };
}

Action DeclareLogout(CLI::App& app) {
  return [&app](Context& context) -> absl::StatusOr<ExitStatus> {
    RETURN_IF_ERROR(CheckPlace(app));
    return LogOut(context);
  };
}

}  // namespace bootseal::cli
