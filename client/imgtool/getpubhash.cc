#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/symbols.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string path;
  std::string output;
  std::string encoding = "lang-c";
  std::string suffix;
  std::string sha = "auto";
  bool compatible = false;
};

// The one that images signed with the key carry as KEYHASH.
image::HashAlgorithm HashOf(const Key& key, const Options& options) {
  if (options.compatible || options.sha == "256") {
    return image::HashAlgorithm::kSha256;
  }
  if (options.sha == "384") return image::HashAlgorithm::kSha384;
  if (options.sha == "512") return image::HashAlgorithm::kSha512;
  return key.traits().hash;
}

absl::Status CheckOptions(const Options& options) {
  if (options.encoding == "raw" && !options.suffix.empty()) {
    return base::Invalid("USAGE", "name-suffix",
                         "--name-suffix with encoding raw, which has no names; "
                         "expected lang-c");
  }
  if (options.compatible && options.sha != "auto") {
    return base::Invalid("USAGE", "sha",
                         "--sha and --imgtool-compatible exclude each other: "
                         "imgtool's hash is SHA-256 always");
  }
  return absl::OkStatus();
}

absl::Status Getpubhash(const Options& options, const Server& server) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const Key key, LoadKey(options.path, server, AskPassphrase));
  const std::string hash = key.Hash(HashOf(key, options));
  if (options.encoding == "raw") return Deliver(options.output, hash);
  const std::string symbol =
      absl::StrCat(key.traits().symbol_stem, "_pub_key_hash", options.suffix);
  return Deliver(options.output, ToCSource(symbol, hash));
}

}  // namespace

Action DeclareGetpubhash(CLI::App& app, const Server& server) {
  const auto options = std::make_shared<Options>();
  app.description(
      "Print the public key's hash as a device holds it and as images carry "
      "it.");
  AddKeyOption(
      app, options->path,
      "PEM file with a private or public key, or bootseal:TARGET for one in "
      "the HSM");
  AddOutputOption(app, options->output);
  app.add_option("-e,--encoding", options->encoding,
                 "lang-c (the default) or raw")
      ->check(CLI::IsMember({"lang-c", "raw"}))
      ->type_name("ENCODING");
  AddSuffixOption(app, options->suffix);
  app.add_option("--sha", options->sha,
                 "auto (the default): 384 for P-384, otherwise 256; 512 for "
                 "images of Ed25519 signed with --sha 512 or --pure")
      ->check(CLI::IsMember({"auto", "256", "384", "512"}))
      ->type_name("HASH");
  app.add_flag("--imgtool-compatible", options->compatible,
               "SHA-256 for every key, as imgtool prints it; a device that "
               "verifies P-384 compares another");
  return [options, &server] { return Getpubhash(*options, server); };
}

}  // namespace bootseal::imgtool
