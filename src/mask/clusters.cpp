#include "mask/clusters.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <string>

#include "ldznet/error.h"

namespace ldznet {

namespace {

constexpr int kAttempts = 8;         // of k-means, the best is kept
constexpr int kIterations = 100;     // of an attempt
constexpr double kPrecision = 1e-4;  // at which an attempt ends
constexpr std::uint64_t kSeed = 1;   // of the first centres

/// Appends the feature as columns of `rows` (places x channels): each channel less its mean, all of them scaled so that
/// a place's squared length is, in the mean, the feature's share of the grid's places.
void append(cv::Mat& rows, int column, const Feature& feature, const cv::Size& grid) {
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

/// Cluster numbers from 0, ordered by how many places have them.
std::vector<int> ordered_by_size(const cv::Mat& labels, int clusters) {
  std::vector<int> counts(clusters), order(clusters), rank(clusters), ranked;
  for (int i = 0; i < labels.rows; ++i) ++counts[labels.at<int>(i)];
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return counts[a] > counts[b]; });
  for (int k = 0; k < clusters; ++k) rank[order[k]] = k;
  for (int i = 0; i < labels.rows; ++i) ranked.push_back(rank[labels.at<int>(i)]);
  return ranked;
}

/// Brings the grid's clusters to the picture's size: each cluster's share is enlarged smoothly, the largest wins.
LabelMap enlarge(const std::vector<int>& labels, const cv::Size& grid, int clusters, int width, int height) {
  LabelMap map{width, height, std::vector<std::uint16_t>(static_cast<std::size_t>(width) * height)};
  cv::Mat best(height, width, CV_32F, cv::Scalar(-1));
  for (int k = 0; k < clusters; ++k) {
    cv::Mat share(grid, CV_32F), large;
    std::transform(labels.begin(), labels.end(), share.begin<float>(),
                   [k](int label) { return label == k ? 1.0F : 0.0F; });
    cv::resize(share, large, best.size(), 0, 0, cv::INTER_CUBIC);
    for (std::size_t i = 0; i < map.labels.size(); ++i) {
      float& most = best.ptr<float>()[i];
      if (large.ptr<float>()[i] <= most) continue;
      most = large.ptr<float>()[i];
      map.labels[i] = static_cast<std::uint16_t>(k + 1);
    }
  }
  return map;
}

}  // namespace

LabelMap cluster(std::span<const Feature> features, int clusters, int width, int height) {
  cv::Size grid(0, 0);
  int channels = 0;
  for (const Feature& feature : features) {
    if (feature.width * feature.height > grid.area()) grid = {feature.width, feature.height};
    channels += feature.channels;
  }
  if (grid.area() < clusters)
    throw Error(ErrorCode::usage,
                "the features have " + std::to_string(grid.area()) + " places, too few for " +
                    std::to_string(clusters) + " clusters",
                "Ask for fewer --clusters, for finer --taps or for a larger --size.");
  cv::Mat rows(grid.area(), channels, CV_32F);
  int column = 0;
  for (const Feature& feature : features) {
    append(rows, column, feature, grid);
    column += feature.channels;
  }
  cv::theRNG().state = kSeed;
  cv::Mat labels;
  cv::kmeans(rows, clusters, labels,
             cv::TermCriteria(cv::TermCriteria::EPS + cv::TermCriteria::COUNT, kIterations, kPrecision), kAttempts,
             cv::KMEANS_PP_CENTERS);
  return enlarge(ordered_by_size(labels, clusters), grid, clusters, width, height);
}

}  // namespace ldznet
