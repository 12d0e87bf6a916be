/* Functions nobody should call here, turned into compile errors that name the replacement.
 * Included in front of every file by the build (AM_CPPFLAGS). */
#ifndef HW_BASE_BANNED_H
#define HW_BASE_BANNED_H

#ifndef __cplusplus
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* Headers that mention the names below have to come first. */
#include <inttypes.h>

#define strcpy(dst, src) hw_banned_strcpy_use_hw_buf
#define strcat(dst, src) hw_banned_strcat_use_hw_buf
#define strncpy(dst, src, n) hw_banned_strncpy_use_hw_copy_text
#define strncat(dst, src, n) hw_banned_strncat_use_hw_buf
#define sprintf(...) hw_banned_sprintf_use_snprintf
#define vsprintf(...) hw_banned_vsprintf_use_vsnprintf
#define strtok(s, d) hw_banned_strtok_use_strsep
#define atoi(s) hw_banned_atoi_use_hw_parse_u64
#define atol(s) hw_banned_atol_use_hw_parse_u64
#define gmtime(t) hw_banned_gmtime_use_gmtime_r
#define localtime(t) hw_banned_localtime_use_localtime_r
#define ctime(t) hw_banned_ctime_use_strftime
#endif

#endif
