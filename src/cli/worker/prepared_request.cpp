#include "cli/worker/prepared_request.h"

#include <filesystem>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/sha256.h"
#include "cli/process/picture_errors.h"
#include "cli/process/system_errors.h"
#include "cli/segment/inputs.h"
#include "cli/worker/request.h"

namespace ldznet::cli {

namespace {

Input input_of(const PictureRequest& request) {
  if (request.encoded) return {"image_b64", {}, "image"};
  std::error_code error;
  if (std::filesystem::is_directory(request.picture, error))
    throw Error(ErrorCode::usage, request.picture + " is a folder", "A request is about one picture.");
  return find_inputs({.paths = {request.picture}, .recursive = false, .excluded = {}}).front();
}

void load_picture(PreparedRequest& prepared) {
  const Input& input = prepared.job.inputs.front();
  const std::string file = prepared.encoded ? "" : read_encoded(input);
  const auto bytes = std::as_bytes(std::span(prepared.encoded ? *prepared.encoded : file));
  prepared.sha256 = sha256_hex(bytes);
  prepared.picture = decode_picture(prepared.job, input, bytes);
}

}  // namespace

PreparedRequest prepare(const std::string& line, const SegmentCommand& defaults) {
  PictureRequest request = read_request(line, defaults);
  PreparedRequest prepared;
  prepared.id = request.id;
  prepared.refusal = request.error;
  if (prepared.refusal) return prepared;
  try {
    prepared.job = plan_job(request.command, input_of(request));
  } catch (const Error& error) {
    prepared.refusal = error;
  } catch (const std::system_error& error) {
    prepared.refusal = as_error(error);
  }
  prepared.encoded = std::move(request.encoded);
  return prepared;
}

std::future<PreparedRequest> load_later(PreparedRequest prepared) {
  return std::async(std::launch::async, [prepared = std::move(prepared)]() mutable {
    if (!prepared.refusal) prepared.error = error_of(prepared.job.inputs.front().name, [&] { load_picture(prepared); });
    return std::move(prepared);
  });
}

bool can_share(const PreparedRequest& first, const PreparedRequest& other) {
  if (first.refusal || other.refusal || first.job.plan || other.job.plan) return false;
  const auto seen_by_networks = [](const SegmentJob& job) {
    return std::tie(job.inputs.front().path, job.encode, job.segment, job.tiles);
  };
  return first.encoded == other.encoded && seen_by_networks(first.job) == seen_by_networks(other.job);
}

}  // namespace ldznet::cli
