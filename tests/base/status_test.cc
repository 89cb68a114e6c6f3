#include "base/status.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/secret.h"
#include "tests/support/status_matchers.h"

namespace bootseal::base {
namespace {

TEST(Status, AnnotationKeepsCodeReasonAndField) {
  const absl::Status status =
      Annotate(Invalid("BAD_VERSION", "version", "\"x\" is not a version"),
               "target dev");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "target dev: \"x\" is not a version");
  EXPECT_EQ(ReasonOf(status), "BAD_VERSION");
  EXPECT_EQ(FieldOf(status), "version");
}

TEST(Status, AnnotationLeavesOkAlone) {
  EXPECT_TRUE(Annotate(absl::OkStatus(), "context").ok());
}

TEST(Status, PlainStatusHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
}

TEST(Status, InternalErrorNamesTheCallersLine) {
  EXPECT_THAT(Internal("lost"), tests::MessageHas("status_test.cc"));
}

TEST(Log, QuotesValuesThatCouldForgeALine) {
  EXPECT_EQ(LogValue("plain-1"), "plain-1");
  EXPECT_EQ(LogValue("two words"), "\"two words\"");
  EXPECT_EQ(LogValue("a\nE forged"), "\"a\\nE forged\"");
  EXPECT_EQ(LogValue(""), "\"\"");
}

TEST(Secret, MovingEmptiesTheSource) {
  Secret first(std::string("1234"));
  const Secret second(std::move(first));
  EXPECT_EQ(second.Reveal(), "1234");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace bootseal::base
