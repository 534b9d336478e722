// Only the loader of a picture's own type sees its bytes, and none opens a file or an address.

#include "image/vips_picture.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "ldznet/error.h"
#include "ldznet/image.h"
#include "support/pictures.h"

namespace ldznet {
namespace {

const std::vector<std::string> kPictures = {"rgb.png",     "gray.jpg",          "rgb.webp", "rgb.bmp", "rgb.tiff",
                                            "chroma.tiff", "tiled-planes.tiff", "rgb.ppm",  "rgb.gif", "smooth.heic",
                                            "smooth.avif", "rgb.jxl",           "rgb.jp2"};

/// Decodes or refuses.
void decode(const std::string& content) {
  try {
    decode_image(test::bytes(content), "hostile");
  } catch (const Error&) {
  }
}

void* collect(GType type, void* allowed) {
  const auto* operation = static_cast<VipsOperationClass*>(g_type_class_ref(type));
  if (!G_TYPE_IS_ABSTRACT(type) && (operation->flags & VIPS_OPERATION_BLOCKED) == 0)
    static_cast<std::set<std::string>*>(allowed)->insert(g_type_name(type));
  return nullptr;
}

TEST(Vips, OnlyOurLoadersAreAllowed) {
  for (const std::string& name : kPictures) decode(test::picture(name));  // loads the modules, too
  std::set<std::string> allowed;
  vips_type_map_all(g_type_from_name("VipsForeign"), collect, &allowed);
  const std::set<std::string> expected = {"VipsForeignLoadHeifBuffer",  "VipsForeignLoadJp2kBuffer",
                                          "VipsForeignLoadJpegBuffer",  "VipsForeignLoadJxlBuffer",
                                          "VipsForeignLoadNsgifBuffer", "VipsForeignLoadPngBuffer",
                                          "VipsForeignLoadPpmSource",   "VipsForeignLoadTiffBuffer",
                                          "VipsForeignLoadWebpBuffer",  "VipsForeignSaveJpegBuffer"};
  EXPECT_EQ(allowed, expected);
  EXPECT_EQ(g_type_from_name("VipsForeignLoadMagickBuffer"), 0U);  // never even loaded
}

/// Ends the process with SIGSYS when any of its threads opens a file or a socket, or starts a program. False when that
/// cannot be set up.
bool forbid_files_and_sockets() {
  const auto number = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
  std::vector<sock_filter> filter = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number)};
  for (const unsigned call : {SYS_open, SYS_openat, SYS_creat, SYS_socket, SYS_connect, SYS_execve, SYS_execveat}) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));  // gVisor takes KILL_PROCESS for ALLOW
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

constexpr int kNoSeccomp = 77;
constexpr const char* kLocked = "LDZNET_TEST_LOCKED";  // variable: what the process without files and sockets does

/// Runs this program's test VipsLocked.Work in another process; `work` is what it does. Returns its status as waitpid
/// tells it. A mere copy of this process would lack the threads that libvips has started.
int run_locked(const std::string& work) {
  const pid_t child = fork();
  if (child == 0) {
    setenv(kLocked, work.c_str(), 1);
    execl("/proc/self/exe", "ldznet_tests", "--gtest_brief=1", "--gtest_filter=VipsLocked.Work", nullptr);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool was_stopped(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

/// Texts that some program takes as an order to read a file or an address.
const std::vector<std::string> kOrders = {
    "<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource>"
    "<SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
    "<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\"><VRTRasterBand dataType=\"Byte\" band=\"1\" subClass=\""
    "VRTRawRasterBand\"><SourceFilename>/vsicurl/http://127.0.0.1:9/a</SourceFilename></VRTRasterBand></VRTDataset>",
    "<?xml version=\"1.0\"?><svg xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"9\" height=\"9\">"
    "<image xlink:href=\"file:///etc/passwd\" width=\"9\" height=\"9\"/></svg>",
    "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg>&x;</svg>",
    "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'url(http://127.0.0.1:9/a)'\npop graphic-context\n",
    "<?xml version=\"1.0\"?><image><read filename=\"/etc/passwd\"/><write filename=\"a\"/></image>",
    "%PDF-1.4\n1 0 obj<</F(/etc/passwd)>>endobj\n",
    "%!PS\n(/etc/passwd) (r) file run\n",
    "http://127.0.0.1:9/a.png",
    "file:///etc/passwd",
    "/etc/passwd",
    "@/etc/passwd",
    "|cat /etc/passwd",
    "MSL:/etc/passwd",
    "text:/etc/passwd",
    "<GDAL_WMS><Service name=\"TMS\"><ServerUrl>http://127.0.0.1:9/</ServerUrl>"
    "</Service></GDAL_WMS>"};

/// Files around an order: alone, in every text-like place, and in pictures of every type.
std::vector<std::string> hostile_files() {
  std::vector<std::string> files;
  for (const std::string& order : kOrders) {
    files.push_back(order);
    for (const char* head : {"P5#", "P6#\n", "P5 9 9 255\n", "P1\n9 9\n", "P3 # ", "P7\n", "Pf\n", "GIF89a", "BM",
                             "II*", "\xFF\xD8\xFF\xFE", "RIFF\xFF\xFF\xFF\1WEBP", "\x89PNG\r\n\x1a\n"})
      files.push_back(head + order);
    for (const std::string& name : kPictures) {
      const std::string whole = test::picture(name);
      files.push_back(whole + order);
      files.push_back(whole.substr(0, whole.size() / 2) + order);
      files.push_back(std::string(whole).replace(std::min<std::size_t>(whole.size(), 60), order.size(), order));
    }
  }
  for (const std::string& name : kPictures) {
    std::string padded = test::picture(name);
    padded.resize(std::max<std::size_t>(padded.size(), 300));
    for (const auto& [at, mark] :
         {std::pair(128, "DICM"), {140, "DTED"}, {80, "UHL1"}, {0, "CDF\1"}, {0, "\x89HDF\r\n\x1a\n"}})
      files.push_back(std::string(padded).replace(static_cast<std::size_t>(at), std::string(mark).size(), mark));
  }
  return files;
}

TEST(VipsLocked, Work) {
  const char* work = std::getenv(kLocked);
  if (work == nullptr) GTEST_SKIP() << "run by Vips.NoPictureOpensAFileOrASocket";
  const std::vector<std::string> files = hostile_files();
  for (const std::string& name : kPictures)
    decode(test::picture(name));  // libraries are loaded when they are first needed
  if (!forbid_files_and_sockets()) _exit(kNoSeccomp);
  const std::string order = work;
  if (order == "file") std::ifstream("/etc/passwd").get();
  if (order == "socket") ::socket(AF_INET, SOCK_STREAM, 0);
  if (order == "decode")
    for (const std::string& file : files) decode(file);
  if (order.starts_with("decode ")) decode(files.at(std::stoul(order.substr(7))));
  _exit(0);
}

TEST(Vips, NoPictureOpensAFileOrASocket) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the child that is locked in hangs now and then under the thread sanitizer";
#endif
  const int nothing = run_locked("nothing");
  if (WIFEXITED(nothing) && WEXITSTATUS(nothing) == kNoSeccomp) GTEST_SKIP() << "no seccomp here";
  ASSERT_EQ(nothing, 0);
  if (!was_stopped(run_locked("file"))) GTEST_SKIP() << "seccomp filters are accepted here and have no effect";
  ASSERT_TRUE(was_stopped(run_locked("socket")));
  const std::vector<std::string> files = hostile_files();
  EXPECT_GT(files.size(), 700U);
  const int status = run_locked("decode");
  EXPECT_EQ(status, 0);
  for (std::size_t i = 0; status != 0 && i < files.size(); ++i)  // which one it was
    EXPECT_EQ(run_locked("decode " + std::to_string(i)), 0) << files[i].substr(0, 200);
}

}  // namespace
}  // namespace ldznet
