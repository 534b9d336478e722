#include "cli/worker/request_errors.h"

#include <gtest/gtest.h>

#include <string>

namespace ldznet::cli {
namespace {

std::string told(const std::string& what, const std::string& hint) {
  const Error error = in_request_words({ErrorCode::cannot_write, what, hint});
  EXPECT_EQ(error.code(), ErrorCode::cannot_write);
  return message(error);
}

TEST(RequestErrors, OptionsOfARequestAreItsMembers) {
  EXPECT_EQ(told("cannot write a.png: it exists", "Replace existing files with --overwrite, or choose another name."),
            "cannot write a.png: it exists. Replace existing files with \"overwrite\", or choose another name.");
  EXPECT_EQ(told("--output a.jpg: no", "Use --min-area 3 (--size N)."),
            "\"output\" a.jpg: no. Use \"min_area\" 3 (\"size\" N).");
}

TEST(RequestErrors, NamesOfFilesStay) {
  for (const char* what :
       {"shot --size.png: no such file", "shot --size 3.png: no such file", "--size.png: no such file",
        "cannot write a --output.jpg/b (--name).png. c --coco.png: it exists"})
    EXPECT_EQ(told(what, "Check the path."), std::string(what) + ". Check the path.");
  EXPECT_EQ(told("--output a --size.jpg: no", ""), "\"output\" a --size.jpg: no");
}

TEST(RequestErrors, TheWorkersOwnOptionsStay) {
  EXPECT_EQ(told("no memory", "Use a smaller --size or a smaller --batch-size."),
            "no memory. Use a smaller \"size\" or a smaller --batch-size.");
  EXPECT_EQ(told("too many pixels", "Raise --max-pixels."), "too many pixels. Raise --max-pixels.");
}

TEST(RequestErrors, HintsAtOtherOptionsAreLeftOut) {
  EXPECT_EQ(told("it exists", "Name a folder. Go on with --resume. Or none."), "it exists. Name a folder. Or none.");
  EXPECT_EQ(told("no option", "Did you mean size? See ldznet worker --help."), "no option. Did you mean size?");
  EXPECT_EQ(told("it exists", "--coco and --json write JSON files."), "it exists");
  EXPECT_EQ(told("mistake", "Close it.\n  (a. --output --resume\n  ^"),
            "mistake. Close it.\n  (a. --output --resume\n  ^");
  EXPECT_EQ(told("a--output.png: no", "a -- b --"), "a--output.png: no. a -- b --");
}

}  // namespace
}  // namespace ldznet::cli
