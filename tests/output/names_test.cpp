#include "output/names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace ldznet {
namespace {

namespace fs = std::filesystem;

std::string slug(const std::string& prompt) { return slugs({prompt}).front(); }

TEST(Names, PlainPromptsStayReadable) {
  EXPECT_EQ(slug("panda"), "panda");
  EXPECT_EQ(slug("red car"), "red-car");
  EXPECT_EQ(slug("日本"), "日本");
  EXPECT_EQ(slug("🐼"), "🐼");
}

TEST(Names, ModifiersAreSpelledOut) {
  EXPECT_EQ(slugs({"panda{+8}", "panda{ -8 }", "panda{~2}", "a{*2}", "a{/2}", "a{>0.5}{+1}", "panda 8"}),
            (std::vector<std::string>{"panda-grow-8", "panda-shrink-8", "panda-feather-2", "a-multiply-2", "a-divide-2",
                                      "a-threshold-0-5-grow-1", "panda-8"}));
}

TEST(Names, DangerousPromptsBecomeHarmless) {
  for (const std::string prompt :
       {"../../etc", "/etc", "..", ".", "a/b", "a\\b", "-rf", "\x1b[31m", "a\nb", "\xff\xfe", "   ?"}) {
    const std::string name = slug(prompt);
    EXPECT_FALSE(name.empty()) << prompt;
    EXPECT_EQ(name.find_first_of("/\\.\n\x1b"), std::string::npos) << name;
    EXPECT_NE(name[0], '-') << name;
  }
  EXPECT_LT(slug(std::string(5000, 'a')).size(), 200u);
}

TEST(Names, PromptsThatWouldShareANameAreToldApart) {
  const std::vector<std::string> prompts = {
      "red car", "red-car", "Red Car", "red/car", "?", "!", std::string(500, 'a'), std::string(501, 'a')};
  const std::vector<std::string> names = slugs(prompts);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), prompts.size());
}

TEST(Names, PathsStayBelowTheFolder) {
  EXPECT_EQ(safe_path("zoo/img.png"), "zoo/img.png");
  for (const std::string path : {"../img.png", "a/../../img.png", "/img.png", "./.hidden", "a/-x"}) {
    for (const fs::path& part : fs::path(safe_path(path))) {
      EXPECT_NE(part.string(), "..") << path;
      EXPECT_FALSE(part.string().starts_with('.') || part.string().starts_with('-') || part.is_absolute()) << path;
    }
  }
  EXPECT_LE(fitted_name(std::string(400, 'x'), ".mask.png").size(), kLongestName);
  EXPECT_TRUE(fitted_name(std::string(400, 'x'), ".mask.png").ends_with(".mask.png"));
}

}  // namespace
}  // namespace ldznet
