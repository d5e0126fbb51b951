/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded into the loader by tests/suites/killswitch-load: somebody else who opens the table
 * right after a load and before it is read back, LATE_WRITES times, or with LATE_DEATH the
 * loader's own end there. A race that takes luck to hit from outside. */
#include <dlfcn.h>
#include <nftables/libnftables.h>
#include <signal.h>
#include <stdlib.h>

typedef int (*Run) (struct nft_ctx *nft, const char *buffer);

int
nft_run_cmd_from_buffer (struct nft_ctx *nft, const char *buffer)
{
  static int n_written;
  const char *limit = getenv ("LATE_WRITES");
  union {
    void *symbol;
    Run run;
  } real = { .symbol = dlsym (RTLD_NEXT, "nft_run_cmd_from_buffer") };
  int result = real.run (nft, buffer);

  if (getenv ("LATE_DEATH") != NULL)
    raise (SIGKILL);
  if (limit != NULL && n_written++ < atoi (limit))
    real.run (nft, "insert rule inet sysvpn forward accept");
  return result;
}
