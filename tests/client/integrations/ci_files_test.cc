// client/integrations/github and gitlab, held against the schemas that are
// published for them.
#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "tests/client/integrations/ci_fixture.h"

namespace bootseal::tests {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

TEST_F(CiFiles, OfGithubKeepToThePublishedSchemas) {
  const Outcome check = CheckGithub({absl::StrCat(kGithub, "/sign/action.yml"),
                                     absl::StrCat(kGithub, "/release.yml"),
                                     absl::StrCat(kGithub, "/verify.yml")});
  EXPECT_EQ(check.exit_code, 0) << check.err;
}

struct Spoiling {
  const char* file;
  const char* from;
  const char* to;
};

TEST_F(CiFiles, OfGithubThatAreSpoiltAreRefused) {
  for (const Spoiling& spoiling :
       {Spoiling{"/sign/action.yml", "using: composite", "using: composit"},
        Spoiling{"/sign/action.yml", "      shell: bash\n", ""},
        Spoiling{"/sign/action.yml", "required: true", "required: maybe"},
        Spoiling{"/release.yml", "id-token: write", "id-token: sometimes"},
        Spoiling{"/release.yml",
                 "    needs: build\n    runs-on: ubuntu-24.04\n",
                 "    needs: build\n"},
        Spoiling{"/verify.yml", "type: string", "type: text"},
        Spoiling{"/verify.yml", "on:\n  workflow_call", "on:\n  called"}}) {
    SCOPED_TRACE(spoiling.from);
    const std::string path = absl::StrCat(kGithub, spoiling.file);
    EXPECT_EQ(CheckGithub({Spoilt(path, spoiling.from, spoiling.to)}).exit_code,
              1);
  }
}

// A tag can be moved to other code, and an expression in a script's text is
// code of whoever wrote the value.
TEST_F(CiFiles, OfGithubPinEachActionAndQuoteEachInput) {
  int pinned = 0;
  for (const auto& file : fs::recursive_directory_iterator(kGithub)) {
    if (file.path().extension() != ".yml") continue;
    std::istringstream lines(Read(file.path()));
    static const std::regex use("\\s*(- )?uses: (.*)");
    static const std::regex pin("actions/[a-z-]+@[0-9a-f]{40} # v[0-9.]+");
    std::smatch match;
    bool script = false;
    for (std::string line; std::getline(lines, line);) {
      if (std::regex_match(line, match, use) &&
          !match[2].str().starts_with("./")) {
        EXPECT_TRUE(std::regex_match(match[2].str(), pin)) << line;
        ++pinned;
      }
      if (line.find("run:") != std::string::npos) script = true;
      for (const char* other : {"uses:", "env:", "- id:"}) {
        if (line.find(other) != std::string::npos) script = false;
      }
      EXPECT_FALSE(script && line.find("${{") != std::string::npos) << line;
    }
  }
  EXPECT_EQ(pinned, 7);
}

TEST_F(CiFiles, OfGitlabKeepToThePublishedSchema) {
  fs::copy(kGitlab, folder_.File("project"), fs::copy_options::recursive);
  ASSERT_EQ(
      tests::Run({"git", "init", "-q", folder_.File("project")}).exit_code, 0);
  const Outcome preview = Preview(folder_.File("project"));
  EXPECT_EQ(preview.exit_code, 0) << preview.err;
  EXPECT_THAT(preview.out, HasSubstr("aud: https://signing.example.com"));
  EXPECT_THAT(preview.out, Not(HasSubstr("$[[")));
}

TEST_F(CiFiles, OfGitlabThatAreSpoiltAreRefused) {
  const std::string project = folder_.File("project");
  const std::string component = project + "/templates/bootseal-sign.yml";
  for (const Spoiling& spoiling :
       {Spoiling{"", "interruptible: false", "interruptible: perhaps"},
        Spoiling{"", "id_tokens:\n    BOOTSEAL_TOKEN:\n      aud:",
                 "id_tokens:\n    BOOTSEAL_TOKEN:\n      audience:"},
        Spoiling{"", "  artifacts:", "  artefacts:"},
        Spoiling{"", "    target:\n", "    aim:\n"}}) {
    SCOPED_TRACE(spoiling.from);
    fs::remove_all(project);
    fs::copy(kGitlab, project, fs::copy_options::recursive);
    ASSERT_EQ(tests::Run({"git", "init", "-q", project}).exit_code, 0);
    fs::copy_file(Spoilt(component, spoiling.from, spoiling.to), component,
                  fs::copy_options::overwrite_existing);
    const Outcome preview = Preview(project);
    EXPECT_EQ(preview.exit_code, 1);
    EXPECT_THAT(preview.out + preview.err,
                AnyOf(HasSubstr("json-schema-validation"),
                      HasSubstr("unknown interpolation key")));
  }
}

}  // namespace
}  // namespace bootseal::tests
