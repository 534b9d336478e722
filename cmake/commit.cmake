# Writes the source OUTPUT with the commit of the git repository FOLDER. The file is left alone when nothing has changed.
set(commit "")
if(EXISTS ${FOLDER}/.git)
  execute_process(COMMAND git -C ${FOLDER} describe --always --dirty --abbrev=10 --exclude=*
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(source "namespace ldznet {
extern const char* const kCommit;
const char* const kCommit = \"${commit}\";
}  // namespace ldznet
")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT source STREQUAL before)
  file(WRITE ${OUTPUT} "${source}")
endif()
