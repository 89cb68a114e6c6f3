#include "client/review/csv.h"

#include <gtest/gtest.h>

namespace bootseal::review {
namespace {

TEST(Csv, LeavesPlainTextAlone) {
  EXPECT_EQ(CsvCell("app 1.2.3"), "app 1.2.3");
  EXPECT_EQ(CsvCell(""), "");
}

TEST(Csv, QuotesWhatWouldEndACellOrALine) {
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(CsvCell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvCell("a\rb"), "\"a\rb\"");
}

TEST(Csv, TakesFromASpreadsheetWhatItWouldRun) {
  EXPECT_EQ(CsvCell("=1+1"), "'=1+1");
  EXPECT_EQ(CsvCell("+1"), "'+1");
  EXPECT_EQ(CsvCell("-1"), "'-1");
  EXPECT_EQ(CsvCell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(CsvCell("\t=1"), "'\t=1");
  EXPECT_EQ(CsvCell("=HYPERLINK(\"http://x\",\"y\")"),
            "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
}

TEST(Csv, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(CsvCell("a\xff"), "a\xef\xbf\xbd");
}

TEST(Csv, EndsLinesAsTheStandardSays) {
  EXPECT_EQ(CsvLine({"a", "b,c", ""}), "a,\"b,c\",\r\n");
}

}  // namespace
}  // namespace bootseal::review
