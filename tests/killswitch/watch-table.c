/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run by tests/suites/killswitch-load: reads "?" lines and answers each with what the monitor
 * saw since the last one; exits at the end of its input. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "killswitch/monitor.h"

int
main (void)
{
  static const char *const words[] = { "quiet", "touched", "failed" };
  g_autoptr (GError) error = NULL;
  int fd = sysvpn_nft_monitor_open (&error);
  char line[16];

  if (fd < 0) {
    printf ("error %s\n", error->message);
    return 1;
  }
  printf ("open\n");
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL) {
    printf ("%s\n", words[sysvpn_nft_monitor_drain (fd)]);
    fflush (stdout);
  }
  close (fd);
  return 0;
}
