/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probe gives up before it reads the first byte. The unit's sandbox is stricter; this
 * holds also where the probe is started by something else. */
#include "probe/confine.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/**
 * sysvpn_confine:
 * @last_resort_s: after how many seconds the process is killed, whatever it does then
 *
 * No core file, no file written, few descriptors, no new privileges, no environment. RLIMIT_AS
 * is left alone: how much libcurl and its TLS map is the distribution's affair, and the unit
 * bounds the memory that is really used.
 *
 * Returns: %FALSE if the kernel refused any of it
 */
bool
sysvpn_confine (unsigned last_resort_s)
{
  const struct rlimit none = { 0, 0 };
  const struct rlimit few = { 32, 32 };

  if (setrlimit (RLIMIT_CORE, &none) != 0 || setrlimit (RLIMIT_FSIZE, &none) != 0 ||
      setrlimit (RLIMIT_NOFILE, &few) != 0)
    return false;
  /* proxies, certificates, key logs: libcurl and OpenSSL listen to many names */
  if (clearenv () != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return false;

  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* standard error may be a file */
  alarm (last_resort_s);
  return true;
}
