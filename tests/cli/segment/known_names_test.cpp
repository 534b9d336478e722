#include "cli/segment/known_names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace ldznet::cli {
namespace {

Manifest with_names() {
  Manifest manifest;
  manifest.name = "small";
  manifest.names = {{"panda", {}},
                    {"dog", {"dog face", "puppy"}},
                    {"cat", {"kitten"}},
                    {"car", {"automobile"}},
                    {"pine tree", {}},
                    {"tree", {}},
                    {"cup", {"mug"}},
                    {"strawberry", {}},
                    {"bus", {}},
                    {"knife", {}},
                    {"wolf", {}},
                    {"tv", {"tv monitor"}},
                    {"potted plant", {}},
                    {"t-shirt", {}},
                    {"sky", {}},
                    {"black cat", {}},
                    {"person", {"man", "woman"}},
                    {"rose", {}},
                    {"ewe", {}},
                    {"cabbage", {}}};
  return manifest;
}

TEST(UnknownNames, FiftyWordingsOfNamesAreKnown) {
  const UnknownNames names(with_names());
  for (const std::string& phrase :
       split("panda|Panda|PANDA|pandas|a panda|the panda|one panda|my panda|find the panda|a photo of a panda|"
             "a picture of the panda|an image of a panda|a drawing of a panda|dog|dogs|a dog face|puppy|"
             "puppies|the puppies|cat|kittens|a small kitten|car|red car|a red car|the big red cars|"
             "automobiles|pine tree|pine trees|a green pine tree|tree|cup|mugs|strawberries|buses|"
             "a yellow bus|knives|wolves|the wolf|tv|TV monitor|potted plants|t-shirt|white T-shirts|sky|"
             "the blue sky|black cat|black cats|woman|roses",
             '|'))
    EXPECT_TRUE(names.knows(phrase)) << phrase;
}

TEST(UnknownNames, FiftyOtherPhrasesAreNot) {
  const UnknownNames names(with_names());
  for (const std::string& phrase :
       split("coffee cup|cup of coffee|zebrafish|pandas eating|dog house|hot dog|catfish|carpet|scar|race car|"
             "toy car|oak tree|treehouse|pine|straw|berry|bushes|knifefish|werewolf|television|plant|shirt|"
             "skyscraper|cat on a mat|personal|manhole|primrose|helicopter|left of the tree|something|"
             "everything|background|foreground|thing|object|animal|face|hand|of|a photo of|red|the red one|"
             "car wheel|wheel of the car|dog and cat|dog, cat|panda or bear|no panda|\u718a\u732b|42",
             '|'))
    EXPECT_FALSE(names.knows(phrase)) << phrase;
}

TEST(UnknownNames, TheNearestSharesAWordOrIsWrittenAlike) {
  const UnknownNames names(with_names());
  const auto nearest = [&](const char* phrase) { return names.nearest(phrase); };
  EXPECT_EQ(nearest("coffee cup"), std::vector<std::string>{"cup"});
  EXPECT_EQ(nearest("oak tree"), (std::vector<std::string>{"pine tree", "tree"}));
  EXPECT_EQ(nearest("black dogs' house"), std::vector<std::string>{});
  EXPECT_EQ(nearest("hot dogs"), (std::vector<std::string>{"dog", "dog face"}));
  EXPECT_EQ(nearest("pnada"), std::vector<std::string>{"panda"});
  for (const char* other : {"zzzzzz", "eye", "cab"}) EXPECT_EQ(nearest(other), std::vector<std::string>{}) << other;
}

TEST(UnknownNames, ABundleWithoutNamesKnowsEverything) {
  EXPECT_TRUE(UnknownNames(Manifest()).knows("a coffee cup on the left"));
}

}  // namespace
}  // namespace ldznet::cli
