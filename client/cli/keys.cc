#include "client/cli/keys.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/artifact.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string name;
  std::string format;
  std::string output;
};

std::string PurposeName(v1::KeyPurpose purpose) {
  return absl::AsciiStrToLower(v1::KeyPurpose_Name(purpose));
}

std::string ServingText(const v1::Key& key) {
  return key.serving() ? "serving"
                       : absl::StrCat("not serving: ",
                                      Printable(key.not_serving_reason()));
}

Json ToJson(const v1::Key& key) {
  const v1::KeyAttributes& attributes = key.attributes();
  return JsonObject()
      .Add("name", Json::Text(key.name()))
      .Add("algorithm", Json::Text(AlgorithmName(key.algorithm())))
      .Add("purpose", Json::Text(PurposeName(key.purpose())))
      .Add("public_key", Json::Hex(key.public_key()))
      .Add("key_hash", Json::Hex(key.key_hash()))
      .Add("serving", Json::Truth(key.serving()))
      .Add("not_serving_reason", Json::Text(key.not_serving_reason()))
      .Add("sensitive", Json::Truth(attributes.sensitive()))
      .Add("extractable", Json::Truth(attributes.extractable()))
      .Add("never_extractable", Json::Truth(attributes.never_extractable()))
      .Add("local", Json::Truth(attributes.local()))
      .Add("token_label", Json::Text(attributes.token_label()))
      .Add("token_serial", Json::Text(attributes.token_serial()))
      .Add("id", Json::Hex(attributes.id()))
      .Build();
}

std::string FormatKey(const v1::Key& key) {
  const v1::KeyAttributes& attributes = key.attributes();
  const auto truth = [](bool value) { return value ? "yes" : "no"; };
  return FormatTable({
      {"name", Printable(key.name())},
      {"algorithm", AlgorithmName(key.algorithm())},
      {"purpose", PurposeName(key.purpose())},
      {"state", ServingText(key)},
      {"key hash", absl::BytesToHexString(key.key_hash())},
      {"token", Printable(absl::StrCat(attributes.token_label(), " (serial ",
                                       attributes.token_serial(), ")"))},
      {"id", absl::BytesToHexString(attributes.id())},
      {"born in token", truth(attributes.local())},
      {"sensitive", truth(attributes.sensitive())},
      {"extractable", truth(attributes.extractable())},
      {"never extractable", truth(attributes.never_extractable())},
  });
}

absl::StatusOr<ExitStatus> List(Context& context) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const auto stub = v1::KeyService::NewStub(connection->channel());
  ASSIGN_OR_RETURN(const v1::ListKeysReply reply,
                   connection->Unary(*stub, &v1::KeyService::Stub::ListKeys,
                                     v1::ListKeysRequest()));
  std::vector<Json> json;
  std::vector<std::vector<std::string>> rows{
      {"NAME", "ALGORITHM", "PURPOSE", "KEY HASH", "STATE"}};
  for (const v1::Key& key : reply.keys()) {
    json.push_back(ToJson(key));
    rows.push_back({Printable(key.name()), AlgorithmName(key.algorithm()),
                    PurposeName(key.purpose()),
                    absl::BytesToHexString(key.key_hash()).substr(0, 16),
                    ServingText(key)});
  }
  PrintResult(context.format() == Format::kJson
                  ? Json::Array(json).text() + "\n"
                  : FormatTable(rows));
  return ExitStatus::kDone;
}

// In the form that was asked for by name.
absl::StatusOr<std::string> Render(const v1::Key& key,
                                   const std::string& format) {
  if (format == "pem") return ToPem(key.algorithm(), key.public_key());
  if (format == "der") return key.public_key();
  if (format == "c") return ToCArray(key.algorithm(), key.public_key());
  return absl::BytesToHexString(key.key_hash()) + "\n";
}

absl::Status HandKey(const v1::Key& key, const Options& options,
                     Format format) {
  ASSIGN_OR_RETURN(const std::string content, Render(key, options.format));
  const bool bytes = options.format == "der";
  return Hand(format, options.output,
              {.content = content,
               .shown = bytes ? Json::Hex(content) : Json::Text(content),
               .about = JsonObject()
                            .Add("name", Json::Text(key.name()))
                            .Add("format", Json::Text(options.format))});
}

absl::StatusOr<ExitStatus> Show(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const auto stub = v1::KeyService::NewStub(connection->channel());
  v1::GetKeyRequest request;
  request.set_name(options.name);
  ASSIGN_OR_RETURN(
      const v1::Key key,
      connection->Unary(*stub, &v1::KeyService::Stub::GetKey, request));
  const absl::Status given =
      options.format.empty()
          ? WriteOutput(options.output, context.format() == Format::kJson
                                            ? ToJson(key).text() + "\n"
                                            : FormatKey(key))
          : HandKey(key, options, context.format());
  RETURN_IF_ERROR(given);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareKeysList(CLI::App&) {
  return [](Context& context) { return List(context); };
}

Action DeclareKeysShow(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("name", options->name, "of the key in the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--format", options->format,
                 "pem, der or c: the public key; hash: what the device "
                 "compares")
      ->check(CLI::IsMember({"pem", "der", "c", "hash"}));
  app.add_option("-o,--output", options->output, "default: standard output")
      ->check(NotEmpty());
  return [options](Context& context) { return Show(context, *options); };
}

}  // namespace bootseal::cli
