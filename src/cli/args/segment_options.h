#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/output_kind.h"
#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

constexpr double kDefaultSimplify = 0.5;  ///< pixels; no farther than the middles of the pixels at the edge

/// The options of `ldznet segment`.
struct SegmentCommand {
  std::vector<std::string> inputs;  ///< files, folders, "-" for stdin
  std::string list;                 ///< file of further inputs, one per line, or "-"; empty: none
  bool recursive = false;           ///< read folders with their subfolders

  std::vector<std::string> prompts;    ///< as written: "|" still separates prompts
  std::string prompts_file;            ///< file of further prompts, one per line, or "-"; empty: none
  std::string prompt_template = "{}";  ///< text for the text encoder; {} is the prompt

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  LoadOptions load{.remember = true};
  EncodeOptions encode;
  std::uint64_t max_pixels = kMostPixels;  ///< pictures with more are refused
  SegmentOptions segment;

  int tiles = 0;        ///< pixels of a tile's side; 0: the picture as a whole
  bool refine = false;  ///< sharpen probabilities against the picture

  std::optional<double> threshold;  ///< unset: the bundle's
  int min_area = 0;                 ///< pixels; smaller regions are removed
  bool fill_holes = false;          ///< fill the holes of regions
  bool largest = false;             ///< keep only the largest region
  bool boxes = false;               ///< a box for every region, in the JSON
  bool polygons = false;            ///< outlines, in the JSON
  bool invert = false;              ///< swap inside and outside
  bool instances = false;           ///< every region of a mask is a result of its own
  std::optional<double> simplify;   ///< pixels that polygons may stray from outlines; unset: kDefaultSimplify

  std::optional<std::string> output;  ///< folder, a .png file, or "-"; unset: kDefaultOutput, or no pictures with JSON
  std::vector<OutputKind> save;       ///< kinds of output files; empty: masks
  std::optional<std::string> json;    ///< file of JSON lines, or "-" for stdout; unset: none
  std::string coco;                   ///< file of a COCO data set; empty: none
  bool crop = false;                  ///< cut-outs to the mask's box
  std::optional<std::array<std::uint8_t, 3>> background;  ///< red, green, blue behind cut-outs; unset: transparent
  bool coco_polygons = false;                             ///< polygons in place of run lengths in `coco`
  std::string coco_results;                               ///< file of a COCO list of results; empty: none
  std::string label_studio;                               ///< file of Label Studio's tasks; empty: none
  std::string image_prefix;                               ///< put before file names in Label Studio's tasks
  std::string name;                                       ///< template of the files' names; empty: the usual names
  std::string relative_to;         ///< folder that COCO files name pictures from; empty: as given
  std::string panoptic;            ///< file of a COCO panoptic data set; empty: none
  std::string report;              ///< HTML page; empty: none
  std::string compare;             ///< JSON lines of a run that the page compares with; empty: none
  bool overwrite = false;          ///< replace files that exist
  bool resume = false;             ///< skip what an earlier run has finished
  std::uint64_t max_failures = 0;  ///< stop after so many pictures have failed; 0: never
  Shard shard;                     ///< the part of the pictures to process
  bool dry_run = false;            ///< only print which files would be written

  LogOptions log;
  bool no_progress = false;
  bool no_color = false;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser segment_parser(SegmentCommand& command);

/// Checks what involves more than one option, and that pictures and prompts are given. Throws Error(usage).
void check(const SegmentCommand& command);
void check_template(const SegmentCommand& command);

}  // namespace ldznet::cli
