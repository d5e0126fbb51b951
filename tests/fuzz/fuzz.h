/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What each target defines. @data is %NULL or any address when @size is 0. A target aborts when
 * what it tests does not hold. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
