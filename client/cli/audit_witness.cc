#include "client/cli/audit_witness.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/clock.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_source.h"
#include "client/cli/json.h"
#include "client/cli/log_memory.h"
#include "client/cli/text.h"
#include "client/witness/cosigner.h"
#include "client/witness/http_service.h"
#include "client/witness/witness.h"
#include "firmware/image/host/add_checkpoint.h"

namespace bootseal::cli {
namespace {

struct Options {
  witness::CosignerOptions cosigner;
  witness::HttpOptions http;
  std::string folder;
  std::vector<std::string> logs;
  bool once = false;
  witness::Start start = witness::Start::kContinuing;
};

absl::StatusOr<std::vector<LogKey>> ReadLogs(
    Context& context, const std::vector<std::string>& given) {
  std::vector<LogKey> logs;
  for (const std::string& text : given) {
    ASSIGN_OR_RETURN(LogKey key, LogKey::Read(text));
    logs.push_back(std::move(key));
  }
  if (!logs.empty()) return logs;
  ASSIGN_OR_RETURN(LogKey key, context.ReadLogKey());
  logs.push_back(std::move(key));
  return logs;
}

void Announce(Format format, const witness::Witness& witness, bool secure,
              const std::string& host, int port) {
  const std::string url =
      absl::StrCat(secure ? "https://" : "http://", host, ":", port);
  if (format == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("url", Json::Text(url))
                    .Add("verifier_key", Json::Text(witness.key().text()))
                    .Build()
                    .text() +
                "\n");
    return;
  }
  PrintResult(FormatTable(
      {{"listening", url}, {"verifier key", witness.key().text()}}));
}

absl::StatusOr<ExitStatus> Serve(Format format, witness::Witness& witness,
                                 const witness::HttpOptions& options) {
  ASSIGN_OR_RETURN(const auto service,
                   witness::HttpService::Open(witness, options));
  Announce(format, witness, !options.certificate_path.empty(),
           options.listen.substr(0, options.listen.rfind(':')),
           service->port());
  RETURN_IF_ERROR(service->Serve());
  return ExitStatus::kDone;
}

// What a log would have sent.
absl::StatusOr<image::host::AddCheckpoint> RequestFor(
    const Connection& connection, const TrustedCheckpoint& head,
    std::uint64_t old_size) {
  image::host::AddCheckpoint request;
  request.old_size = old_size;
  request.checkpoint = head.note;
  if (old_size == 0 || old_size >= head.size) return request;
  v1::Proof proof;
  ASSIGN_OR_RETURN(const auto hashes,
                   FetchConsistencyProof(connection, old_size, head.size));
  for (const std::string& hash : hashes) proof.add_hashes(hash);
  ASSIGN_OR_RETURN(request.proof, ToHashes(proof));
  return request;
}

// The witness's refusals in our words.
absl::Status Refused(const witness::Answer& answer, std::uint64_t old_size,
                     const TrustedCheckpoint& head) {
  if (head.size < old_size) {
    return base::Precondition("ROLLED_BACK",
                              absl::StrCat("the log has ", head.size,
                                           " entries, this witness cosigned ",
                                           old_size, "; nothing is cosigned"));
  }
  const absl::string_view why = absl::StripSuffix(answer.body, "\n");
  if (answer.status == 422) {
    return base::Precondition("FORKED",
                              absl::StrCat(why, "; nothing is cosigned"));
  }
  return base::Precondition("NOT_COSIGNED", why);
}

absl::StatusOr<ExitStatus> CosignOnce(Context& context, const LogKey& log,
                                      witness::Witness& witness) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const std::uint64_t old_size = witness.LatestSize(log.origin());
  ASSIGN_OR_RETURN(const TrustedCheckpoint head,
                   FetchCheckpoint(*connection, log));
  ASSIGN_OR_RETURN(const image::host::AddCheckpoint request,
                   RequestFor(*connection, head, old_size));
  const witness::Answer answer =
      witness.AddCheckpoint(image::host::WriteAddCheckpoint(request));
  if (answer.status != 200) return Refused(answer, old_size, head);
  const std::string note = witness.LatestNote(log.origin());
  PrintResult(
      context.format() == Format::kJson
          ? JsonObject()
                    .Add("size", Json::Number(head.size))
                    .Add("note", Json::Text(note))
                    .Add("verifier_key", Json::Text(witness.key().text()))
                    .Build()
                    .text() +
                "\n"
          : note);
  return ExitStatus::kDone;
}

// --new alone: the state is made, and who starts it later needs no --new.
ExitStatus Begun(const Context& context, const Options& options,
                 const witness::Witness& witness) {
  PrintResult(
      context.format() == Format::kJson
          ? JsonObject()
                    .Add("state", Json::Text(options.folder))
                    .Add("verifier_key", Json::Text(witness.key().text()))
                    .Build()
                    .text() +
                "\n"
          : FormatTable({{"new state", options.folder},
                         {"verifier key", witness.key().text()}}));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Run(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const std::vector<LogKey> logs,
                   ReadLogs(context, options.logs));
  if (options.once && logs.size() != 1) {
    return UsageError("ONE_LOG",
                      absl::StrCat("--once is for one log, ", logs.size(),
                                   " are given with --log"));
  }
  auto cosigner = witness::Cosigner::Open(options.cosigner);
  if (!cosigner.ok()) {
    return WithExit(cosigner.status(), ExitStatus::kLocalFile);
  }
  const base::SystemClock clock;
  auto witness = witness::Witness::Open(*std::move(cosigner), logs,
                                        options.folder, options.start, clock);
  if (!witness.ok()) return WithExit(witness.status(), ExitStatus::kLocalFile);
  if (options.once) return CosignOnce(context, logs.front(), **witness);
  if (options.http.listen.empty()) return Begun(context, options, **witness);
  return Serve(context.format(), **witness, options.http);
}

void DeclareKey(CLI::App& app, Options& options) {
  app.add_option("--key", options.cosigner.key,
                 "the witness's own Ed25519 key: PEM file or PKCS#11 URI")
      ->required()
      ->default_str("")
      ->check(NotEmpty());
  app.add_option("--pin-file", options.cosigner.pin_path,
                 "for a URI: file with the PIN")
      ->check(NotEmpty());
  app.add_option("--name", options.cosigner.name,
                 "of the witness, for example witness.example/w1")
      ->required()
      ->default_str("")
      ->check(PlainText());
}

}  // namespace

Action DeclareAuditWitness(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareKey(app, *options);
  app.add_option("--state", options->folder,
                 "folder of what was cosigned; never restore it from a copy")
      ->required()
      ->default_str("")
      ->check(NotEmpty());
  app.add_option("--log", options->logs,
                 "a log's key (repeatable); default: --log-key's")
      ->check(NotEmpty());
  auto* const begin = app.add_flag_callback(
      "--new", [options] { options->start = witness::Start::kNew; },
      "this witness never saw any of the logs: make their state; refused where "
      "there is one; alone: and end");
  auto* const once = app.add_flag("--once", options->once,
                                  "cosign what the server shows, and end");
  auto* const listen = app.add_option("--listen", options->http.listen,
                                      "host:port to serve C2SP tlog-witness on")
                           ->check(NotEmpty());
  auto* const certificate =
      app.add_option("--tls-cert", options->http.certificate_path,
                     "PEM file: HTTPS instead of HTTP")
          ->check(NotEmpty())
          ->needs(listen);
  auto* const key = app.add_option("--tls-key", options->http.key_path,
                                   "PEM file: its private key")
                        ->check(NotEmpty())
                        ->needs(certificate);
  certificate->needs(key);
  once->excludes(listen);
  return [options, begin](Context& context) -> absl::StatusOr<ExitStatus> {
    if (!options->once && options->http.listen.empty() && begin->empty()) {
      return UsageError("USAGE", "give --listen HOST:PORT, --once or --new");
    }
    return Run(context, *options);
  };
}

}  // namespace bootseal::cli
