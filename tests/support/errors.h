#pragma once

#include <gtest/gtest.h>

#include "ldznet/error.h"

namespace ldznet::test {

/// The Error that `work` throws. A test failure when it throws none.
template <typename Work>
Error error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::internal, ""};
}

}  // namespace ldznet::test
