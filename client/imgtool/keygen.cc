#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/private_encoding.h"
#include "client/imgtool/prompt.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string path;
  std::string type;
  bool passphrase = false;
  bool force = false;
  bool compatible = false;
};

std::vector<std::string> TypeNames() {
  std::vector<std::string> names;
  names.reserve(kKeyKinds.size());
  for (const KeyTraits& traits : kKeyKinds) names.emplace_back(traits.name);
  return names;
}

absl::StatusOr<KeyKind> KindNamed(absl::string_view name) {
  for (const KeyTraits& traits : kKeyKinds) {
    if (name == traits.name) return traits.kind;
  }
  return base::Invalid("KEY_TYPE", "type",
                       absl::StrCat("key type \"", name, "\", expected one of ",
                                    absl::StrJoin(TypeNames(), ", ")));
}

// As imgtool does without --type: scripts may answer on standard input.
absl::StatusOr<std::string> AskType() {
  std::cerr << "Type (" << absl::StrJoin(TypeNames(), ", ") << "): ";
  std::string line;
  if (std::getline(std::cin, line)) {
    return std::string(absl::StripAsciiWhitespace(line));
  }
  return base::Precondition("KEY_TYPE", "no key type was given; give --type");
}

absl::Status Exists(const std::string& path) {
  return base::Precondition("FILE_EXISTS",
                            absl::StrCat(path,
                                         ": there is a file already, and a key "
                                         "that is overwritten is lost; give "
                                         "another name, or --force"));
}

absl::Status CannotWrite(const std::string& path) {
  return base::Precondition("FILE_UNWRITABLE",
                            absl::StrCat(path, ": ", std::strerror(errno)));
}

// Before anything is asked for or made.
absl::Status CheckFree(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? Exists(path) : absl::OkStatus();
}

absl::StatusOr<base::Secret> NewKeyPem(const Options& options, KeyKind kind) {
  base::Secret passphrase;
  if (options.passphrase) {
    ASSIGN_OR_RETURN(passphrase, AskNewPassphrase());
  }
  ASSIGN_OR_RETURN(const Key key, Key::Generate(kind));
  return PrivatePem(key, passphrase);
}

absl::Status Write(const std::string& path, const base::Secret& pem) {
  return base::WriteFileAtomically(path, pem.Reveal(),
                                   base::FileMode::kPrivate);
}

// Takes the name first: of two that want it at once, one gets it.
absl::Status WriteNew(const std::string& path, const base::Secret& pem) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
                        static_cast<mode_t>(base::FileMode::kPrivate));
  if (file < 0) return errno == EEXIST ? Exists(path) : CannotWrite(path);
  close(file);
  absl::Status written = Write(path, pem);
  if (!written.ok()) unlink(path.c_str());
  return written;
}

absl::Status Keygen(const Options& options) {
  RETURN_IF_ERROR(CheckInFile(options.path,
                              "make one in it with `bootseal-token generate`"));
  const bool may_overwrite = options.force || options.compatible;
  if (!may_overwrite) RETURN_IF_ERROR(CheckFree(options.path));
  std::string type = options.type;
  if (type.empty()) {
    ASSIGN_OR_RETURN(type, AskType());
  }
  ASSIGN_OR_RETURN(const KeyKind kind, KindNamed(type));
  ASSIGN_OR_RETURN(const base::Secret pem, NewKeyPem(options, kind));
  return may_overwrite ? Write(options.path, pem) : WriteNew(options.path, pem);
}

}  // namespace

Action DeclareKeygen(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.description(
      "Make a key for local development, in a PEM file that only you may read. "
      "A key for production never is in a file: make it in the HSM with "
      "`bootseal-token generate`.");
  AddKeyOption(app, options->path, "PEM file to write the key pair to");
  app.add_option("-t,--type", options->type,
                 absl::StrCat("one of ", absl::StrJoin(TypeNames(), ", "),
                              "; asked for when absent"))
      ->check(CLI::IsMember(TypeNames()))
      ->type_name("TYPE");
  app.add_flag("-p,--password", options->passphrase,
               "ask for a passphrase and encrypt the file under it");
  app.add_flag("--force", options->force, "overwrite a file that is there");
  app.add_flag("--imgtool-compatible", options->compatible,
               "as imgtool does it: overwrite without being told to");
  return [options] { return Keygen(*options); };
}

}  // namespace bootseal::imgtool
