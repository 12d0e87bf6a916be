/* Files that shrink while they are mapped. */
#ifndef HW_CMD_LOST_PAGES_H
#define HW_CMD_LOST_PAGES_H

/* From now on, a page of a mapped file that is no longer there (somebody truncated the file, a disk fails to read it)
 * reads as zeros instead of ending us with SIGBUS: programs and debug files are mapped while others may write them,
 * and every reader of theirs takes any bytes. mmap(2), "SIGBUS". */
void hw_hold_lost_pages(void);

#endif
