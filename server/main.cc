// bootseald --config FILE [--check-keys]
//
// SIGHUP reads the policy again, SIGTERM and SIGINT drain and end, at any
// moment of the start too. Exit status: 0 drained, 1 cannot start, 2 usage, 5 a
// local file, 6 the PIN: another start would spend another of the tries that
// the token gives.
#include <grpc/support/log.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "base/status.h"
#include "base/unknown_option.h"
#include "google/protobuf/stubs/logging.h"
#include "server/app.h"
#include "server/early_stop.h"
#include "server/key_report.h"
#include "server/options.h"
#include "server/supervisor.h"

namespace bootseal::server {
namespace {

constexpr int kCannotStart = 1;
constexpr int kUsage = 2;
constexpr int kLocalFile = 5;
constexpr int kPin = 6;

// All threads inherit the mask: signals wait until the main thread takes them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // Both come back as errors of write(), where they are handled.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return signals;
}

void LogGrpc(gpr_log_func_args* arguments) {
  base::Log(base::Severity::kWarning, "grpc",
            {{"message", arguments->message}});
}

// Of what callers sent: one line each, as all others.
void LogProtobuf(google::protobuf::LogLevel level, const char*, int,
                 const std::string& message) {
  const bool worse = level >= google::protobuf::LOGLEVEL_ERROR;
  base::Log(worse ? base::Severity::kError : base::Severity::kWarning,
            "protobuf", {{"message", message}});
}

void Reload(App& app, Supervisor& supervisor) {
  supervisor.Reloading();
  app.Reload();
  supervisor.Ready(app.Summary());
}

void RunUntilStopped(App& app, Supervisor& supervisor,
                     const sigset_t& signals) {
  const timespec patience =
      absl::ToTimespec(absl::FromChrono(supervisor.patience()));
  supervisor.Ready(app.Summary());
  while (true) {
    const int number = sigtimedwait(&signals, nullptr, &patience);
    if (number == SIGTERM || number == SIGINT) break;
    if (number == SIGHUP) Reload(app, supervisor);
    app.Tick();
    supervisor.Status(app.Summary());
    if (supervisor.IsDue() && app.IsAlive()) supervisor.Alive();
  }
  supervisor.Stopping();
  app.Drain();
}

int ExitStatusOf(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  if (absl::StartsWith(reason, "FILE_")) return kLocalFile;
  return absl::StartsWith(reason, "PIN_") ? kPin : kCannotStart;
}

int ReportKeys(const std::string& config_path) {
  const auto report = CheckKeys(config_path);
  if (!report.ok()) {
    LogProblems("cannot-check", report.status());
    return ExitStatusOf(report.status());
  }
  const bool told =
      std::fputs(report->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return told && report->all_well ? 0 : kCannotStart;
}

int Run(const std::string& config_path) {
  Supervisor supervisor;
  const sigset_t signals = BlockSignals();
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
  base::Log(base::Severity::kInfo, "starting", {{"config", config_path}});
  const auto app = [&config_path] {
    const EarlyStop early_stop;
    return App::Start(config_path);
  }();
  if (!app.ok()) {
    LogProblems("cannot-start", app.status());
    return ExitStatusOf(app.status());
  }
  RunUntilStopped(**app, supervisor, signals);
  return 0;
}

}  // namespace
}  // namespace bootseal::server

int main(int argc, char** argv) {
  CLI::App app(bootseal::server::kWords, bootseal::server::kName);
  bootseal::server::Options options;
  bootseal::server::DeclareOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    const std::string unknown =
        bootseal::base::UnknownOption(app, {argv + 1, argv + argc});
    if (unknown.empty()) {
      app.exit(error);
    } else {
      std::cerr << unknown << "; see bootseald --help\n";
    }
    return bootseal::server::kUsage;
  }
  return options.check_keys ? bootseal::server::ReportKeys(options.config_path)
                            : bootseal::server::Run(options.config_path);
}
