// No word without the terminal: codes, tries, and what they are bound to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/console/random.h"
#include "tests/client/console/http_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Confirmation : public HttpTest {
 protected:
  void ExpectNotSigned(const std::string& reply, const std::string& reason) {
    EXPECT_NE(StatusOfReply(reply), 200);
    EXPECT_EQ(Member(reply, "reason"), reason) << reply;
  }
  // Its id. Codes are equal once in a million times.
  std::string AskWithAnotherCode(const std::string& subject,
                                 const std::string& code) {
    std::string id = Ask(subject, "approve");
    while (CodeShown() == code) id = Ask(subject, "approve");
    return id;
  }
  std::string StateOf(const std::string& id) {
    return Member(Get(absl::StrCat("/api/confirmations/", id)), "state");
  }
};

TEST_F(Confirmation, SignsExactlyWhatTheTerminalShowed) {
  const std::string id = Ask(source_.subject(), "approve");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
  for (const std::string& text :
       {std::string("APPROVE"), std::string("app"), std::string("1.2.3"),
        std::string("ci"), source_.subject(),
        absl::BytesToHexString(std::string(32, 'd'))}) {
    EXPECT_THAT(Shown(), HasSubstr(text));
  }
  const std::string reply = Answer(id, CodeShown());
  EXPECT_EQ(StatusOfReply(reply), 200) << reply;
  EXPECT_EQ(Member(reply, "index"), "8");
  ASSERT_THAT(source_.signed_statements(), SizeIs(1));
  const v1::ApprovalStatement statement = source_.signed_statements()[0];
  EXPECT_EQ(absl::BytesToHexString(statement.subject_sha256()),
            source_.subject());
  EXPECT_EQ(statement.verdict(), v1::APPROVE);
  EXPECT_EQ(StateOf(id), "done");
}

TEST_F(Confirmation, ShowsThatItIsADenial) {
  const std::string id = Ask(source_.subject(), "deny");
  EXPECT_THAT(Shown(), HasSubstr("DENY"));
  EXPECT_EQ(StatusOfReply(Answer(id, CodeShown())), 200);
  ASSERT_THAT(source_.signed_statements(), SizeIs(1));
  EXPECT_EQ(source_.signed_statements()[0].verdict(), v1::DENY);
}

TEST_F(Confirmation, NeverTellsThePageTheCode) {
  // Six digits stand in an id or a time by chance, and not twice.
  int told = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string id = Ask(source_.subject(), "approve");
    const std::string replies =
        Get(absl::StrCat("/api/confirmations/", id)) + Answer(id, WrongCode());
    told += absl::StrContains(replies, CodeShown()) ? 1 : 0;
  }
  EXPECT_LT(told, 2);
}

TEST_F(Confirmation, RefusesAWrongCode) {
  const std::string id = Ask(source_.subject(), "approve");
  for (const std::string& code :
       {WrongCode(), std::string(), CodeShown().substr(0, 5)}) {
    ExpectNotSigned(Answer(id, code), "WRONG_CODE");
  }
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, RefusesTheRightCodeAfterThreeWrongOnes) {
  const std::string id = Ask(source_.subject(), "approve");
  for (int i = 0; i < console::kTriesPerQuestion; ++i) {
    ExpectNotSigned(Answer(id, WrongCode()), "WRONG_CODE");
  }
  ExpectNotSigned(Answer(id, CodeShown()), "CONFIRMATION_OVER");
  EXPECT_EQ(StateOf(id), "void");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, SignsNothingMoreAfterTenWrongCodesOfOneStart) {
  std::string id;
  for (int i = 0; i < console::kWrongCodesPerStart; ++i) {
    if (i % 2 == 0) id = Ask(source_.subject(), "approve");
    Answer(id, WrongCode());
  }
  ExpectNotSigned(Answer(id, CodeShown()), "CONFIRMATIONS_LOCKED");
  const std::string reply =
      Post(absl::StrCat("/api/requests/", source_.subject(), "/confirmation"),
           "{\"verdict\":\"approve\"}");
  ExpectNotSigned(reply, "CONFIRMATIONS_LOCKED");
  EXPECT_FALSE(confirmations_.ConfirmHere(CodeShown()).ok());
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, RefusesACodeThatWasUsed) {
  const std::string id = Ask(source_.subject(), "approve");
  const std::string code = CodeShown();
  ASSERT_EQ(StatusOfReply(Answer(id, code)), 200);
  ExpectNotSigned(Answer(id, code), "CONFIRMATION_OVER");
  EXPECT_THAT(source_.signed_statements(), SizeIs(1));
}

TEST_F(Confirmation, RefusesTheCodeOfAnotherRequest) {
  const std::string first = Ask(source_.subject(), "approve");
  const std::string code = CodeShown();
  const std::string second = AskWithAnotherCode(source_.other_subject(), code);
  ExpectNotSigned(Answer(second, code), "WRONG_CODE");
  ExpectNotSigned(Answer(first, code), "CONFIRMATION_OVER");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, RefusesTheCodeOfADenialForAnApproval) {
  Ask(source_.subject(), "deny");
  const std::string code = CodeShown();
  const std::string id = AskWithAnotherCode(source_.subject(), code);
  ExpectNotSigned(Answer(id, code), "WRONG_CODE");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, RefusesACodeThatIsTooOld) {
  const std::string id = Ask(source_.subject(), "approve");
  clock_.Advance(console::kQuestionLife);
  ExpectNotSigned(Answer(id, CodeShown()), "CONFIRMATION_OVER");
  EXPECT_EQ(StateOf(id), "expired");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, RefusesAnIdThatWasNeverGiven) {
  Ask(source_.subject(), "approve");
  ExpectNotSigned(Answer(console::RandomToken(), CodeShown()),
                  "CONFIRMATION_OVER");
  EXPECT_THAT(source_.signed_statements(), IsEmpty());
}

TEST_F(Confirmation, TakesItsCodeFromTheTerminalOnce) {
  const std::string id = Ask(source_.subject(), "approve");
  const auto taken = confirmations_.ConfirmHere(CodeShown());
  ASSERT_OK(taken);
  EXPECT_EQ(taken->id, id);
  EXPECT_EQ(taken->statement.verdict(), v1::APPROVE);
  EXPECT_THAT(confirmations_.ConfirmHere(CodeShown()),
              StatusIs(StatusCode::kFailedPrecondition, "CONFIRMATION_OVER"));
}

// It was typed while another question took the place of the one being read.
TEST_F(Confirmation, TakesNoAnswerToTheQuestionBefore) {
  Ask(source_.subject(), "approve");
  const std::string before = CodeShown();
  AskWithAnotherCode(source_.other_subject(), before);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(confirmations_.ConfirmHere(before),
                StatusIs(StatusCode::kPermissionDenied, "WRONG_CODE"));
  }
  const auto taken = confirmations_.ConfirmHere(CodeShown());
  ASSERT_OK(taken);
  EXPECT_EQ(absl::BytesToHexString(taken->statement.subject_sha256()),
            source_.other_subject());
}

TEST_F(Confirmation, TakesNothingElseFromTheTerminal) {
  Ask(source_.subject(), "approve");
  for (const std::string& typed :
       {std::string(), std::string("y"), std::string("yes"), WrongCode(),
        CodeShown().substr(0, 5), CodeShown() + "0"}) {
    EXPECT_THAT(confirmations_.ConfirmHere(typed),
                StatusIs(StatusCode::kPermissionDenied, "WRONG_CODE"));
  }
}

TEST_F(Confirmation, OfTheTerminalExpiresToo) {
  Ask(source_.subject(), "approve");
  clock_.Advance(console::kQuestionLife);
  EXPECT_THAT(confirmations_.ConfirmHere(CodeShown()),
              StatusIs(StatusCode::kFailedPrecondition, "CONFIRMATION_OVER"));
}

TEST_F(Confirmation, IsOverAfterANoOfTheTerminal) {
  const std::string id = Ask(source_.subject(), "approve");
  ASSERT_OK(confirmations_.DeclineHere());
  ExpectNotSigned(Answer(id, CodeShown()), "CONFIRMATION_OVER");
  EXPECT_EQ(StateOf(id), "declined");
}

TEST_F(Confirmation, IsNotAskedForADenialWithoutAReason) {
  const std::string reply =
      Post(absl::StrCat("/api/requests/", source_.subject(), "/confirmation"),
           "{\"verdict\":\"deny\"}");
  ExpectNotSigned(reply, "REASON_MISSING");
  EXPECT_EQ(Shown(), "");
}

TEST_F(Confirmation, IsNotAskedForWhatIsNoWord) {
  const std::string path =
      absl::StrCat("/api/requests/", source_.subject(), "/confirmation");
  for (const char* body :
       {"", "[]", "{", "\"approve\"", "{\"verdict\":1}",
        "{\"verdict\":\"APPROVE\"}", "{\"verdict\":\"approve\",\"reason\":{}}",
        "{\"verdict\":\"approve\",\"allows_lower_version\":\"true\"}"}) {
    EXPECT_EQ(StatusOfReply(Post(path, body)), 400) << body;
  }
  EXPECT_EQ(StatusOfReply(Post("/api/requests/abc/confirmation",
                               "{\"verdict\":\"approve\"}")),
            400);
  EXPECT_EQ(Shown(), "");
}

TEST_F(Confirmation, ShowsControlCharactersAsText) {
  Post(absl::StrCat("/api/requests/", source_.subject(), "/confirmation"),
       "{\"verdict\":\"deny\",\"reason\":\"\\u001b[2J\\nAPPROVE\"}");
  EXPECT_THAT(Shown(), HasSubstr("[2J"));
  EXPECT_THAT(Shown(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Shown(), Not(HasSubstr("\nAPPROVE")));
}

TEST_F(Confirmation, GivesThePageItsTokenOnce) {
  const std::string body =
      absl::StrCat("{\"ticket\":\"", access_.IssueTicket(), "\"}");
  const HttpHeaders fresh{{console::kTokenHeader, ""}};
  EXPECT_EQ(Member(Post("/api/session", body, fresh), "token"), token());
  const std::string again = Post("/api/session", body, fresh);
  EXPECT_EQ(StatusOfReply(again), 401);
  EXPECT_THAT(again, Not(HasSubstr(token())));
}

TEST_F(Confirmation, GivesNoTokenForAnEarlierOrAnEmptyTicket) {
  const std::string earlier = access_.IssueTicket();
  access_.IssueTicket();
  for (const std::string& ticket : {earlier, std::string(), token()}) {
    const std::string reply =
        Post("/api/session", absl::StrCat("{\"ticket\":\"", ticket, "\"}"), {});
    ExpectNotSigned(reply, "TICKET_INVALID");
  }
}

TEST(Random, CodesAreSixDigitsAndTokens256Bits) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = console::RandomCode();
    EXPECT_EQ(code.size(), 6U);
    EXPECT_EQ(code.find_first_not_of("0123456789"), std::string::npos);
    const std::string token = console::RandomToken();
    EXPECT_EQ(token.size(), 64U);
    EXPECT_TRUE(seen.insert(token).second);
  }
}

}  // namespace
}  // namespace bootseal::tests
