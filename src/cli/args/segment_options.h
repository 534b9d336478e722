#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"
#include "cli/args/shard.h"

namespace ldznet::cli {

/// `ldznet segment`: its options, one member a flag.
struct SegmentCommand {
  std::vector<std::string> inputs;  ///< files, folders, "-" for stdin
  std::string list;                 ///< a file of further inputs, one a line, or "-"; empty: none
  bool recursive = false;           ///< folders with all that is below them

  std::vector<std::string> prompts;    ///< as written: "|" still separates several
  std::string prompts_file;            ///< a file of further prompts, one a line, or "-"; empty: none
  std::string prompt_template = "{}";  ///< what the networks read, {} being the prompt

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  LoadOptions load;
  EncodeOptions encode;
  SegmentOptions segment;

  std::optional<double> threshold;  ///< unset: the bundle's
  int min_area = 0;                 ///< pixels; smaller regions are dropped
  bool fill_holes = false;          ///< what a region encloses is of it
  bool largest = false;             ///< only the largest region is kept
  bool boxes = false;               ///< a box for every region, in the JSON
  bool polygons = false;            ///< outlines, in the JSON

  std::optional<std::string> output;  ///< folder, a .png file, or "-"; unset: kDefaultOutput, or no pictures with JSON
  std::vector<std::string> save;      ///< kinds of pictures; empty: masks
  std::optional<std::string> json;    ///< file of JSON lines, or "-" for stdout; unset: none
  std::string coco;                   ///< file of a COCO data set; empty: none
  std::string coco_results;           ///< file of a COCO list of results; empty: none
  std::string label_studio;           ///< file of Label Studio's tasks; empty: none
  std::string panoptic;               ///< file of a COCO panoptic data set; empty: none
  std::string report;                 ///< an HTML page to look at; empty: none
  bool overwrite = false;             ///< replace files that exist
  bool resume = false;                ///< leave out what an earlier run has finished
  std::uint64_t max_failures = 0;     ///< stop when so many pictures have failed; 0: never
  Shard shard;                        ///< the part of the pictures that is done
  bool dry_run = false;               ///< only say which files would be written

  LogOptions log;
  bool no_progress = false;
  bool no_color = false;
};

constexpr const char* kDefaultOutput = "ldznet-out";

/// Those of its options that are about a single picture: what is asked of it, and what is made of it.
void add_picture_options(OptionParser& parser, SegmentCommand& command);

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser segment_parser(SegmentCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const SegmentCommand& command);
void check_template(const SegmentCommand& command);

}  // namespace ldznet::cli
