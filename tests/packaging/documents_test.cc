// The packages' documents, read where they are installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/hygiene/links.h"
#include "tests/hygiene/source_tree.h"
#include "tests/packaging/packages.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

// All packages, or some, in one folder, as dpkg installs them.
class InstalledDocuments : public testing::Test {
 protected:
  void Install(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      ASSERT_EQ(
          tests::Run({"dpkg-deb", "-x", Archive(name), root_.path()}).exit_code,
          0);
    }
  }
  std::string Doc(const std::string& path) const {
    return root_.File(absl::StrCat("usr/share/doc/", path));
  }
  std::vector<SourceFile> Documents() const {
    std::vector<SourceFile> files = FilesBelow(Doc(""));
    std::erase_if(files, [](const SourceFile& file) {
      return !absl::EndsWith(file.path, ".md");
    });
    return files;
  }

  TemporaryFolder root_;
};

TEST_F(InstalledDocuments, HaveNoLinkThatLeadsNowhere) {
  Install({std::begin(kNames), std::end(kNames)});
  const std::vector<SourceFile> documents = Documents();
  ASSERT_GT(documents.size(), 20U);
  EXPECT_EQ(absl::StrJoin(LinkFaults(Doc(""), documents), "\n"), "");
}

// What the server's own documents point at and a companion holds.
TEST_F(InstalledDocuments, OfTheServerAreWholeButForTheClients) {
  Install({"bootseal-server"});
  const std::vector<std::string> faults = LinkFaults(Doc(""), Documents());
  EXPECT_FALSE(faults.empty());
  for (const std::string& fault : faults) {
    EXPECT_THAT(fault, HasSubstr(": no bootseal/README.md"));
  }
}

TEST_F(InstalledDocuments, AreThoseThatAnOperatorNeeds) {
  Install({"bootseal-server"});
  for (const char* path :
       {"README.Debian", "README.md", "runbook.md", "threat_model.md",
        "server.md", "hsm.md", "config.proto", "policy.proto",
        "examples/policy.textproto", "examples/encrypted-pin.conf",
        "examples/usb-hsm.conf", "examples/monitoring/README.md"}) {
    EXPECT_GT(ReadFile(Doc(absl::StrCat("bootseal-server/", path))).size(),
              100U)
        << path;
  }
}

TEST_F(InstalledDocuments, KeepTheirLinksToOneAnother) {
  Install({"bootseal-server", "bootseal"});
  EXPECT_THAT(ReadFile(Doc("bootseal-server/README.md")),
              testing::AllOf(HasSubstr("](runbook.md)"),
                             HasSubstr("](threat_model.md)"),
                             HasSubstr("](examples/monitoring/README.md)"),
                             HasSubstr("](README.Debian)"),
                             HasSubstr("](../bootseal/README.md#witnesses)")));
  EXPECT_THAT(
      ReadFile(Doc("bootseal/README.md")),
      HasSubstr("](../bootseal-server/runbook.md#replace-a-key-with-both-"));
}

// In units, configurations and documents: "/usr/share/doc/bootseal...", "man:".
TEST_F(InstalledDocuments, AreWhereUnitsAndConfigurationsSay) {
  Install({std::begin(kNames), std::end(kNames)});
  static const std::regex path("/usr/share/(?:doc/)?bootseal[-/\\w.]*[-/\\w]");
  static const std::regex page("man:([-\\w]+)\\((\\d)\\)");
  std::size_t named = 0;
  for (const SourceFile& file : FilesBelow(root_.path())) {
    if (absl::StartsWith(file.path, "usr/bin/")) continue;
    const std::string text = absl::StrJoin(file.lines, "\n");
    for (std::sregex_iterator it(text.begin(), text.end(), path), end;
         it != end; ++it, ++named) {
      EXPECT_TRUE(std::filesystem::exists(root_.File(it->str().substr(1))))
          << file.path << ": " << it->str();
    }
    for (std::sregex_iterator it(text.begin(), text.end(), page), end;
         it != end; ++it, ++named) {
      const std::string made =
          absl::StrCat("usr/share/man/man", (*it)[2].str(), "/", (*it)[1].str(),
                       ".", (*it)[2].str(), ".gz");
      EXPECT_TRUE(std::filesystem::exists(root_.File(made))) << file.path;
    }
  }
  EXPECT_GT(named, 10U);
}

// Without the source tree nobody would know what a path in them means.
TEST_F(InstalledDocuments, SayWhereTheFilesAreThatNoPackageHas) {
  Install({std::begin(kNames), std::end(kNames)});
  static const std::regex note(
      "\\*This is ([\\w./-]+) of Bootseal's source tree; .*\\*");
  for (SourceFile document : Documents()) {
    ASSERT_GT(document.lines.size(), 3U) << document.path;
    std::smatch source;
    ASSERT_TRUE(std::regex_match(document.lines[2], source, note))
        << document.path << ": " << document.lines[2];
    // What it names by a path of the source tree is there.
    document.path = source[1].str();
    EXPECT_EQ(absl::StrJoin(PathFaults(BOOTSEAL_SOURCE_DIR, {document}), "\n"),
              "");
  }
}

// In the runbook's commands: "$clone/firmware/provision".
TEST_F(InstalledDocuments, OfTheRunbookNameFilesOfTheClone) {
  Install({"bootseal-server"});
  const std::string runbook = ReadFile(Doc("bootseal-server/runbook.md"));
  static const std::regex path("\\$clone\"?/([\\w./-]+)");
  std::size_t named = 0;
  for (std::sregex_iterator it(runbook.begin(), runbook.end(), path), end;
       it != end; ++it) {
    const std::string file = (*it)[1].str();
    if (absl::StartsWith(file, "build/")) continue;
    ++named;
    EXPECT_TRUE(std::filesystem::exists(BOOTSEAL_SOURCE_DIR "/" + file))
        << file;
  }
  EXPECT_GT(named, 5U);
  EXPECT_THAT(runbook, HasSubstr("It begins in the clone"));
}

TEST_F(InstalledDocuments, SayWhatTheSourcesSay) {
  Install({"bootseal-server"});
  for (const auto& [installed, source] :
       {std::pair("examples/monitoring/alerts.yaml",
                  "deploy/monitoring/alerts.yaml"),
        std::pair("examples/monitoring/dashboard.json",
                  "deploy/monitoring/dashboard.json"),
        std::pair("examples/gateway.textproto.in",
                  "deploy/policy/gateway.textproto.in"),
        std::pair("config.proto", "proto/bootseal/v1/config.proto")}) {
    EXPECT_EQ(ReadFile(Doc(absl::StrCat("bootseal-server/", installed))),
              ReadFile(absl::StrCat(BOOTSEAL_SOURCE_DIR "/", source)));
  }
  // Links and the note of two lines apart, to the last byte.
  const std::string runbook = ReadFile(Doc("bootseal-server/runbook.md"));
  const std::string text = ReadFile(BOOTSEAL_SOURCE_DIR "/deploy/runbook.md");
  EXPECT_EQ(std::count(runbook.begin(), runbook.end(), '\n'),
            std::count(text.begin(), text.end(), '\n') + 2);
  EXPECT_EQ(runbook.substr(runbook.rfind("\n## ")),
            text.substr(text.rfind("\n## ")));
}

}  // namespace
}  // namespace bootseal::tests
