#include "probe/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "ldznet/error.h"
#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr int kAttempts = 8;         // of k-means; the best one is kept
constexpr int kIterations = 100;     // of an attempt
constexpr double kPrecision = 1e-4;  // ends an attempt
constexpr std::uint64_t kSeed = 1;   // of the initial centres
constexpr double kShortest = 1e-9;   // least length of a vector, so that none is divided by 0

/// Writes the feature to `rows` (positions x channels), from `column` on: each channel minus its mean, all scaled so
/// that the mean squared length of a position's vector is the feature's share of the grid's positions.
void write_columns(cv::Mat& rows, int column, const Feature& feature, const cv::Size& grid) {
  const std::size_t plane = static_cast<std::size_t>(feature.height) * feature.width;
  double square = 0;
  for (int c = 0; c < feature.channels; ++c) {
    const cv::Mat stored(feature.height, feature.width, CV_32F,
                         const_cast<float*>(feature.values.data()) + static_cast<std::size_t>(c) * plane);
    cv::Mat resized;
    cv::resize(stored, resized, grid, 0, 0, cv::INTER_LINEAR);
    resized -= cv::mean(resized);
    square += resized.dot(resized);
    resized.reshape(1, static_cast<int>(resized.total())).copyTo(rows.col(column + c));
  }
  if (square > 0) rows.colRange(column, column + feature.channels) *= std::sqrt(static_cast<double>(plane) / square);
}

/// The grid positions whose centre is inside, row by row.
std::vector<int> positions_inside(const cv::Size& grid, int width, int height, const Box& inside) {
  std::vector<int> positions;
  for (int i = 0; i < grid.area(); ++i) {
    const double x = (i % grid.width + 0.5) * width / grid.width, y = (i / grid.width + 0.5) * height / grid.height;
    if (x >= inside.x && x < inside.x + inside.width && y >= inside.y && y < inside.y + inside.height)
      positions.push_back(i);
  }
  return positions;
}

/// The cluster centres that k-means finds, the one with the most positions first.
cv::Mat centres_of(const cv::Mat& rows, int clusters) {
  cv::theRNG().state = kSeed;
  cv::Mat labels, found, ordered;
  cv::kmeans(rows, clusters, labels,
             cv::TermCriteria(cv::TermCriteria::EPS + cv::TermCriteria::COUNT, kIterations, kPrecision), kAttempts,
             cv::KMEANS_PP_CENTERS, found);
  std::vector<int> counts(clusters), order(clusters);
  for (int i = 0; i < labels.rows; ++i) ++counts[labels.at<int>(i)];
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return counts[a] > counts[b]; });
  for (const int k : order) ordered.push_back(found.row(k));
  return ordered;
}

/// The nearest centre of every pixel inside. The squared distance to a centre is linear in the pixel's vector, apart
/// from a term that is the same for all centres, so the distances are interpolated rather than the vectors.
LabelMap nearest(const cv::Mat& rows, const cv::Mat& centres, const cv::Size& grid, const cv::Size& size,
                 const cv::Rect& inside) {
  LabelMap map{inside.width, inside.height, std::vector<std::uint16_t>(static_cast<std::size_t>(inside.area()))};
  cv::Mat best(inside.size(), CV_32F, cv::Scalar(-std::numeric_limits<float>::infinity()));
  for (int k = 0; k < centres.rows; ++k) {
    const cv::Mat centre = centres.row(k);
    cv::Mat nearness = rows * centre.t() - centre.dot(centre) / 2, large;
    cv::resize(nearness.reshape(1, grid.height), large, size, 0, 0, cv::INTER_CUBIC);
    for (int y = 0; y < inside.height; ++y) {
      const float* value = large.ptr<float>(inside.y + y) + inside.x;
      float* most = best.ptr<float>(y);
      for (int x = 0; x < inside.width; ++x) {
        if (value[x] <= most[x]) continue;
        most[x] = value[x];
        map.labels[static_cast<std::size_t>(y) * inside.width + x] = static_cast<std::uint16_t>(k + 1);
      }
    }
  }
  return map;
}

}  // namespace

PaddedImage mirror_edges(const Image& image) {
  const int x = static_cast<int>(image.width * kMirrorMargin), y = static_cast<int>(image.height * kMirrorMargin);
  PaddedImage padded{{image.width + 2 * x, image.height + 2 * y, {}, {}}, {x, y, image.width, image.height}};
  padded.image.rgb.resize(static_cast<std::size_t>(padded.image.width) * padded.image.height * 3);
  cv::Mat whole = view(padded.image);
  const cv::Mat own(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  cv::copyMakeBorder(own, whole, y, y, x, x, cv::BORDER_REFLECT);
  return padded;
}

LabelMap cluster(std::span<const Feature> features, int clusters, int width, int height, const Box& inside) {
  cv::Size grid(0, 0);
  int channels = 0;
  for (const Feature& feature : features) {
    if (feature.width * feature.height > grid.area()) grid = {feature.width, feature.height};
    channels += feature.channels;
  }
  const std::vector<int> positions = positions_inside(grid, width, height, inside);
  if (positions.size() < static_cast<std::size_t>(clusters))
    throw Error(ErrorCode::usage,
                "the features have " + std::to_string(positions.size()) + " positions, too few for " +
                    std::to_string(clusters) + " clusters",
                "Use fewer clusters, blocks with finer features or a larger working size.");
  cv::Mat rows(grid.area(), channels, CV_32F);
  int column = 0;
  for (const Feature& feature : features) {
    write_columns(rows, column, feature, grid);
    column += feature.channels;
  }
  cv::Mat chosen;
  for (int i = 0; i < rows.rows; ++i) rows.row(i) /= std::max(cv::norm(rows.row(i)), kShortest);
  for (const int position : positions) chosen.push_back(rows.row(position));
  return nearest(rows, centres_of(chosen, clusters), grid, {width, height},
                 {inside.x, inside.y, inside.width, inside.height});
}

}  // namespace ldznet
