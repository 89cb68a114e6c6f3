// What a document points at is there.
#include "tests/hygiene/links.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "tests/hygiene/source_tree.h"

namespace bootseal::tests {
namespace {

std::vector<SourceFile> Documents() {
  std::vector<SourceFile> files = AllFiles();
  std::erase_if(files, [](const SourceFile& file) {
    return !absl::EndsWith(file.path, ".md");
  });
  return files;
}

TEST(Links, OfEveryDocumentLeadSomewhere) {
  const std::vector<SourceFile> documents = Documents();
  ASSERT_GT(documents.size(), 10U);
  EXPECT_EQ(absl::StrJoin(LinkFaults(BOOTSEAL_SOURCE_DIR, documents), "\n"),
            "");
}

TEST(Links, ThatLeadNowhereAreFound) {
  const std::vector<SourceFile> documents = {
      {"deploy/made_up.md",
       {"# A heading, with `code`", "[file](no_such_file)",
        "[own](#a-heading-with-code)", "[own](#another)",
        "[other](../README.md#no-such-heading)", "[web](https://a.example/b)",
        "[there](../README.md)", "[a folder](../hsm/)",
        "[one without README.md](../hsm/pkcs11/)"}}};
  const std::vector<std::string> faults =
      LinkFaults(BOOTSEAL_SOURCE_DIR, documents);
  ASSERT_EQ(faults.size(), 4U) << absl::StrJoin(faults, "\n");
  EXPECT_EQ(faults[0], "deploy/made_up.md:2: no deploy/no_such_file");
  EXPECT_EQ(faults[1],
            "deploy/made_up.md:4: no heading #another in deploy/made_up.md");
  EXPECT_EQ(faults[2], "deploy/made_up.md:5: no README.md");
  EXPECT_EQ(faults[3], "deploy/made_up.md:9: no hsm/pkcs11/README.md");
}

TEST(Links, FilesThatADocumentNamesAreThere) {
  EXPECT_EQ(absl::StrJoin(PathFaults(BOOTSEAL_SOURCE_DIR, Documents()), "\n"),
            "");
}

TEST(Links, FilesThatADocumentNamesAndAreNotThereAreFound) {
  const std::vector<SourceFile> documents = {
      {"deploy/made_up.md",
       {"`deploy/no_such_file`, `deploy/quickstart` and `policy/examples/`",
        "`hsm/token` is no file, `tests/hygiene/links` two, `text/plain` a "
        "type",
        "`build/anything`"}}};
  const std::vector<std::string> faults =
      PathFaults(BOOTSEAL_SOURCE_DIR, documents);
  ASSERT_EQ(faults.size(), 2U) << absl::StrJoin(faults, "\n");
  EXPECT_EQ(faults[0], "deploy/made_up.md:1: no deploy/no_such_file");
  EXPECT_EQ(faults[1], "deploy/made_up.md:2: no hsm/token");
}

}  // namespace
}  // namespace bootseal::tests
