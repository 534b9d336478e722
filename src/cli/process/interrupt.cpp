#include "cli/process/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace ldznet::cli {

namespace {

volatile std::sig_atomic_t received = 0;

}  // namespace

InterruptWatch::InterruptWatch() {
  struct sigaction action {};
  action.sa_handler = [](int number) { received = number; };
  action.sa_flags = SA_RESETHAND;  // without SA_RESTART, a blocking read returns with EINTR
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    // A shell starts background jobs with SIGINT ignored; leave it so.
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      ::sigaction(number, &action, nullptr);
  }
}

int InterruptWatch::signal() { return received; }

}  // namespace ldznet::cli
