#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/output_kind.h"
#include "cli/args/segment_options.h"
#include "cli/segment/inputs.h"
#include "cli/segment/run_files.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "ldznet/pipeline.h"
#include "ldznet/tiles.h"
#include "output/picture_files.h"
#include "output/picture_result.h"
#include "output/plan.h"
#include "output/report/other_run.h"
#include "prompt/parser.h"

namespace ldznet::cli {

/// How results are written to stdout.
enum class ResultFormat {
  none,   ///< not at all: they go into a file, or stdout carries a picture
  json,   ///< JSON lines
  tsv,    ///< one tab-separated line per mask
  table,  ///< the same in aligned columns
};

/// The whole plan of a `segment` run or of a worker's request. Nothing after planning looks at the command again.
struct SegmentJob {
  // What is segmented.
  std::vector<std::string> prompts;  ///< as the user wrote them, without repetitions
  ParsedPrompts parsed;              ///< the prompts as steps on the maps of phrases
  std::vector<std::string> texts;    ///< what the networks read: the template, filled with each phrase
  std::vector<Input> inputs;         ///< the shard's pictures

  // How.
  std::string model;  ///< the bundle's folder; empty: the default one
  LoadOptions load;
  EncodeOptions encode;
  std::uint64_t max_pixels = kMostPixels;  ///< pictures with more are refused
  SegmentOptions segment;
  int tiles = 0;                    ///< pixels of a tile's side; 0: the picture as a whole
  bool refine = false;              ///< sharpen probabilities against the picture
  std::optional<double> threshold;  ///< unset: the bundle's
  int min_area = 0;                 ///< pixels; smaller regions are dropped
  bool fill_holes = false;          ///< fill the holes of regions
  bool largest = false;             ///< keep only the largest region
  bool invert = false;              ///< swap inside and outside
  bool instances = false;           ///< every region of a mask is a result of its own
  JsonFields fields;

  // Where results go.
  std::optional<OutputPlan> plan;            ///< the files of each picture; unset: none
  std::optional<OutputPlan> panoptic;        ///< the PNGs of the panoptic data set; unset: none
  std::optional<OutputKind> stdout_picture;  ///< the kind of the one picture that goes to stdout; unset: none
  std::vector<RunFile> run_files;
  std::shared_ptr<const OtherRun> other_run;  ///< that the report compares with; null: none
  std::filesystem::path relative_to;  ///< the folder that COCO files name pictures from; empty: as the user named them
  CutoutOptions cutouts;
  bool coco_polygons = false;         ///< polygons in place of run lengths in the COCO data set
  std::string image_prefix;           ///< of the pictures' names in Label Studio's tasks
  std::filesystem::path yolo_folder;  ///< of the YOLO data set; empty: none
  ResultFormat format = ResultFormat::tsv;
  std::optional<std::filesystem::path> journal;  ///< unset: none is kept

  // The course of the run.
  bool dry_run = false;
  bool resume = false;             ///< skip pictures that the journal says are finished
  bool replace = false;            ///< existing files may be replaced
  bool cleans_up = false;          ///< stale temporary files are removed first
  std::uint64_t max_failures = 0;  ///< stop after as many failed pictures; 0: never
  bool progress = false;           ///< show a progress line
  bool colors = false;             ///< in the table

  /// Whether pictures of a kind are made.
  bool makes(OutputKind kind) const { return stdout_picture == kind || (plan && plan->has(kind)); }

  /// How a picture is segmented if `tiles` is set.
  TileOptions tile_options() const { return {.side = tiles, .encode = encode, .segment = segment, .progress = {}}; }

  MaskOptions mask_options(double bundle_threshold) const {
    return {threshold.value_or(bundle_threshold), min_area, fill_holes, largest, invert};
  }
};

/// Reads the prompts, finds the pictures and plans every file. Nothing is written.
/// Throws Error(usage), Error(missing_input), Error(cannot_write) and Interrupted.
SegmentJob plan_job(const SegmentCommand& command);

/// The same for one picture that is already known.
SegmentJob plan_job(const SegmentCommand& command, Input input);

/// Throws Error(cannot_write) when a planned file exists and may not be replaced, or a folder cannot be written to.
void prepare_outputs(const SegmentJob& job);

/// Removes the temporary files that killed runs left in the folders that the job writes to.
void remove_stale_temporaries(const SegmentJob& job);

}  // namespace ldznet::cli
