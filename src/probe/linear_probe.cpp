#include "probe/linear_probe.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "ldznet/error.h"
#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr double kRidge = 1e-2;                  // relative to a standardised channel's variance
constexpr double kSmallestVariance = 3e-3;       // relative to the largest; directions below it are noise
constexpr std::int64_t kKeptValues = 4'000'000;  // feature values kept for fitting the curve: 16 MB
constexpr int kNewtonSteps = 50;

/// The feature as positions x (channels + 1); the last column is the constant 1.
cv::Mat rows_of(const Feature& feature) {
  const int positions = feature.height * feature.width;
  const cv::Mat planes(feature.channels, positions, CV_32F, const_cast<float*>(feature.values.data()));
  cv::Mat rows(positions, feature.channels + 1, CV_32F, cv::Scalar(1));
  cv::transpose(planes, rows.colRange(0, feature.channels));
  return rows;
}

/// The share of each of the feature's h * w positions that the mask covers, as a row.
cv::Mat coverage(const Mask& mask, const Feature& feature) {
  cv::Mat values, small;
  view(mask).convertTo(values, CV_32F);
  cv::resize(values, small, {feature.width, feature.height}, 0, 0, cv::INTER_AREA);
  return small.reshape(1, 1);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

Whitening::Whitening(const std::vector<std::vector<float>>& embeddings) {
  const int count = static_cast<int>(embeddings.size()), length = static_cast<int>(embeddings.front().size());
  cv::Mat all(count, length, CV_64F);
  for (int i = 0; i < count; ++i) std::copy(embeddings[i].begin(), embeddings[i].end(), all.ptr<double>(i));
  cv::Mat covariance, mean, values, vectors;
  cv::calcCovarMatrix(all, covariance, mean, cv::COVAR_NORMAL | cv::COVAR_ROWS | cv::COVAR_SCALE, CV_64F);
  cv::eigen(covariance, values, vectors);  // largest first
  const double largest = values.at<double>(0);
  while (dimensions_ < std::min(count - 1, length) && largest > 0 &&
         values.at<double>(dimensions_) > kSmallestVariance * largest)
    ++dimensions_;
  mean_.assign(mean.ptr<double>(), mean.ptr<double>() + length);
  for (int k = 0; k < dimensions_; ++k)
    for (int j = 0; j < length; ++j)
      rows_.push_back(vectors.at<double>(k, j) / std::sqrt(values.at<double>(k) * dimensions_));
}

std::vector<double> Whitening::operator()(const std::vector<float>& embedding) const {
  std::vector<double> direction(dimensions_, 0.0);
  const std::size_t length = mean_.size();
  for (std::size_t k = 0; k < direction.size(); ++k)
    for (std::size_t j = 0; j < length; ++j) direction[k] += rows_[k * length + j] * (embedding[j] - mean_[j]);
  return direction;
}

struct LinearProbe::Impl {
  cv::Mat xx, xy;                ///< sums of x x^T and x y^T, float64
  cv::Mat weights;               ///< (C + 1) x K
  double scale = 1, offset = 0;  ///< of the curve
  std::int64_t positions = 0;    ///< added so far
  std::int64_t stride = 1;       ///< every stride-th position is kept for the curve

  struct Kept {
    cv::Mat rows;                                 ///< positions x (C + 1)
    std::vector<std::vector<double>> directions;  ///< by phrase
    std::vector<cv::Mat> covered;                 ///< by phrase, a row of positions
  };
  std::vector<Kept> kept;

  /// Ridge regression on standardised channels; the constant is not regularised.
  void fit_regression() {
    const int n = xx.rows, channels = n - 1;
    const auto count = static_cast<double>(positions);
    std::vector<double> deviation(n, 1.0);
    for (int c = 0; c < channels; ++c) {
      const double mean = xx.at<double>(c, channels) / count;
      deviation[c] = std::sqrt(std::max(xx.at<double>(c, c) / count - mean * mean, 0.0)) + 1e-6;
    }
    cv::Mat a(n, n, CV_64F), b = xy.clone();
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) a.at<double>(i, j) = xx.at<double>(i, j) / (deviation[i] * deviation[j]);
      if (i < channels) a.at<double>(i, i) += kRidge * count;
      b.row(i) /= deviation[i];
    }
    if (!cv::solve(a, b, weights, cv::DECOMP_CHOLESKY)) cv::solve(a, b, weights, cv::DECOMP_SVD);
    for (int i = 0; i < n; ++i) weights.row(i) /= deviation[i];
  }

  /// The scores of the positions in `rows` for a direction, as a column.
  cv::Mat scores(const cv::Mat& rows, const std::vector<double>& direction) const {
    cv::Mat mapped, wide;
    mapped = weights * cv::Mat(direction, false).reshape(1, weights.cols);
    rows.convertTo(wide, CV_64F);
    return wide * mapped;
  }

  /// Newton's method on the mean cross-entropy of sigmoid(scale * score + offset).
  void fit_curve() {
    std::vector<double> s, m;
    for (const Kept& image : kept)
      for (std::size_t p = 0; p < image.directions.size(); ++p) {
        const cv::Mat column = scores(image.rows, image.directions[p]);
        s.insert(s.end(), column.begin<double>(), column.end<double>());
        m.insert(m.end(), image.covered[p].begin<float>(), image.covered[p].end<float>());
      }
    double mean = 0, square = 0;
    for (const double value : s) {
      mean += value / static_cast<double>(s.size());
      square += value * value / static_cast<double>(s.size());
    }
    const double deviation = std::sqrt(std::max(square - mean * mean, 1e-12));
    double a = 1, b = 0;  // of standardised scores
    for (int step = 0; step < kNewtonSteps; ++step) {
      double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
      for (std::size_t i = 0; i < s.size(); ++i) {
        const double x = (s[i] - mean) / deviation, p = sigmoid(a * x + b), w = p * (1 - p), r = p - m[i];
        ga += r * x;
        gb += r;
        haa += w * x * x;
        hab += w * x;
        hbb += w;
      }
      const double determinant = haa * hbb - hab * hab;
      if (determinant <= 0) break;
      const double da = (hbb * ga - hab * gb) / determinant, db = (haa * gb - hab * ga) / determinant;
      const double shrink = std::min(1.0, 2 / std::max({std::abs(da), std::abs(db), 1e-9}));  // no step beyond 2
      a -= shrink * da;
      b -= shrink * db;
      if (std::abs(da) + std::abs(db) < 1e-9) break;
    }
    scale = a / deviation;
    offset = b - a * mean / deviation;
  }
};

LinearProbe::LinearProbe(int channels, int dimensions, std::int64_t positions) : impl_(std::make_unique<Impl>()) {
  impl_->xx = cv::Mat::zeros(channels + 1, channels + 1, CV_64F);
  impl_->xy = cv::Mat::zeros(channels + 1, dimensions, CV_64F);
  impl_->stride = std::max<std::int64_t>(1, (positions * (channels + 1) + kKeptValues - 1) / kKeptValues);
}

LinearProbe::LinearProbe(LinearProbe&&) noexcept = default;
LinearProbe& LinearProbe::operator=(LinearProbe&&) noexcept = default;
LinearProbe::~LinearProbe() = default;

void LinearProbe::add(const Feature& feature, const LabelledImage& labelled) {
  Impl& own = *impl_;
  const cv::Mat rows = rows_of(feature);
  cv::Mat wide, targets = cv::Mat::zeros(rows.rows, own.xy.cols, CV_64F);
  rows.convertTo(wide, CV_64F);
  std::vector<cv::Mat> covered;
  for (std::size_t p = 0; p < labelled.masks.size(); ++p) {
    covered.push_back(coverage(labelled.masks[p], feature));
    cv::Mat share;
    covered.back().convertTo(share, CV_64F);
    targets += share.t() * cv::Mat(labelled.directions[p], true).t();
  }
  cv::gemm(wide, wide, 1, own.xx, 1, own.xx, cv::GEMM_1_T);
  cv::gemm(wide, targets, 1, own.xy, 1, own.xy, cv::GEMM_1_T);
  Impl::Kept kept{{}, labelled.directions, std::vector<cv::Mat>(covered.size())};
  const std::int64_t first = (own.stride - own.positions % own.stride) % own.stride;
  for (std::int64_t i = first; i < rows.rows; i += own.stride) {
    kept.rows.push_back(rows.row(static_cast<int>(i)));
    for (std::size_t p = 0; p < covered.size(); ++p) kept.covered[p].push_back(covered[p].col(static_cast<int>(i)));
  }
  own.positions += rows.rows;
  if (!kept.rows.empty()) own.kept.push_back(std::move(kept));
}

void LinearProbe::fit() {
  impl_->fit_regression();
  impl_->fit_curve();
  impl_->kept.clear();
}

Probability LinearProbe::probability(const Feature& feature, const std::vector<double>& direction) const {
  Probability probability{feature.width, feature.height, {}};
  for (const double score : cv::Mat_<double>(impl_->scores(rows_of(feature), direction)))
    probability.values.push_back(static_cast<float>(sigmoid(impl_->scale * score + impl_->offset)));
  return probability;
}

}  // namespace ldznet
