#include "output/name_template.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "output/plan.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

const NameTemplate::Parts kPanda{"zoo/deep", "img", ".png", "red-panda", "mask", "7"};

std::string named(const std::string& text, const NameTemplate::Parts& parts = kPanda) {
  return NameTemplate(text).expand(parts).string();
}

TEST(NameTemplate, PutsPartsInPlace) {
  EXPECT_EQ(named("{dir}/{stem}-{prompt}{ext}"), "zoo/deep/img-red-panda.png");
  EXPECT_EQ(named("{kind}/{index}"), "mask/7.png") << "the suffix is never lost";
  EXPECT_EQ(named("a{ext}.{index}"), "a.png.7");
  EXPECT_EQ(named("{dir}/{stem}", {"", "img", ".png", "", "", ""}), "img.png") << "no folder";
}

TEST(NameTemplate, HostileNamesStayInTheFolder) {
  EXPECT_EQ(named("{stem}/{prompt}", {"", "..", ".png", "x", "", ""}), "_../x.png");
  EXPECT_EQ(named("x/{stem}{prompt}", {"", ".", ".png", ".", "", ""}), "x/_...png");
  EXPECT_EQ(named("-{stem}"), "_-img.png");
  EXPECT_EQ(named(".{stem}"), "_.img.png");
  const std::string hidden = named("a\n{stem}");
  EXPECT_TRUE(hidden.starts_with("a_img~") && hidden.ends_with(".png")) << hidden;
  const std::string cut = named(std::string(400, 'x') + "{stem}");
  EXPECT_EQ(cut.size(), 255u);
  EXPECT_TRUE(cut.ends_with(".png"));
  EXPECT_NE(cut, named(std::string(401, 'x') + "{stem}"));
}

TEST(NameTemplate, RefusesWhatIsNoName) {
  for (const char* wrong :
       {"/{stem}", "../{stem}", "a/../{stem}", "./{stem}", "{stem", "stem}", "{}", "{Stem}", "{{stem}}"})
    EXPECT_THROW(NameTemplate{wrong}, Error) << wrong;
  EXPECT_THROW(named("{ext}"), Error);
  EXPECT_THROW(named("{dir}/{ext}"), Error);
}

OutputPlan plan(const std::string& text, const std::vector<std::string>& pictures,
                std::vector<OutputKind> kinds = {OutputKind::mask}) {
  return {"out", pictures, {"x", "y"}, std::move(kinds), NameTemplate(text)};
}

TEST(NameTemplate, CollisionsAreFoundInThePlan) {
  EXPECT_EQ(plan("{stem}-{prompt}", {"a.png", "b.png"}).file(1, 0, OutputKind::mask), "out/b-x.png");
  EXPECT_THROW(plan("{stem}-{prompt}", {"a.png", "a.jpg"}), Error) << "pictures";
  EXPECT_NO_THROW(plan("{stem}-{index}-{prompt}", {"a.png", "a.jpg"}));
  EXPECT_THROW(plan("{stem}", {"a.png"}), Error) << "prompts";
  EXPECT_THROW(plan("{prompt}", {"a.png"}, {OutputKind::mask, OutputKind::overlay}), Error) << "kinds";
  EXPECT_THROW(plan("{prompt}", {"a.png"}, {OutputKind::labels}), Error) << "the map and its index";
  EXPECT_THROW(plan("{stem}{prompt}", {"a.png", "ax.png"}, {OutputKind::mask, OutputKind::overlay}), Error);
  EXPECT_THROW(plan("{dir}/{stem}{prompt}", {"ax.png/b.jpg", "a.jpg"}), Error) << "a folder with a file's name";
  EXPECT_EQ(plan("{index}-{prompt}", {"a.png", "b.png", "c.png"}).part({2}).file(0, 0, OutputKind::mask),
            "out/3-x.png");
  EXPECT_EQ(plan("{dir}/m/{stem}{prompt}", {"zoo/a.png"}).folders(0), std::vector<fs::path>{"out/zoo/m"});
}

}  // namespace
}  // namespace ldznet
